"""An unlock of the operator's on each source, made in its sandbox."""

from collections.abc import Callable
from datetime import UTC, datetime

from providers.registry import Source
from tests.harness import (
    PSN_VEGA,
    RETRO_VEGA,
    STEAM_VEGA,
    TROPHY_VEGA,
    XBOX_VEGA,
    RunningServer,
)

PSN_ID, PSN_SET, PSN_LOCKED = "1000000000000000001", "NPWR00001_00", 5
RETRO_NAME, RETRO_LOCKED = "VegaNorth", 21204
TROPHY_ID, TROPHY_LOCKED = "vega", "ten-thousand-notes"
STEAM_ID, STEAM_APP, STEAM_LOCKED = "76561190000000001", 4010, "STORM_NIGHT"
XBOX_ID, XBOX_TITLE, XBOX_LOCKED = "2535400000000001", 1700000001, "6"

ACCOUNTS = {
    Source.PSN: PSN_VEGA,
    Source.RETRO_ACHIEVEMENTS: RETRO_VEGA,
    Source.TROPHY_SO: TROPHY_VEGA,
    Source.STEAM: STEAM_VEGA,
    Source.XBOX: XBOX_VEGA,
}
ACHIEVEMENT_IDS = {
    Source.PSN: str(PSN_LOCKED),
    Source.RETRO_ACHIEVEMENTS: str(RETRO_LOCKED),
    Source.TROPHY_SO: "00000003-ac41-4000-8000-000000000003",
    Source.STEAM: STEAM_LOCKED,
    Source.XBOX: XBOX_LOCKED,
}


def unlock_psn(
    server: RunningServer, trophy_id: int = PSN_LOCKED, when: datetime | None = None
) -> None:
    """Earn a trophy of the operator's, by default now."""
    text = format_time(when or datetime.now(UTC))
    server.psn.unlock(PSN_ID, PSN_SET, trophy_id, text)


def format_time(when: datetime) -> str:
    """Format a time as PSN does."""
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


UNLOCK: dict[Source, Callable[[RunningServer], None]] = {
    Source.PSN: unlock_psn,
    Source.RETRO_ACHIEVEMENTS: lambda server: server.retro.unlock(RETRO_NAME, RETRO_LOCKED),
    Source.TROPHY_SO: lambda server: server.trophy_so.database.unlock(TROPHY_ID, TROPHY_LOCKED),
    Source.STEAM: lambda server: server.steam.unlock(STEAM_ID, STEAM_APP, STEAM_LOCKED),
    Source.XBOX: lambda server: server.xbox.unlock(XBOX_ID, XBOX_TITLE, XBOX_LOCKED),
}
