"""The upstream's JSON, as far as it is read. Older responses omit empty members."""

from providers.kit.upstream.decode import FiniteFloat, Model, NonNegativeInt32


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


class StreakResponse(Model, kw_only=True):
    """A user's current streak."""

    length: NonNegativeInt32
    frequency: str | None = None
