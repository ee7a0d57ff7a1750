"""The upstream's web API, version 1, as the holder of one key sees it."""

from dataclasses import dataclass, field

from providers.errors import (
    CallerUnauthenticated,
    NotFound,
    Private,
    ProviderError,
    SourceRetired,
    Unauthenticated,
    Unavailable,
)
from providers.kit.text import hash_credential
from providers.kit.upstream.decode import build_unreadable_error, parse_json
from providers.kit.upstream.upstream_client import UpstreamClient, UpstreamResponse
from providers.retroachievements.identifiers import SOURCE
from providers.retroachievements.models import UnprocessableBody

FIRST_ERROR_STATUS = 400
UNAUTHORIZED = 401
NOT_FOUND = 404
GONE = 410
UNPROCESSABLE = 422
SERVER_ERROR = 500


@dataclass(frozen=True)
class Credential:
    """A key and the account it belongs to. Only the key decides what may be seen."""

    username: str
    key: str = field(repr=False)
    is_caller: bool = False

    @property
    def scope(self) -> str:
        """The key's name in caches and gates."""
        return hash_credential(SOURCE, self.key)


@dataclass(frozen=True)
class RetroAchievementsApi:
    """The way to the calls; what each refusal means is told apart here."""

    upstream: UpstreamClient = field(repr=False)
    credential: Credential
    url: str
    media_url: str

    async def get(self, endpoint: str, **parameters: str | int) -> UpstreamResponse:
        """Ask one call; whatever is not an answer is raised."""
        reply = await self.upstream.read(
            f"{self.url}/API/API_{endpoint}.php",
            params={
                "z": self.credential.username,
                "y": self.credential.key,
                **{name: str(value) for name, value in parameters.items()},
            },
        )
        if reply.status >= FIRST_ERROR_STATUS:
            raise self._map_error(reply)
        return reply

    def _map_error(self, reply: UpstreamResponse) -> ProviderError:
        if reply.status == UNAUTHORIZED:
            return self._map_unauthorized(reply)
        if reply.status == NOT_FOUND:
            return _map_not_found(reply)
        if reply.status == GONE:
            return SourceRetired("RetroAchievements has ended this.", source=SOURCE)
        if reply.status == UNPROCESSABLE:
            return _map_unprocessable(reply)
        if reply.status >= SERVER_ERROR:
            return Unavailable("The source is failing.", source=SOURCE)
        return build_unreadable_error(SOURCE)

    def _map_unauthorized(self, reply: UpstreamResponse) -> ProviderError:
        # What its owner does not show is refused like a wrong key, but without words.
        if is_empty_list(reply):
            return Private("Its owner does not show this.", source=SOURCE)
        error_class = CallerUnauthenticated if self.credential.is_caller else Unauthenticated
        return error_class("RetroAchievements does not accept the key.", source=SOURCE)


def is_empty_list(reply: UpstreamResponse) -> bool:
    """Whether the body is `[]`: how PHP writes an empty map, and this API an unknown name or id."""
    return b"".join(reply.body[:100].split()) == b"[]"


def build_account_not_found() -> NotFound:
    """The error of a name that nobody has."""
    return NotFound("Nobody on RetroAchievements has this name.", source=SOURCE)


def build_title_not_found() -> NotFound:
    """The error of an id that no game has."""
    return NotFound("No game on RetroAchievements has this id.", source=SOURCE)


def _map_not_found(reply: UpstreamResponse) -> ProviderError:
    document: object = parse_json(reply.body, SOURCE)
    # An error document is about the call itself: no such file, no such method.
    is_about_call = isinstance(document, dict) and "errors" in document
    return build_unreadable_error(SOURCE) if is_about_call else build_account_not_found()


def _map_unprocessable(reply: UpstreamResponse) -> ProviderError:
    invalid_parameters = reply.decode(UnprocessableBody).errors
    if "u" in invalid_parameters:
        return build_account_not_found()
    return (
        build_title_not_found()
        if invalid_parameters.keys() & {"g", "i"}
        else build_unreadable_error(SOURCE)
    )
