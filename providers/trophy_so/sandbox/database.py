"""The data of the sandbox, and the ways to change them."""

from dataclasses import dataclass, field, replace

from providers.trophy_so.sandbox import achievement_data, constants
from providers.trophy_so.sandbox.models import Attributes, Definition, Json, User
from providers.trophy_so.sandbox.user_data import make_users


@dataclass
class Database:
    """Users and achievements; `replays` has the responses by idempotency key."""

    users: dict[str, User] = field(default_factory=make_users)
    definitions: dict[str, Definition] = field(
        default_factory=lambda: {item.key: item for item in achievement_data.DEFINITIONS}
    )
    replays: dict[tuple[str, str, str], Json] = field(
        default_factory=dict[tuple[str, str, str], Json]
    )

    def count_completions(self, definition: Definition) -> int:
        """Count the users who have it, also those that the sandbox does not contain."""
        return definition.other_earner_count + sum(
            definition.key in user.earned for user in self.all_users
        )

    def compute_rarity(self, definition: Definition) -> float:
        """Return the percentage of all users who have it."""
        return round(100 * self.count_completions(definition) / achievement_data.USER_COUNT, 2)

    @property
    def all_users(self) -> list[User]:
        return list(self.users.values())

    def unlock(self, user_id: str, key: str, when: str = constants.NOW) -> None:
        """Complete an achievement, and the composites that become complete by it."""
        user = self.users[user_id]
        user.earned.setdefault(key, when)
        self._complete_achievements(user, when)

    def add_achievement(self, key: str, name: str) -> None:
        """Add an achievement with the API trigger."""
        number = len(self.definitions) + 1
        model = self.definitions["shared-a-song"]
        grown = replace(model, id=f"{number:08x}-ac41-4000-8000-{number:012x}", key=key, name=name)
        self.definitions[key] = replace(
            grown, other_earner_count=0, badge_url=None, description=None
        )

    def record_event(
        self,
        user_id: str,
        metric_key: str,
        value: float,
        attributes: Attributes | None = None,
        *,
        when: str = constants.NOW,
    ) -> list[Definition]:
        """Count an event; return the achievements that it completed."""
        user = self.users[user_id]
        earned_before = set(user.earned)
        user.metrics[metric_key] = user.metrics.get(metric_key, 0) + value
        self._complete_achievements(user, when, metric_key, attributes or {})
        return [self.definitions[key] for key in user.earned if key not in earned_before]

    def _complete_achievements(
        self, user: User, when: str, metric_key: str = "", attributes: Attributes | None = None
    ) -> None:
        for definition in self.definitions.values():
            is_target_reached = (
                definition.metric is not None
                and definition.metric.key == metric_key
                and definition.matches_attributes(user.attributes, attributes or {})
                and user.metrics.get(metric_key, 0) >= (definition.metric_value or 0)
            )
            if is_target_reached or self._is_composite_complete(definition, user):
                user.earned.setdefault(definition.key, when)

    def _is_composite_complete(self, definition: Definition, user: User) -> bool:
        ids = {self.definitions[key].id for key in user.earned}
        return definition.achievement_ids is not None and ids.issuperset(definition.achievement_ids)
