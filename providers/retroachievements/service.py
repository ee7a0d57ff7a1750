"""Which RetroAchievements credential a client uses: the operator's, or a caller's own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from providers.kit.key_credential import KeyCredential, KeyCredentialReader
from providers.kit.rate_limiting.rate_limiter import Rate
from providers.kit.rate_limiting.settings import parse_concurrency, parse_rate
from providers.kit.text import sanitize_url
from providers.kit.upstream.upstream_client import SharedServices, UpstreamClient
from providers.retroachievements.api import RetroAchievementsApi
from providers.retroachievements.cached_api import CachedApi
from providers.retroachievements.client import RetroAchievementsClient
from providers.retroachievements.identifiers import API_KEY_PATTERN, HANDLE_PATTERN, SOURCE

SETTINGS: Mapping[str, str] = {
    "RETROACHIEVEMENTS_USERNAME": "",
    "RETROACHIEVEMENTS_API_KEY": "",
    "RETROACHIEVEMENTS_URL": "https://retroachievements.org",
    "RETROACHIEVEMENTS_MEDIA_URL": "https://media.retroachievements.org",
    "RETROACHIEVEMENTS_RATE": "60/60",
    "RETROACHIEVEMENTS_CONCURRENCY": "4",
}
CREDENTIALS = KeyCredentialReader(
    source=SOURCE,
    handle_setting="RETROACHIEVEMENTS_USERNAME",
    key_setting="RETROACHIEVEMENTS_API_KEY",
    handle_header="x-retroachievements-username",
    key_header="x-retroachievements-api-key",
    handle_pattern=HANDLE_PATTERN,
    key_pattern=API_KEY_PATTERN,
)


@dataclass(frozen=True)
class RetroAchievementsService:
    """Creates clients by credential."""

    services: SharedServices = field(repr=False)
    url: str
    media_url: str
    rate: Rate
    concurrency: int
    operator_credential: KeyCredential | None

    @classmethod
    def from_settings(
        cls, services: SharedServices, settings: Mapping[str, str]
    ) -> "RetroAchievementsService":
        """Read the settings; a `ValueError` names the invalid one."""
        return cls(
            services=services,
            url=_read_url(settings, "RETROACHIEVEMENTS_URL"),
            media_url=_read_url(settings, "RETROACHIEVEMENTS_MEDIA_URL"),
            rate=parse_rate(settings["RETROACHIEVEMENTS_RATE"]),
            concurrency=parse_concurrency(settings["RETROACHIEVEMENTS_CONCURRENCY"]),
            operator_credential=CREDENTIALS.read_settings(settings),
        )

    def get_operator_client(self) -> RetroAchievementsClient | None:
        """Return the client of the configured key."""
        return self._operator_client

    def create_caller_client(self, headers: Mapping[str, str]) -> RetroAchievementsClient | None:
        """Return the client of the key in the headers; None when there is none."""
        return self._create_client(CREDENTIALS.read_headers(headers))

    @cached_property
    def _operator_client(self) -> RetroAchievementsClient | None:
        return self._create_client(self.operator_credential)

    def _create_client(self, credential: KeyCredential | None) -> RetroAchievementsClient | None:
        if credential is None:
            return None
        upstream = UpstreamClient(
            self.services,
            SOURCE,
            credential.scope,
            self.rate,
            self.concurrency,
            is_caller=credential.is_caller,
        )
        api = RetroAchievementsApi(upstream, credential, self.url, self.media_url)
        return RetroAchievementsClient(CachedApi(api, self.services.cache))


def _read_url(settings: Mapping[str, str], name: str) -> str:
    if sanitize_url(settings[name]) is None:
        raise ValueError(f"{name} is not an address.")
    return settings[name].rstrip("/")
