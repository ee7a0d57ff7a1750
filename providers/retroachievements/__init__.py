"""RetroAchievements: achievements of retro games, and the awards for them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from providers.kit.log_redaction import hide_query_strings
from providers.kit.upstream.upstream_client import SharedServices
from providers.retroachievements.service import CREDENTIALS, SETTINGS, RetroAchievementsService


@dataclass(frozen=True)
class RetroAchievements:
    """The source as a value."""

    label: str = "RetroAchievements"
    credential_help: str = (
        "The web API key is in the settings of your account: https://retroachievements.org/settings"
    )
    handle_format: str = "a user name or ULID"
    settings: Mapping[str, str] = field(default_factory=lambda: SETTINGS, hash=False)
    required_settings: tuple[str, ...] = (
        "RETROACHIEVEMENTS_USERNAME",
        "RETROACHIEVEMENTS_API_KEY",
    )
    secrets: frozenset[str] = frozenset({"RETROACHIEVEMENTS_API_KEY"})
    credential_headers: frozenset[str] = CREDENTIALS.headers
    languages: tuple[str, ...] = ()

    def create_service(
        self, services: SharedServices, settings: Mapping[str, str]
    ) -> RetroAchievementsService:
        """Create the service; a `ValueError` names the invalid setting."""
        hide_query_strings()
        return RetroAchievementsService.from_settings(services, {**self.settings, **settings})
