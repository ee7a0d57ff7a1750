"""PlayStation Network: trophies, people, Stars."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from providers.kit.sandbox import Sandbox
from providers.kit.upstream.upstream_client import SharedServices
from providers.psn.sandbox.app import create_psn_sandbox
from providers.psn.sandbox.constants import CLIENT_ID, CLIENT_SECRET, OWNER_NPSSO
from providers.psn.service import CREDENTIAL_HEADERS, PsnService

SETTINGS = {
    "PSN_CLIENT_ID": "",
    "PSN_CLIENT_SECRET": "",
    "PSN_NPSSO": "",
    "PSN_AUTH_URL": "https://ca.account.sony.com",
    "PSN_MOBILE_URL": "https://m.np.playstation.com",
    "PSN_WEB_URL": "https://web.np.playstation.com",
    "PSN_LEGACY_URL": "https://us-prof.np.community.playstation.net",
    "PSN_DMS_URL": "https://dms.api.playstation.com",
    "PSN_PERSISTED_QUERIES": "",
    "PSN_RESOURCE_HOSTS": "",
    "PSN_RATE": "300/900",
    "PSN_CONCURRENCY": "8",
}
SANDBOX_SETTINGS = {
    "PSN_CLIENT_ID": CLIENT_ID,
    "PSN_CLIENT_SECRET": CLIENT_SECRET,
    "PSN_NPSSO": OWNER_NPSSO,
}


@dataclass(frozen=True)
class Psn:
    """The source as a value."""

    label: str = "PlayStation Network"
    settings: Mapping[str, str] = field(default_factory=lambda: dict(SETTINGS))
    secrets: frozenset[str] = frozenset({"PSN_CLIENT_SECRET", "PSN_NPSSO"})
    credential_headers: frozenset[str] = CREDENTIAL_HEADERS
    sandbox_settings: Mapping[str, str] = field(
        default_factory=lambda: dict(SANDBOX_SETTINGS), repr=False
    )

    def create_service(self, services: SharedServices, settings: Mapping[str, str]) -> PsnService:
        """Make the service; what cannot be right is a `ValueError`."""
        return PsnService(services, settings)

    def create_sandbox(self) -> Sandbox:
        """A fresh invented network."""
        return create_psn_sandbox()
