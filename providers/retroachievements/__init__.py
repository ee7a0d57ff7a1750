"""RetroAchievements: achievements of retro games, and the awards for them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from providers.kit.upstream.upstream_client import Kit
from providers.retroachievements.log_redaction import hide_queries
from providers.retroachievements.sandbox.app import RetroAchievementsSandbox
from providers.retroachievements.sandbox.people import OPERATOR, OPERATOR_KEY
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
            "RETROACHIEVEMENTS_USERNAME": OPERATOR,
            "RETROACHIEVEMENTS_API_KEY": OPERATOR_KEY,
        },
        hash=False,
    )

    def open(self, kit: Kit, settings: Mapping[str, str]) -> RetroAchievementsService:
        """Make the service; `ValueError` names the setting that cannot be right."""
        hide_queries()
        return RetroAchievementsService.of(kit, {**self.settings, **settings})

    def sandbox(self) -> RetroAchievementsSandbox:
        """A fresh invented upstream."""
        return RetroAchievementsSandbox()
