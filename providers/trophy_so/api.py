"""Trophy.so's application API with one key: signed and paced calls, refusals raised as errors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlencode

import httpx

from providers.errors import NotFound, Private, ProviderError, Unavailable
from providers.kit.key_credential import KeyCredential
from providers.kit.text import quote_segment
from providers.kit.upstream.decode import build_unreadable_error
from providers.kit.upstream.upstream_client import UpstreamClient, UpstreamResponse
from providers.trophy_so.identifiers import SOURCE
from providers.trophy_so.models import ListedStreak

T = TypeVar("T")

BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, NOT_FOUND, UNPROCESSABLE = 400, 401, 403, 404, 422
SERVER_ERROR = 500


@dataclass(frozen=True)
class TrophySoApi:
    """Calls to Trophy.so with one credential, the operator's or a caller's."""

    upstream: UpstreamClient = field(repr=False)
    credential: KeyCredential
    url: str

    async def get_user_resource(
        self, user_id: str, path: str, model: type[T], params: Mapping[str, str] | None = None
    ) -> T:
        """Return a user's resource; `path` follows the user's own and is empty for the user."""
        reply = await self._get(f"/users/{quote_segment(user_id)}{path}", params)
        return _decode(reply, self._map_error(reply) or _map_user_error(reply), model)

    async def list_streaks(self, user_ids: Sequence[str]) -> list[ListedStreak]:
        """Return the streaks of up to a hundred users; unknown ones are left out."""
        query = urlencode([("userIds", user_id) for user_id in user_ids])
        reply = await self._get(f"/streaks?{query}", None)
        return _decode(reply, self._map_error(reply) or _map_user_error(reply), list[ListedStreak])

    async def verify_key(self) -> None:
        """Read the application's achievements, which need no user; raise for a refused key."""
        reply = await self._get("/achievements", None)
        forbidden = self.credential.build_rejection() if reply.status == FORBIDDEN else None
        _decode(reply, self._map_error(reply) or forbidden, list[Any])

    async def _get(self, path: str, params: Mapping[str, str] | None) -> UpstreamResponse:
        headers = {"X-API-KEY": self.credential.key}
        return await self.upstream.read(self.url + path, params=params, headers=headers)

    def _map_error(self, reply: UpstreamResponse) -> ProviderError | None:
        if reply.status == UNAUTHORIZED:
            return self.credential.build_rejection()
        if reply.status >= SERVER_ERROR:
            return Unavailable("The source is failing.", source=SOURCE)
        return None


def _decode(reply: UpstreamResponse, error: ProviderError | None, model: type[T]) -> T:
    if error is not None:
        raise error
    if not httpx.codes.is_success(reply.status):
        raise build_unreadable_error(SOURCE)
    return reply.decode(model)


def _map_user_error(reply: UpstreamResponse) -> ProviderError | None:
    # The service answers in JSON; an HTML page comes from the CDN and says nothing about a user.
    if not reply.is_json:
        return None
    if reply.status == FORBIDDEN:
        return Private("This key is not allowed to see this user.", source=SOURCE)
    # The upstream rejects ids that it finds malformed, and no user has such an id.
    if reply.status in (NOT_FOUND, BAD_REQUEST, UNPROCESSABLE):
        return NotFound("No user has this id.", source=SOURCE)
    return None
