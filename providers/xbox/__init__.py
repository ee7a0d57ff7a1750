"""Xbox: achievements of modern titles and of Xbox 360, by way of OpenXBL."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from providers.kit.upstream.upstream_client import SharedServices
from providers.xbox.languages import LANGUAGES
from providers.xbox.service import CREDENTIALS, SETTINGS, XboxService


@dataclass(frozen=True)
class Xbox:
    """The source as a value."""

    label: str = "Xbox"
    credential_help: str = (
        "The key is made on your profile page at https://xbl.io (OpenXBL), where you sign in with "
        "your Microsoft account."
    )
    handle_format: str = "`me`, a gamertag (with or without its #suffix) or an XUID"
    settings: Mapping[str, str] = field(default_factory=lambda: SETTINGS, hash=False)
    required_settings: tuple[str, ...] = ("XBOX_API_KEY",)
    secrets: frozenset[str] = frozenset({"XBOX_API_KEY"})
    credential_headers: frozenset[str] = CREDENTIALS.headers
    languages: tuple[str, ...] = LANGUAGES

    def create_service(self, services: SharedServices, settings: Mapping[str, str]) -> XboxService:
        """Create the service; a `ValueError` names the invalid setting."""
        return XboxService.from_settings(services, {**self.settings, **settings})
