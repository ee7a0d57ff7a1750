"""Which Trophy.so credential a client uses: the operator's, or a caller's own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from providers.kit.key_credential import KeyCredential, KeyCredentialReader
from providers.kit.rate_limiting.rate_limiter import Rate
from providers.kit.rate_limiting.settings import parse_concurrency, parse_rate
from providers.kit.upstream.upstream_client import SharedServices, UpstreamClient
from providers.trophy_so.api import TrophySoApi
from providers.trophy_so.cached_api import CachedApi
from providers.trophy_so.client import TrophySoClient
from providers.trophy_so.identifiers import API_KEY_PATTERN, SOURCE, USER_ID_PATTERN

SETTINGS: Mapping[str, str] = {
    "TROPHY_SO_API_KEY": "",
    "TROPHY_SO_USER_ID": "",
    "TROPHY_SO_WEBHOOK_SECRET": "",
    "TROPHY_SO_URL": "https://api.trophy.so/v1",
    "TROPHY_SO_RATE": "40/1",
    "TROPHY_SO_CONCURRENCY": "8",
}
CREDENTIALS = KeyCredentialReader(
    source=SOURCE,
    handle_setting="TROPHY_SO_USER_ID",
    key_setting="TROPHY_SO_API_KEY",
    handle_header="x-trophy-so-user-id",
    key_header="x-trophy-so-api-key",
    handle_pattern=USER_ID_PATTERN,
    key_pattern=API_KEY_PATTERN,
    is_handle_optional=True,
)


@dataclass(frozen=True)
class TrophySoService:
    """Creates clients by credential."""

    services: SharedServices = field(repr=False)
    url: str
    rate: Rate
    concurrency: int
    operator_credential: KeyCredential | None

    @classmethod
    def from_settings(
        cls, services: SharedServices, settings: Mapping[str, str]
    ) -> "TrophySoService":
        """Read the settings; a `ValueError` names the invalid one."""
        return cls(
            services=services,
            url=settings["TROPHY_SO_URL"].rstrip("/"),
            rate=parse_rate(settings["TROPHY_SO_RATE"]),
            concurrency=parse_concurrency(settings["TROPHY_SO_CONCURRENCY"]),
            operator_credential=CREDENTIALS.read_settings(settings),
        )

    def get_operator_client(self) -> TrophySoClient | None:
        """Return the client of the configured key; without a user id it has no own account."""
        return self._operator_client

    def create_caller_client(self, headers: Mapping[str, str]) -> TrophySoClient | None:
        """Return the client of the key in the headers; None when there is none."""
        return self._create_client(CREDENTIALS.read_headers(headers))

    @cached_property
    def _operator_client(self) -> TrophySoClient | None:
        return self._create_client(self.operator_credential)

    def _create_client(self, credential: KeyCredential | None) -> TrophySoClient | None:
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
        api = TrophySoApi(upstream, credential, self.url)
        return TrophySoClient(CachedApi(api, self.services.cache))
