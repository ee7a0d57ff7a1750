"""The application API with one key: its paths, and what its refusals mean."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx

from providers.errors import NotFound, Private, ProviderError, Unauthenticated, Unavailable
from providers.kit.text import quote_segment
from providers.kit.upstream.decode import build_unreadable_error
from providers.kit.upstream.upstream_client import UpstreamClient, UpstreamResponse

T = TypeVar("T")

SOURCE = "TROPHY_SO"

BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, NOT_FOUND, UNPROCESSABLE = 400, 401, 403, 404, 422
SERVER_ERROR = 500


@dataclass(frozen=True)
class TrophySoApi:
    """Reads; what cannot be read raises. A refused key is `Unauthenticated`, whoever's it is."""

    upstream: UpstreamClient = field(repr=False)
    base_url: str
    api_key: str = field(repr=False)

    async def get_user_resource(
        self, user_id: str, path: str, model: type[T], params: Mapping[str, str] | None = None
    ) -> T:
        """Something of one user; `part` is what follows the user's own path."""
        reply = await self._get(f"/users/{quote_segment(user_id)}{path}", params)
        error = _map_error(reply) or _map_user_error(reply)
        return _decode(reply, error, model)

    async def verify_key(self) -> None:
        """Look at the account's achievements, which need no user."""
        reply = await self._get("/achievements", None)
        forbidden = _build_unauthenticated() if reply.status == FORBIDDEN else None
        _decode(reply, _map_error(reply) or forbidden, list[Any])

    async def _get(self, path: str, params: Mapping[str, str] | None) -> UpstreamResponse:
        headers = {"X-API-KEY": self.api_key}
        return await self.upstream.read(self.base_url + path, params=params, headers=headers)


def _decode(reply: UpstreamResponse, error: ProviderError | None, model: type[T]) -> T:
    if error is not None:
        raise error
    if not httpx.codes.is_success(reply.status):
        raise build_unreadable_error(SOURCE)
    return reply.decode(model)


def _map_error(reply: UpstreamResponse) -> ProviderError | None:
    if reply.status == UNAUTHORIZED:
        return _build_unauthenticated()
    if reply.status >= SERVER_ERROR:
        return Unavailable("The source is failing.", source=SOURCE)
    return None


def _map_user_error(reply: UpstreamResponse) -> ProviderError | None:
    """A page of the edge says nothing about a user; the service itself answers in JSON."""
    if not reply.is_json:
        return None
    if reply.status == FORBIDDEN:
        return Private("This key is not allowed to see this user.", source=SOURCE)
    # An id that the source finds malformed is an id that nobody has.
    if reply.status in (NOT_FOUND, BAD_REQUEST, UNPROCESSABLE):
        return NotFound("Nobody has this user id.", source=SOURCE)
    return None


def _build_unauthenticated() -> Unauthenticated:
    return Unauthenticated("The source does not accept the API key.", source=SOURCE)
