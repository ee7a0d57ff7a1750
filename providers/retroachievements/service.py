"""RetroAchievements as long as the server lives: whose key is used, and how fast."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from providers.errors import CallerUnauthenticated
from providers.kit.rate_limiting.rate_limiter import Rate
from providers.kit.rate_limiting.settings import concurrency, rate
from providers.kit.text import https
from providers.kit.upstream.upstream_client import Kit, Upstream
from providers.retroachievements.api import Credential, WebApi
from providers.retroachievements.cached_api import View
from providers.retroachievements.client import RetroAchievementsClient
from providers.retroachievements.identifiers import HANDLE, KEY, SOURCE

USERNAME_HEADER = "x-retroachievements-username"
KEY_HEADER = "x-retroachievements-api-key"
CREDENTIAL_HEADERS = frozenset({USERNAME_HEADER, KEY_HEADER})

SETTINGS: Mapping[str, str] = {
    "RETROACHIEVEMENTS_USERNAME": "",
    "RETROACHIEVEMENTS_API_KEY": "",
    "RETROACHIEVEMENTS_URL": "https://retroachievements.org",
    "RETROACHIEVEMENTS_MEDIA_URL": "https://media.retroachievements.org",
    "RETROACHIEVEMENTS_RATE": "60/60",
    "RETROACHIEVEMENTS_CONCURRENCY": "4",
}


@dataclass(frozen=True)
class RetroAchievementsService:
    """Makes a client of a key."""

    kit: Kit = field(repr=False)
    url: str
    media_url: str
    rate: Rate
    concurrency: int
    configured: Credential | None

    @classmethod
    def of(cls, kit: Kit, settings: Mapping[str, str]) -> "RetroAchievementsService":
        """Read the settings; `ValueError` names the one that cannot be right."""
        return cls(
            kit=kit,
            url=_address(settings, "RETROACHIEVEMENTS_URL"),
            media_url=_address(settings, "RETROACHIEVEMENTS_MEDIA_URL"),
            rate=rate(settings, "RETROACHIEVEMENTS_RATE"),
            concurrency=concurrency(settings, "RETROACHIEVEMENTS_CONCURRENCY"),
            configured=_configured(settings),
        )

    def operator(self) -> RetroAchievementsClient | None:
        """The client with the configured key."""
        return None if self.configured is None else self._client(self.configured)

    def caller(self, headers: Mapping[str, str]) -> RetroAchievementsClient | None:
        """The client with the key in the headers."""
        if headers.get(USERNAME_HEADER) is None and headers.get(KEY_HEADER) is None:
            return None
        for name, pattern in ((USERNAME_HEADER, HANDLE), (KEY_HEADER, KEY)):
            if pattern.fullmatch(headers.get(name, "")) is None:
                message = f"The header {name} is missing or malformed."
                raise CallerUnauthenticated(message, source=SOURCE)
        credential = Credential(headers[USERNAME_HEADER], headers[KEY_HEADER], is_callers=True)
        return self._client(credential)

    def _client(self, credential: Credential) -> RetroAchievementsClient:
        upstream = Upstream(self.kit, SOURCE, credential.scope, self.rate, self.concurrency)
        api = WebApi(upstream, credential, self.url, self.media_url)
        return RetroAchievementsClient(View(api, self.kit.cache))


def _address(settings: Mapping[str, str], name: str) -> str:
    if https(settings[name]) is None:
        raise ValueError(f"{name} is not an address.")
    return settings[name].rstrip("/")


def _configured(settings: Mapping[str, str]) -> Credential | None:
    username = settings["RETROACHIEVEMENTS_USERNAME"]
    key = settings["RETROACHIEVEMENTS_API_KEY"]
    if not username or not key:
        return None
    if HANDLE.fullmatch(username) is None:
        raise ValueError("RETROACHIEVEMENTS_USERNAME is not a user name.")
    if KEY.fullmatch(key) is None:
        raise ValueError("RETROACHIEVEMENTS_API_KEY holds characters that no key has.")
    return Credential(username, key)
