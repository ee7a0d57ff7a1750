"""Steam: achievements of games, and the people who play them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from providers.kit.log_redaction import hide_query_strings
from providers.kit.upstream.upstream_client import SharedServices
from providers.steam.languages import LANGUAGES
from providers.steam.service import CREDENTIALS, SETTINGS, SteamService


@dataclass(frozen=True)
class Steam:
    """The source as a value."""

    label: str = "Steam"
    credential_help: str = (
        "The key is made at https://steamcommunity.com/dev/apikey, for an account that has Steam "
        "Guard and has bought something. The id is your SteamID64, vanity name or profile address."
    )
    handle_format: str = "`me`, a SteamID64, a vanity name or a profile address"
    settings: Mapping[str, str] = field(default_factory=lambda: SETTINGS, hash=False)
    required_settings: tuple[str, ...] = ("STEAM_API_KEY", "STEAM_ID")
    secrets: frozenset[str] = frozenset({"STEAM_API_KEY"})
    credential_headers: frozenset[str] = CREDENTIALS.headers
    languages: tuple[str, ...] = LANGUAGES

    def create_service(self, services: SharedServices, settings: Mapping[str, str]) -> SteamService:
        """Create the service; a `ValueError` names the invalid setting."""
        hide_query_strings()
        return SteamService.from_settings(services, {**self.settings, **settings})
