"""Keys and records that only the cache of RetroAchievements holds."""

from dataclasses import dataclass

from providers.records import Record


@dataclass(frozen=True)
class ProgressKey:
    """One account's progress in one game."""

    handle: str
    title_id: str


class UnlockWindow(Record, frozen=True, kw_only=True):
    """A window of Unix seconds, both ends included, and the number of unlocks in it.

    `covered_until` is its end, or the newest unlock in the window that has no end yet.
    """

    since: int
    until: int
    row_count: int
    covered_until: int
