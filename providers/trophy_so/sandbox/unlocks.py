"""What a user can earn next, and what follows when they do."""

from collections.abc import Iterator
from datetime import datetime

from providers.kit.sandbox import SandboxAchievement
from providers.trophy_so.sandbox import constants
from providers.trophy_so.sandbox.database import Database
from providers.trophy_so.sandbox.models import Definition, User


def list_locked(database: Database, account: str) -> Iterator[SandboxAchievement]:
    """Iterate over the achievements that a user lacks; composites come with their parts."""
    user = database.users.get(account or constants.OWNER_ID)
    # The achievements of one user are those of the published sample.
    if user is None or user.id == constants.SAMPLE_ID:
        return
    for definition in list(database.definitions.values()):
        if definition.key not in user.earned and definition.achievement_ids is None:
            yield _describe(user, definition)


def earn(
    database: Database, locked: SandboxAchievement, when: datetime
) -> list[SandboxAchievement]:
    """Bring the user's metric or streak up to the target, and complete all that follows."""
    user = database.users[locked.account]
    earned_before = set(user.earned)
    definition = next(
        each for each in database.definitions.values() if each.id == locked.achievement
    )
    moment = f"{when:%Y-%m-%dT%H:%M:%S}.000Z"
    _reach_target(database, user, definition, moment)
    database.unlock(user.id, definition.key, moment)
    user.updated_at = moment
    completed = [database.definitions[key] for key in user.earned if key not in earned_before]
    completed.sort(key=lambda each: each != definition)
    return [_describe(user, each) for each in completed]


def _reach_target(database: Database, user: User, definition: Definition, moment: str) -> None:
    user.attributes |= definition.user_attributes
    if definition.metric is not None and definition.metric_value is not None:
        attributes = {**definition.event_attributes, **definition.event_attribute}
        missing = definition.metric_value - user.metrics.get(definition.metric.key, 0)
        database.record_event(
            user.id, definition.metric.key, max(missing, 1), attributes, when=moment
        )
    if definition.streak_length is not None:
        user.streak = max(user.streak, definition.streak_length)
        for each in database.definitions.values():
            if each.streak_length is not None and each.streak_length <= user.streak:
                user.earned.setdefault(each.key, moment)


def _describe(user: User, definition: Definition) -> SandboxAchievement:
    return SandboxAchievement(user.id, None, definition.id, definition.name)
