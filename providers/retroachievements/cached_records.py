"""Keys and records that only RetroAchievements has."""

from dataclasses import dataclass

from providers.records import Record


@dataclass(frozen=True)
class ProgressKey:
    """One account's standing in one game."""

    handle: str
    title_id: str


class UnlockWindow(Record, frozen=True, kw_only=True):
    """A stretch of seconds, both ends included, and how many unlocks are in it.

    `ends` is its end, or the newest unlock in one that has no end yet.
    """

    since: int
    until: int
    row_count: int
    covered_until: int
