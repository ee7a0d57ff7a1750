"""The data of the sandbox: metrics, achievements and users."""

from dataclasses import dataclass, field
from typing import Any

from providers.trophy_so.sandbox import constants

Json = dict[str, Any]
Attributes = dict[str, str]


@dataclass(frozen=True)
class Metric:
    id: str
    key: str
    name: str


@dataclass(frozen=True)
class Definition:
    """An achievement as defined.

    `other_earner_count` is the number of earners that the sandbox does not contain.
    """

    id: str
    key: str
    name: str
    trigger: str
    other_earner_count: int
    description: str | None = None
    badge_url: str | None = None
    metric: Metric | None = None
    metric_value: float | None = None
    streak_length: int | None = None
    achievement_ids: tuple[str, ...] | None = None
    user_attributes: Attributes = field(default_factory=Attributes)
    event_attributes: Attributes = field(default_factory=Attributes)
    event_attribute: Attributes = field(default_factory=Attributes)

    def matches_attributes(self, user: Attributes, event: Attributes) -> bool:
        """Return whether a user and an event match the filters."""
        event_filter = {**self.event_attributes, **self.event_attribute}
        return (
            self.user_attributes.items() <= user.items() and event_filter.items() <= event.items()
        )


@dataclass
class User:
    id: str
    name: str | None = None
    tz: str | None = None
    email: str | None = None
    created_at: str = constants.NOW
    updated_at: str = constants.NOW
    is_subscribed: bool = True
    device_tokens: list[str] | None = None
    attributes: Attributes = field(default_factory=Attributes)
    metrics: dict[str, float] = field(default_factory=dict[str, float])
    streak: int = 0
    earned: dict[str, str] = field(default_factory=dict[str, str])
