"""RetroAchievements: achievements of retro games, and the awards for them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from providers.kit.upstream.upstream_client import SharedServices
from providers.retroachievements.log_redaction import hide_query_strings
from providers.retroachievements.sandbox.app import RetroAchievementsSandbox
from providers.retroachievements.sandbox.member_data import OPERATOR_KEY, OPERATOR_USERNAME
from providers.retroachievements.service import (
    CREDENTIAL_HEADERS,
    SETTINGS,
    RetroAchievementsService,
)


@dataclass(frozen=True)
class RetroAchievements:
    """The source as a value."""

    label: str = "RetroAchievements"
    settings: Mapping[str, str] = field(default_factory=lambda: SETTINGS, hash=False)
    secrets: frozenset[str] = frozenset({"RETROACHIEVEMENTS_API_KEY"})
    credential_headers: frozenset[str] = CREDENTIAL_HEADERS
    sandbox_settings: Mapping[str, str] = field(
        default_factory=lambda: {
            "RETROACHIEVEMENTS_USERNAME": OPERATOR_USERNAME,
            "RETROACHIEVEMENTS_API_KEY": OPERATOR_KEY,
        },
        hash=False,
    )

    def create_service(
        self, services: SharedServices, settings: Mapping[str, str]
    ) -> RetroAchievementsService:
        """Make the service; `ValueError` names the setting that cannot be right."""
        hide_query_strings()
        return RetroAchievementsService.from_settings(services, {**self.settings, **settings})

    def create_sandbox(self) -> RetroAchievementsSandbox:
        """A fresh invented upstream."""
        return RetroAchievementsSandbox()
