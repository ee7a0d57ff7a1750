"""Keys and records that only RetroAchievements has."""

from dataclasses import dataclass

from providers.records import Achievement, Record, Title


@dataclass(frozen=True)
class ProgressKey:
    """One account's standing in one game."""

    handle: str
    title_id: str


class Unlock(Record, frozen=True, kw_only=True):
    """An achievement at the moment it was earned, and the game it belongs to."""

    title: Title
    achievement: Achievement
