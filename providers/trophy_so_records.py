"""Records of what only Trophy.so has; `None` means unknown."""

from datetime import datetime

from providers.records import Profile, Record


class TrophySoProfile(Profile, frozen=True, kw_only=True):
    """A Trophy.so user."""

    time_zone: str | None = None
    created_at: datetime | None = None


class TrophySoStreak(Record, frozen=True, kw_only=True):
    """A Trophy.so user's streak: its length in periods, and the period."""

    length: int
    frequency: str | None


class TrophySoMetric(Record, frozen=True, kw_only=True):
    """A Trophy.so metric and the user's current value of it."""

    id: str
    key: str | None
    name: str | None
    current: float
