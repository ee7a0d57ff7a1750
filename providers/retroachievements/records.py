"""Keys and records that only RetroAchievements has."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ProgressKey:
    """One account's standing in one game."""

    handle: str
    title_id: str
