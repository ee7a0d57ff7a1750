"""Which OpenXBL key a client uses: the operator's, or a caller's own."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from providers.kit.key_credential import KeyCredential, KeyCredentialReader
from providers.kit.rate_limiting.rate_limiter import Rate
from providers.kit.rate_limiting.settings import parse_concurrency, parse_rate
from providers.kit.upstream.upstream_client import SharedServices, UpstreamClient
from providers.xbox.api import XboxApi
from providers.xbox.cached_api import CachedApi
from providers.xbox.client import XboxClient
from providers.xbox.identifiers import API_KEY_PATTERN, SOURCE

SETTINGS: Mapping[str, str] = {
    "XBOX_API_KEY": "",
    "XBOX_URL": "https://xbl.io/api/v2",
    "XBOX_RATE": "150/3600",
    "XBOX_CONCURRENCY": "2",
}
CREDENTIALS = KeyCredentialReader(
    source=SOURCE,
    key_setting="XBOX_API_KEY",
    key_header="x-xbox-api-key",
    key_pattern=API_KEY_PATTERN,
)
# Background calls stop before these last ones of an hour.
RESERVE = 20


@dataclass(frozen=True)
class XboxService:
    """Creates clients by credential."""

    services: SharedServices = field(repr=False)
    url: str
    rate: Rate
    concurrency: int
    operator_credential: KeyCredential | None

    @classmethod
    def from_settings(cls, services: SharedServices, settings: Mapping[str, str]) -> "XboxService":
        """Read the settings; a `ValueError` names the invalid one."""
        rate = parse_rate(settings["XBOX_RATE"])
        reserve = min(RESERVE, (rate.calls or 0) // 2)
        return cls(
            services=services,
            url=settings["XBOX_URL"].rstrip("/"),
            rate=replace(rate, reserve=reserve),
            concurrency=parse_concurrency(settings["XBOX_CONCURRENCY"]),
            operator_credential=CREDENTIALS.read_settings(settings),
        )

    def get_operator_client(self) -> XboxClient | None:
        """Return the client of the configured key, whose owner is its account."""
        return self._operator_client

    def create_caller_client(self, headers: Mapping[str, str]) -> XboxClient | None:
        """Return the client of the key in the headers; None when there is none."""
        return self._create_client(CREDENTIALS.read_headers(headers))

    @cached_property
    def _operator_client(self) -> XboxClient | None:
        return self._create_client(self.operator_credential)

    def _create_client(self, credential: KeyCredential | None) -> XboxClient | None:
        if credential is None:
            return None
        upstream = UpstreamClient(
            self.services,
            SOURCE,
            credential.scope,
            self.rate,
            self.concurrency,
            is_caller=credential.is_caller,
            reports_budget=True,
        )
        return XboxClient(CachedApi(XboxApi(upstream, credential, self.url), self.services.cache))
