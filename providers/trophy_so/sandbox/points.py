"""Points: ten for every achievement, which only the awards link to each other."""

from dataclasses import dataclass

from providers.trophy_so.sandbox import fixture
from providers.trophy_so.sandbox.model import Json, User
from providers.trophy_so.sandbox.world import World

KEY = "experience"
_ID = "00000001-9017-4000-8000-000000000001"
_EACH = 10


@dataclass(frozen=True)
class Points:
    world: World

    def system(self) -> Json:
        return {**_known(), "triggers": [self._trigger(key) for key in self.world.definitions]}

    def of_user(self, user: User, most: int) -> Json:
        """The newest awards first."""
        awards = [self._award(user, place) for place in range(len(user.achieved))]
        total = {"total": _EACH * len(awards), "level": None}
        return {**_known(), **total, "awards": awards[::-1][:most]}

    def added(self, user: User, completed: int) -> Json:
        """A map of the systems that were affected."""
        if not completed:
            return {}
        return {KEY: {**self.of_user(user, completed), "added": _EACH * completed}}

    def _award(self, user: User, place: int) -> Json:
        key, when = list(user.achieved.items())[place]
        return {
            "id": f"{user.id}:{self.world.definitions[key].id}",
            "awarded": _EACH,
            "date": when,
            "total": _EACH * (place + 1),
            "trigger": self._trigger(key),
            "boosts": [],
        }

    def _trigger(self, key: str) -> Json:
        definition = self.world.definitions[key]
        return {
            "id": f"points-{definition.id}",
            "type": "achievement",
            "points": _EACH,
            "status": "active",
            "achievementId": definition.id,
            "achievementName": definition.name,
            "userAttributes": [],
            "created": fixture.OPENED,
            "updated": fixture.OPENED,
        }


def _known() -> Json:
    unset: Json = {"description": None, "badgeUrl": None, "maxPoints": None}
    return {"id": _ID, "key": KEY, "name": "Experience", **unset}
