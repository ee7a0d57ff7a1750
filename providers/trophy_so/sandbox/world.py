"""The account as it stands, and what changes it."""

from dataclasses import dataclass, field, replace

from providers.trophy_so.sandbox import catalogue, fixture
from providers.trophy_so.sandbox.model import Attributes, Definition, Json, User
from providers.trophy_so.sandbox.people import users


@dataclass
class World:
    """Users and achievements; `replays` are the answers that idempotency keys stand for."""

    users: dict[str, User] = field(default_factory=users)
    definitions: dict[str, Definition] = field(
        default_factory=lambda: {each.key: each for each in catalogue.DEFINITIONS}
    )
    replays: dict[tuple[str, str, str], Json] = field(
        default_factory=dict[tuple[str, str, str], Json]
    )

    def completions(self, definition: Definition) -> int:
        """How many users have it, those included that we do not know by name."""
        return definition.others + sum(definition.key in user.achieved for user in self.everyone)

    def rarity(self, definition: Definition) -> float:
        """The share of all users, in percent."""
        return round(100 * self.completions(definition) / catalogue.POPULATION, 2)

    @property
    def everyone(self) -> list[User]:
        return list(self.users.values())

    def unlock(self, user_id: str, key: str, when: str = fixture.NOW) -> None:
        """Complete an achievement, and the composites that waited only for it."""
        user = self.users[user_id]
        user.achieved.setdefault(key, when)
        self._settle(user, when)

    def add_achievement(self, key: str, name: str) -> None:
        """Let the catalogue grow by one achievement that an application completes by itself."""
        number = len(self.definitions) + 1
        model = self.definitions["shared-a-song"]
        grown = replace(model, id=f"{number:08x}-ac41-4000-8000-{number:012x}", key=key, name=name)
        self.definitions[key] = replace(grown, others=0, badge_url=None, description=None)

    def record(
        self, user_id: str, metric_key: str, value: float, attributes: Attributes | None = None
    ) -> list[Definition]:
        """Count an event; answers the achievements that it completed."""
        user = self.users[user_id]
        known = set(user.achieved)
        user.metrics[metric_key] = user.metrics.get(metric_key, 0) + value
        self._settle(user, fixture.NOW, metric_key, attributes or {})
        return [self.definitions[key] for key in user.achieved if key not in known]

    def _settle(
        self, user: User, when: str, metric_key: str = "", attributes: Attributes | None = None
    ) -> None:
        for definition in self.definitions.values():
            reached = (
                definition.metric is not None
                and definition.metric.key == metric_key
                and definition.admits(user.attributes, attributes or {})
                and user.metrics.get(metric_key, 0) >= (definition.metric_value or 0)
            )
            if reached or self._is_whole(definition, user):
                user.achieved.setdefault(definition.key, when)

    def _is_whole(self, definition: Definition, user: User) -> bool:
        ids = {self.definitions[key].id for key in user.achieved}
        return definition.achievement_ids is not None and ids.issuperset(definition.achievement_ids)
