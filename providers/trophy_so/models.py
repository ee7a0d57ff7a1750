"""The upstream's JSON, as far as it is read. Older responses omit empty members."""

from providers.kit.upstream.decode import FiniteFloat, Int32, Model, NonNegativeInt32


class User(Model, kw_only=True):
    """A user. Private members are not declared, so that they are never decoded: mail, devices."""

    id: str | None = None
    name: str | None = None
    tz: str | None = None
    created: str | FiniteFloat | None = None


class Attribute(Model, kw_only=True):
    """A filter on the attributes of users or events."""

    key: str
    value: str


class UserAchievement(Model, kw_only=True, rename="camel"):
    """An achievement of the application, and when a user achieved it."""

    id: str | None = None
    key: str | None = None
    name: str | None = None
    description: str | None = None
    trigger: str | None = None
    badge_url: str | None = None
    completions: NonNegativeInt32 | None = None
    rarity: FiniteFloat | None = None
    achieved_at: str | FiniteFloat | None = None
    metric_id: str | None = None
    metric_name: str | None = None
    metric_value: FiniteFloat | None = None
    streak_length: NonNegativeInt32 | None = None
    achievement_ids: list[str] | None = None
    user_attributes: list[Attribute] | None = None
    event_attributes: list[Attribute] | None = None
    event_attribute: Attribute | None = None  # deprecated upstream, and still sent


class MetricResponse(Model, kw_only=True):
    """A metric and its current value for a user."""

    id: str
    key: str | None = None
    name: str | None = None
    current: FiniteFloat


class StreakPeriod(Model, kw_only=True, rename="camel"):
    """A period of a streak's history."""

    length: NonNegativeInt32
    period_start: str | None = None
    period_end: str | None = None
    used_freeze: bool | None = None
    used_pause: bool | None = None


class StreakResponse(Model, kw_only=True, rename="camel"):
    """A user's current streak."""

    length: NonNegativeInt32
    frequency: str | None = None
    extended: str | FiniteFloat | None = None
    started: str | None = None
    expires: str | None = None
    streak_history: list[StreakPeriod] | None = None


class ListedStreak(Model, kw_only=True, rename="camel"):
    """The streak of one of many users."""

    user_id: str
    streak_length: NonNegativeInt32
    extended: str | FiniteFloat | None = None


class PointsLevel(Model, kw_only=True):
    """A level of a points system."""

    id: str
    key: str
    name: str
    points: Int32


class PointsResponse(Model, kw_only=True):
    """A user's points in a points system."""

    id: str
    total: Int32
    key: str | None = None
    name: str | None = None
    level: PointsLevel | None = None


class LeaderboardResponse(Model, kw_only=True, rename="camel"):
    """A leaderboard with a user's place."""

    id: str
    rank_by: str
    key: str | None = None
    name: str | None = None
    rank: NonNegativeInt32 | None = None
    value: Int32 | None = None
