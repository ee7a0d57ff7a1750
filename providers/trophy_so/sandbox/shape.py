"""The JSON forms, today's and the older ones that leave out what is empty."""

from dataclasses import dataclass
from datetime import date, timedelta

from providers.trophy_so.sandbox import fixture
from providers.trophy_so.sandbox.model import Attributes, Definition, Json, Metric, User
from providers.trophy_so.sandbox.world import World


@dataclass(frozen=True)
class Shape:
    world: World
    old_form: bool

    def user(self, user: User) -> Json:
        return self._aged(
            {
                "id": user.id,
                "email": user.email,
                "name": user.name,
                "tz": user.tz,
                "deviceTokens": user.device_tokens,
                "subscribeToEmails": user.subscribed,
                "attributes": user.attributes,
                "control": False,
                "created": user.created,
                "updated": user.updated,
            }
        )

    def achievement(self, definition: Definition) -> Json:
        """Without statistics: as metrics, events and completions mention it."""
        return self._aged(
            {
                "id": definition.id,
                "name": definition.name,
                "trigger": definition.trigger,
                "description": definition.description,
                "badgeUrl": definition.badge_url,
                **_of_trigger(definition),
                "userAttributes": _pairs(definition.user_attributes),
                **_of_event(definition),
            }
        )

    def with_stats(self, definition: Definition) -> Json:
        return {
            **self.achievement(definition),
            "completions": self.world.completions(definition),
            "rarity": self.world.rarity(definition),
        }

    def of_user(self, definition: Definition, user: User) -> Json:
        """With statistics and the user's own date."""
        achieved = self._aged({"achievedAt": user.achieved.get(definition.key)})
        return {**self.with_stats(definition), **achieved}

    def metric(self, metric: Metric, user: User) -> Json:
        return {
            "id": metric.id,
            "key": metric.key,
            "name": metric.name,
            "current": user.metrics.get(metric.key, 0),
            "achievements": [
                {
                    **self.achievement(each),
                    **self._aged({"achievedAt": user.achieved.get(each.key)}),
                }
                for each in self.world.definitions.values()
                if each.metric == metric
            ],
        }

    def streak(self, user: User, periods: int = 7) -> Json:
        history = [_period(user.streak, ago) for ago in reversed(range(periods))]
        day = {"periodStart": fixture.TODAY, "periodEnd": fixture.TODAY}
        return {
            "length": user.streak,
            "frequency": "daily",
            **day,
            "started": _day(max(0, user.streak - 1)),
            "expires": _day(-1),
            "extended": fixture.NOW if user.streak else None,
            "streakHistory": history,
            "pauses": [],
        }

    def _aged(self, shown: Json) -> Json:
        if not self.old_form:
            return shown
        newer = {"userAttributes", "eventAttributes"}
        return {
            key: value for key, value in shown.items() if value is not None and key not in newer
        }


def _period(length: int, ago: int) -> Json:
    day = {"periodStart": _day(ago), "periodEnd": _day(ago)}
    return {**day, "length": max(0, length - ago), "usedPause": False}


def _day(ago: int) -> str:
    return (date.fromisoformat(fixture.TODAY) - timedelta(ago)).isoformat()


def _of_trigger(definition: Definition) -> Json:
    if definition.metric is not None:
        return {
            "metricId": definition.metric.id,
            "metricName": definition.metric.name,
            "metricValue": definition.metric_value,
        }
    if definition.streak_length is not None:
        return {"streakLength": definition.streak_length}
    if definition.achievement_ids is not None:
        return {"achievementIds": list(definition.achievement_ids)}
    return {"key": definition.key} if definition.trigger == "api" else {}


def _of_event(definition: Definition) -> Json:
    """Only metrics have events; the deprecated single filter is sent only where it is set."""
    if definition.metric is None:
        return {}
    shown: Json = {"eventAttributes": _pairs(definition.event_attributes)}
    if definition.event_attribute:
        shown["eventAttribute"] = _pairs(definition.event_attribute)[0]
    return shown


def _pairs(attributes: Attributes) -> list[Json]:
    return [{"key": key, "value": value} for key, value in attributes.items()]
