"""Records of what only Trophy.so has; `None` means unknown."""

from datetime import date, datetime

from providers.records import Profile, Record


class TrophySoProfile(Profile, frozen=True, kw_only=True):
    """A Trophy.so user."""

    time_zone: str | None = None
    created_at: datetime | None = None


class TrophySoStreakPeriod(Record, frozen=True, kw_only=True):
    """A past or the present period of a streak, and the streak's length in it."""

    length: int
    starts_on: date | None = None
    ends_on: date | None = None
    used_freeze: bool | None = None
    used_pause: bool | None = None


class TrophySoStreak(Record, frozen=True, kw_only=True):
    """A Trophy.so user's streak: its length in periods, and the period.

    A list of many users' streaks has lengths and times of extension alone.
    """

    length: int
    frequency: str | None = None
    extended_at: datetime | None = None
    started_on: date | None = None
    expires_on: date | None = None
    history: tuple[TrophySoStreakPeriod, ...] | None = None  # newest first


class TrophySoMetric(Record, frozen=True, kw_only=True):
    """A Trophy.so metric and the user's current value of it."""

    id: str
    key: str | None
    name: str | None
    current: float


class TrophySoLevel(Record, frozen=True, kw_only=True):
    """A level of a points system, and the points that it takes."""

    id: str
    key: str
    name: str
    points: int


class TrophySoPoints(Record, frozen=True, kw_only=True):
    """A user's points in one points system; no level below the first one."""

    id: str
    key: str
    name: str
    total: int
    level: TrophySoLevel | None = None


class TrophySoLeaderboardPlace(Record, frozen=True, kw_only=True):
    """A user's place on a leaderboard; without a rank where they are not on it."""

    id: str
    key: str
    name: str
    rank_by: str
    rank: int | None = None
    value: int | None = None
