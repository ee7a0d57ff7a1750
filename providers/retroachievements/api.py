"""The upstream's web API, version 1, as the holder of one key sees it."""

from dataclasses import dataclass, field

from providers.errors import (
    CallerUnauthenticated,
    NotFound,
    Private,
    ProviderError,
    Retired,
    Unauthenticated,
    Unavailable,
)
from providers.kit.text import fingerprint
from providers.kit.upstream.decode import parse, unreadable
from providers.kit.upstream.upstream_client import Reply, Upstream
from providers.retroachievements.identifiers import SOURCE
from providers.retroachievements.models import Unprocessable

REFUSED = 400
UNAUTHORIZED = 401
NOT_FOUND = 404
GONE = 410
UNPROCESSABLE = 422
FAILING = 500


@dataclass(frozen=True)
class Credential:
    """A key and the account it belongs to. Only the key decides what may be seen."""

    username: str
    key: str = field(repr=False)
    is_callers: bool = False

    @property
    def scope(self) -> str:
        """The key's name in caches and gates."""
        return fingerprint(SOURCE, self.key)


@dataclass(frozen=True)
class WebApi:
    """The way to the calls; what each refusal means is told apart here."""

    upstream: Upstream = field(repr=False)
    credential: Credential
    url: str
    media_url: str

    async def ask(self, call: str, **parameters: str | int) -> Reply:
        """Ask one call; whatever is not an answer is raised."""
        reply = await self.upstream.read(
            f"{self.url}/API/API_{call}.php",
            params={
                "z": self.credential.username,
                "y": self.credential.key,
                **{name: str(value) for name, value in parameters.items()},
            },
        )
        if reply.status >= REFUSED:
            raise self._refusal(reply)
        return reply

    def _refusal(self, reply: Reply) -> ProviderError:
        if reply.status == UNAUTHORIZED:
            return self._unauthorized(reply)
        if reply.status == NOT_FOUND:
            return _absence(reply)
        if reply.status == GONE:
            return Retired("RetroAchievements has ended this.", source=SOURCE)
        if reply.status == UNPROCESSABLE:
            return _unprocessable(reply)
        if reply.status >= FAILING:
            return Unavailable("The source is failing.", source=SOURCE)
        return unreadable(SOURCE)

    def _unauthorized(self, reply: Reply) -> ProviderError:
        # What its owner does not show is refused like a wrong key, but without words.
        if is_nothing(reply):
            return Private("Its owner does not show this.", source=SOURCE)
        kind = CallerUnauthenticated if self.credential.is_callers else Unauthenticated
        return kind("RetroAchievements does not accept the key.", source=SOURCE)


def is_nothing(reply: Reply) -> bool:
    """Whether the body is `[]`: how PHP writes an empty map, and this API an unknown name or id."""
    return b"".join(reply.body[:100].split()) == b"[]"


def no_account() -> NotFound:
    """The error of a name that nobody has."""
    return NotFound("Nobody on RetroAchievements has this name.", source=SOURCE)


def no_title() -> NotFound:
    """The error of an id that no game has."""
    return NotFound("No game on RetroAchievements has this id.", source=SOURCE)


def _absence(reply: Reply) -> ProviderError:
    document: object = parse(reply.body, SOURCE)
    # An error document is about the call itself: no such file, no such method.
    is_about_call = isinstance(document, dict) and "errors" in document
    return unreadable(SOURCE) if is_about_call else no_account()


def _unprocessable(reply: Reply) -> ProviderError:
    refused = reply.decode(Unprocessable).errors
    if "u" in refused:
        return no_account()
    return no_title() if refused.keys() & {"g", "i"} else unreadable(SOURCE)
