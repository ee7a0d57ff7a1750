"""PlayStation Network: trophies, people, Stars."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from providers.kit.upstream.upstream_client import SharedServices
from providers.psn.auth.npsso import NPSSO_PLACE
from providers.psn.languages import LANGUAGES
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
    "PSN_SIGN_IN_RATE": "30/60",
}


@dataclass(frozen=True)
class Psn:
    """The source as a value."""

    label: str = "PlayStation Network"
    credential_help: str = (
        f"{NPSSO_PLACE}. The client id and secret are those of an OAuth client that PlayStation "
        "knows; none is included."
    )
    handle_format: str = "`me`, an online id or an account id"
    settings: Mapping[str, str] = field(default_factory=lambda: dict(SETTINGS))
    secrets: frozenset[str] = frozenset({"PSN_CLIENT_SECRET", "PSN_NPSSO"})
    credential_headers: frozenset[str] = CREDENTIAL_HEADERS
    languages: tuple[str, ...] = LANGUAGES
    required_settings: tuple[str, ...] = ("PSN_CLIENT_ID", "PSN_CLIENT_SECRET", "PSN_NPSSO")

    def create_service(self, services: SharedServices, settings: Mapping[str, str]) -> PsnService:
        """Create the service; a `ValueError` names the invalid setting."""
        return PsnService(services, settings)
