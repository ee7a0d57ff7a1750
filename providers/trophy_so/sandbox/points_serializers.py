"""Rows of points: ten for every achievement."""

from dataclasses import dataclass

from providers.trophy_so.sandbox import constants
from providers.trophy_so.sandbox.database import Database
from providers.trophy_so.sandbox.models import Json, User

POINTS_KEY = "experience"
_SYSTEM_ID = "00000001-9017-4000-8000-000000000001"
_POINTS_PER_ACHIEVEMENT = 10
_LEVELS = (("novice", "Novice", 10), ("player", "Player", 50), ("virtuoso", "Virtuoso", 150))


@dataclass(frozen=True)
class PointsSerializer:
    database: Database

    def serialize_system(self) -> Json:
        return {
            **_serialize_header(),
            "triggers": [self._serialize_trigger(key) for key in self.database.definitions],
        }

    def serialize_user(self, user: User, max_awards: int) -> Json:
        """Serialize a user's points with at most so many awards, newest first."""
        awards = [self._serialize_award(user, place) for place in range(len(user.earned))]
        total = _POINTS_PER_ACHIEVEMENT * len(awards)
        reached = [level for level in self.serialize_levels() if level["points"] <= total]
        points = {"total": total, "level": reached[-1] if reached else None}
        return {**_serialize_header(), **points, "awards": awards[::-1][:max_awards]}

    def serialize_levels(self) -> list[Json]:
        """Serialize the levels, the lowest first."""
        return [
            {
                "id": f"{number:08d}-1e7e-4000-8000-{number:012d}",
                "key": key,
                "name": name,
                "description": "",
                "badgeUrl": None,
                "points": points,
            }
            for number, (key, name, points) in enumerate(_LEVELS, 1)
        ]

    def serialize_added(self, user: User, completed_count: int) -> Json:
        """Serialize the points that a request added, by points system."""
        if not completed_count:
            return {}
        return {
            POINTS_KEY: {
                **self.serialize_user(user, completed_count),
                "added": _POINTS_PER_ACHIEVEMENT * completed_count,
            }
        }

    def _serialize_award(self, user: User, index: int) -> Json:
        key, when = list(user.earned.items())[index]
        return {
            "id": f"{user.id}:{self.database.definitions[key].id}",
            "awarded": _POINTS_PER_ACHIEVEMENT,
            "date": when,
            "total": _POINTS_PER_ACHIEVEMENT * (index + 1),
            "trigger": self._serialize_trigger(key),
            "boosts": [],
        }

    def _serialize_trigger(self, key: str) -> Json:
        definition = self.database.definitions[key]
        return {
            "id": f"points-{definition.id}",
            "type": "achievement",
            "points": _POINTS_PER_ACHIEVEMENT,
            "status": "active",
            "achievementId": definition.id,
            "achievementName": definition.name,
            "userAttributes": [],
            "created": constants.CREATED_AT,
            "updated": constants.CREATED_AT,
        }


def _serialize_header() -> Json:
    unset: Json = {"description": None, "badgeUrl": None, "maxPoints": None}
    return {"id": _SYSTEM_ID, "key": POINTS_KEY, "name": "Experience", **unset}
