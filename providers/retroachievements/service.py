"""RetroAchievements as long as the server lives: whose key is used, and how fast."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from providers.errors import CallerUnauthenticated
from providers.kit.rate_limiting.rate_limiter import Rate
from providers.kit.rate_limiting.settings import read_concurrency, read_rate
from providers.kit.text import sanitize_url
from providers.kit.upstream.upstream_client import SharedServices, UpstreamClient
from providers.retroachievements.api import Credential, RetroAchievementsApi
from providers.retroachievements.cached_api import CachedApi
from providers.retroachievements.client import RetroAchievementsClient
from providers.retroachievements.identifiers import API_KEY_PATTERN, HANDLE_PATTERN, SOURCE

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

    services: SharedServices = field(repr=False)
    url: str
    media_url: str
    rate: Rate
    concurrency: int
    configured_credential: Credential | None

    @classmethod
    def from_settings(
        cls, services: SharedServices, settings: Mapping[str, str]
    ) -> "RetroAchievementsService":
        """Read the settings; `ValueError` names the one that cannot be right."""
        return cls(
            services=services,
            url=_read_url(settings, "RETROACHIEVEMENTS_URL"),
            media_url=_read_url(settings, "RETROACHIEVEMENTS_MEDIA_URL"),
            rate=read_rate(settings, "RETROACHIEVEMENTS_RATE"),
            concurrency=read_concurrency(settings, "RETROACHIEVEMENTS_CONCURRENCY"),
            configured_credential=_read_credential(settings),
        )

    def get_operator_client(self) -> RetroAchievementsClient | None:
        """The client with the configured key."""
        return (
            None
            if self.configured_credential is None
            else self._create_client(self.configured_credential)
        )

    def create_caller_client(self, headers: Mapping[str, str]) -> RetroAchievementsClient | None:
        """The client with the key in the headers."""
        if headers.get(USERNAME_HEADER) is None and headers.get(KEY_HEADER) is None:
            return None
        for name, pattern in ((USERNAME_HEADER, HANDLE_PATTERN), (KEY_HEADER, API_KEY_PATTERN)):
            if pattern.fullmatch(headers.get(name, "")) is None:
                message = f"The header {name} is missing or malformed."
                raise CallerUnauthenticated(message, source=SOURCE)
        credential = Credential(headers[USERNAME_HEADER], headers[KEY_HEADER], is_caller=True)
        return self._create_client(credential)

    def _create_client(self, credential: Credential) -> RetroAchievementsClient:
        upstream = UpstreamClient(
            self.services, SOURCE, credential.scope, self.rate, self.concurrency
        )
        api = RetroAchievementsApi(upstream, credential, self.url, self.media_url)
        return RetroAchievementsClient(CachedApi(api, self.services.cache))


def _read_url(settings: Mapping[str, str], name: str) -> str:
    if sanitize_url(settings[name]) is None:
        raise ValueError(f"{name} is not an address.")
    return settings[name].rstrip("/")


def _read_credential(settings: Mapping[str, str]) -> Credential | None:
    username = settings["RETROACHIEVEMENTS_USERNAME"]
    key = settings["RETROACHIEVEMENTS_API_KEY"]
    if not username or not key:
        return None
    if HANDLE_PATTERN.fullmatch(username) is None:
        raise ValueError("RETROACHIEVEMENTS_USERNAME is not a user name.")
    if API_KEY_PATTERN.fullmatch(key) is None:
        raise ValueError("RETROACHIEVEMENTS_API_KEY holds characters that no key has.")
    return Credential(username, key)
