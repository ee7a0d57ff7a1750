"""RetroAchievements' web API (version 1) with one key: paced calls, refusals raised as errors."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import cast

from providers.errors import (
    Missing,
    NotFound,
    Private,
    ProviderError,
    SourceRetired,
    Unavailable,
)
from providers.kit.key_credential import KeyCredential
from providers.kit.paging.limit_refused import build_limit_refused
from providers.kit.upstream.decode import build_unreadable_error, parse_json
from providers.kit.upstream.upstream_client import UpstreamClient, UpstreamResponse
from providers.retroachievements.identifiers import SOURCE
from providers.retroachievements.models import UnprocessableBody

FIRST_ERROR_STATUS = 400
UNAUTHORIZED, NOT_FOUND, GONE, URI_TOO_LONG, UNPROCESSABLE = 401, 404, 410, 414, 422
SERVER_ERROR = 500
MAX_LIMIT = 1000  # larger numbers in a text are ids


@dataclass(frozen=True)
class RetroAchievementsApi:
    """Calls to RetroAchievements with one credential, the operator's or a caller's."""

    upstream: UpstreamClient = field(repr=False)
    credential: KeyCredential
    url: str
    media_url: str

    async def get(self, endpoint: str, **parameters: str | int) -> UpstreamResponse:
        """Call an endpoint, such as `GetGame`; raise the error that a refusal means."""
        return self._require_success(await self._send(endpoint, parameters))

    async def find(self, endpoint: str, **parameters: str | int) -> UpstreamResponse | None:
        """Call an endpoint that refuses a list without rows; None for such a list."""
        reply = await self._send(endpoint, parameters)
        is_empty = reply.status == UNPROCESSABLE and _says_no_rows(reply)
        return None if is_empty else self._require_success(reply)

    async def _send(self, endpoint: str, parameters: Mapping[str, str | int]) -> UpstreamResponse:
        return await self.upstream.read(
            f"{self.url}/API/API_{endpoint}.php",
            params={
                "z": self.credential.own_handle,
                "y": self.credential.key,
                **{name: str(value) for name, value in parameters.items()},
            },
        )

    async def verify_key(self) -> None:
        """Load the own profile; raise for a rejected key, whose holder's name does not matter."""
        with suppress(Missing):
            await self.get("GetUserProfile", u=self.credential.own_handle)

    def _require_success(self, reply: UpstreamResponse) -> UpstreamResponse:
        if reply.status >= FIRST_ERROR_STATUS:
            raise self._map_error(reply)
        return reply

    def _map_error(self, reply: UpstreamResponse) -> ProviderError:
        if reply.status == UNAUTHORIZED:
            return self._map_unauthorized(reply)
        if reply.status in ERROR_BUILDERS:
            return ERROR_BUILDERS[reply.status](reply)
        if reply.status >= SERVER_ERROR:
            return Unavailable("The source is failing.", source=SOURCE)
        return build_unreadable_error(SOURCE)

    def _map_unauthorized(self, reply: UpstreamResponse) -> ProviderError:
        # Data that their owner hides are refused like a wrong key, but with an empty body.
        if is_empty_list(reply):
            return Private("Its owner does not show this.", source=SOURCE)
        return self.credential.build_rejection()


def is_empty_list(reply: UpstreamResponse) -> bool:
    """Return whether the body is `[]`.

    PHP writes an empty map so, and this API sends it for an unknown name or id.
    """
    return b"".join(reply.json_text[:100].split()) == b"[]"


def _says_no_rows(reply: UpstreamResponse) -> bool:
    # A mistake in a parameter is refused with a document, and these with a list of one text.
    document: object = parse_json(reply.json_text, SOURCE)
    return isinstance(document, list) and any(
        "no leaderboards" in str(text).lower() for text in cast("list[object]", document)
    )


def build_account_not_found() -> NotFound:
    """Build the error of an unknown name."""
    return NotFound("No account on RetroAchievements has this name.", source=SOURCE)


def build_title_not_found() -> NotFound:
    """Build the error of an unknown game id."""
    return NotFound("No game on RetroAchievements has this id.", source=SOURCE)


def _map_not_found(reply: UpstreamResponse) -> ProviderError:
    document: object = parse_json(reply.json_text, SOURCE)
    # A document with errors is about the call itself: no such file, no such method.
    is_about_call = isinstance(document, dict) and "errors" in document
    return build_unreadable_error(SOURCE) if is_about_call else build_account_not_found()


def _map_unprocessable(reply: UpstreamResponse) -> ProviderError:
    invalid_parameters = reply.decode(UnprocessableBody).errors
    texts = [str(invalid_parameters[name]) for name in invalid_parameters.keys() & {"c", "i"}]
    refusal = build_limit_refused(" ".join(texts), SOURCE)
    # A page size, or a list of ids; about a single id there is no such number in the text.
    if "c" in invalid_parameters or any(1 < number < MAX_LIMIT for number in refusal.numbers):
        return refusal
    if "u" in invalid_parameters:
        return build_account_not_found()
    if invalid_parameters.keys() & {"g", "i"}:
        return build_title_not_found()
    return build_unreadable_error(SOURCE)


def _map_gone(_reply: UpstreamResponse) -> ProviderError:
    return SourceRetired("RetroAchievements has ended this.", source=SOURCE)


def _map_too_long(_reply: UpstreamResponse) -> ProviderError:
    return build_limit_refused("", SOURCE)


ERROR_BUILDERS: dict[int, Callable[[UpstreamResponse], ProviderError]] = {
    NOT_FOUND: _map_not_found,
    GONE: _map_gone,
    URI_TOO_LONG: _map_too_long,
    UNPROCESSABLE: _map_unprocessable,
}
