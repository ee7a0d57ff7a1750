"""The application API with one key: its paths, and what its refusals mean."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx

from providers.errors import NotFound, Private, ProviderError, Unauthenticated, Unavailable
from providers.kit.text import segment
from providers.kit.upstream.decode import unreadable
from providers.kit.upstream.upstream_client import Reply, Upstream

T = TypeVar("T")

SOURCE = "TROPHY_SO"

BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, NOT_FOUND, UNPROCESSABLE = 400, 401, 403, 404, 422
FAILING = 500


@dataclass(frozen=True)
class Api:
    """Reads; what cannot be read raises. A refused key is `Unauthenticated`, whoever's it is."""

    upstream: Upstream = field(repr=False)
    base: str
    key: str = field(repr=False)

    async def user(
        self, user_id: str, part: str, kind: type[T], params: Mapping[str, str] | None = None
    ) -> T:
        """Something of one user; `part` is what follows the user's own path."""
        reply = await self._read(f"/users/{segment(user_id)}{part}", params)
        refused = _refusal(reply) or _user_refusal(reply)
        return _decoded(reply, refused, kind)

    async def catalogue(self) -> None:
        """Look at the account's achievements, which need no user."""
        reply = await self._read("/achievements", None)
        forbidden = _unauthenticated() if reply.status == FORBIDDEN else None
        _decoded(reply, _refusal(reply) or forbidden, list[Any])

    async def _read(self, path: str, params: Mapping[str, str] | None) -> Reply:
        headers = {"X-API-KEY": self.key}
        return await self.upstream.read(self.base + path, params=params, headers=headers)


def _decoded(reply: Reply, refused: ProviderError | None, kind: type[T]) -> T:
    if refused is not None:
        raise refused
    if not httpx.codes.is_success(reply.status):
        raise unreadable(SOURCE)
    return reply.decode(kind)


def _refusal(reply: Reply) -> ProviderError | None:
    if reply.status == UNAUTHORIZED:
        return _unauthenticated()
    if reply.status >= FAILING:
        return Unavailable("The source is failing.", source=SOURCE)
    return None


def _user_refusal(reply: Reply) -> ProviderError | None:
    """A page of the edge says nothing about a user; the service itself answers in JSON."""
    if not reply.is_json:
        return None
    if reply.status == FORBIDDEN:
        return Private("This key is not allowed to see this user.", source=SOURCE)
    # An id that the source finds malformed is an id that nobody has.
    if reply.status in (NOT_FOUND, BAD_REQUEST, UNPROCESSABLE):
        return NotFound("Nobody has this user id.", source=SOURCE)
    return None


def _unauthenticated() -> Unauthenticated:
    return Unauthenticated("The source does not accept the API key.", source=SOURCE)
