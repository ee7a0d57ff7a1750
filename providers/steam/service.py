"""Which Steam credential a client uses: the operator's, or a caller's own."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from providers.kit.key_credential import KeyCredential, KeyCredentialReader
from providers.kit.rate_limiting.rate_limiter import Rate
from providers.kit.rate_limiting.settings import parse_concurrency, parse_rate
from providers.kit.text import hash_credential
from providers.kit.upstream.upstream_client import SharedServices, UpstreamClient
from providers.steam.address_block import AddressBlock
from providers.steam.api import SteamApi
from providers.steam.cached_api import CachedApi
from providers.steam.client import SteamClient
from providers.steam.identifiers import API_KEY_PATTERN, OWN_HANDLE_PATTERN, SOURCE

SETTINGS: Mapping[str, str] = {
    "STEAM_API_KEY": "",
    "STEAM_ID": "",
    "STEAM_URL": "https://api.steampowered.com",
    "STEAM_RATE": "100/60",
    "STEAM_CONCURRENCY": "4",
}
CREDENTIALS = KeyCredentialReader(
    source=SOURCE,
    handle_setting="STEAM_ID",
    key_setting="STEAM_API_KEY",
    handle_header="x-steam-id",
    key_header="x-steam-api-key",
    handle_pattern=OWN_HANDLE_PATTERN,
    key_pattern=API_KEY_PATTERN,
    is_handle_optional=True,
)
# Steam answers single calls with 429 at random, also the first one, without a time to wait.
FIRST_PAUSE = 1.0  # seconds, doubling
# The name of the rate of calls without a key, which counts for the server and not for a key.
KEYLESS_SCOPE = hash_credential(SOURCE, "")


@dataclass(frozen=True)
class SteamService:
    """Creates clients by credential."""

    services: SharedServices = field(repr=False)
    url: str
    rate: Rate
    concurrency: int
    operator_credential: KeyCredential | None
    address_block: AddressBlock = field(default_factory=AddressBlock, repr=False)

    @classmethod
    def from_settings(cls, services: SharedServices, settings: Mapping[str, str]) -> "SteamService":
        """Read the settings; a `ValueError` names the invalid one."""
        return cls(
            services=services,
            url=settings["STEAM_URL"].rstrip("/"),
            rate=replace(parse_rate(settings["STEAM_RATE"]), first_pause=FIRST_PAUSE),
            concurrency=parse_concurrency(settings["STEAM_CONCURRENCY"]),
            operator_credential=CREDENTIALS.read_settings(settings),
        )

    def get_operator_client(self) -> SteamClient | None:
        """Return the client of the configured key; without an id it has no own account."""
        return self._operator_client

    def create_caller_client(self, headers: Mapping[str, str]) -> SteamClient | None:
        """Return the client of the key in the headers; None when there is none."""
        return self._create_client(CREDENTIALS.read_headers(headers))

    @cached_property
    def _operator_client(self) -> SteamClient | None:
        return self._create_client(self.operator_credential)

    @cached_property
    def _keyless(self) -> UpstreamClient:
        return self._create_upstream(KEYLESS_SCOPE, is_caller=False)

    def _create_client(self, credential: KeyCredential | None) -> SteamClient | None:
        if credential is None:
            return None
        upstream = self._create_upstream(credential.scope, is_caller=credential.is_caller)
        api = SteamApi(upstream, self._keyless, self.address_block, credential, self.url)
        return SteamClient(CachedApi(api, self.services.cache))

    def _create_upstream(self, scope: str, *, is_caller: bool) -> UpstreamClient:
        return UpstreamClient(
            self.services, SOURCE, scope, self.rate, self.concurrency, is_caller=is_caller
        )
