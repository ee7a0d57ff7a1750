"""The JSON forms: the present one, and the older one that omits empty members."""

from dataclasses import dataclass
from datetime import date, timedelta

from providers.trophy_so.sandbox import constants
from providers.trophy_so.sandbox.database import Database
from providers.trophy_so.sandbox.models import Attributes, Definition, Json, Metric, User


@dataclass(frozen=True)
class Serializer:
    database: Database
    old_form: bool

    def serialize_user(self, user: User) -> Json:
        return self._apply_old_form(
            {
                "id": user.id,
                "email": user.email,
                "name": user.name,
                "tz": user.tz,
                "deviceTokens": user.device_tokens,
                "subscribeToEmails": user.is_subscribed,
                "attributes": user.attributes,
                "control": False,
                "created": user.created_at,
                "updated": user.updated_at,
            }
        )

    def serialize_achievement(self, definition: Definition) -> Json:
        """Serialize without statistics, as metrics, events and completions contain it."""
        return self._apply_old_form(
            {
                "id": definition.id,
                "name": definition.name,
                "trigger": definition.trigger,
                "description": definition.description,
                "badgeUrl": definition.badge_url,
                **_serialize_trigger(definition),
                "userAttributes": _serialize_attributes(definition.user_attributes),
                **_serialize_event_attributes(definition),
            }
        )

    def serialize_achievement_with_stats(self, definition: Definition) -> Json:
        return {
            **self.serialize_achievement(definition),
            "completions": self.database.count_completions(definition),
            "rarity": self.database.compute_rarity(definition),
        }

    def serialize_user_achievement(self, definition: Definition, user: User) -> Json:
        """Serialize with statistics and the user's own date."""
        achieved = self._apply_old_form({"achievedAt": user.earned.get(definition.key)})
        return {**self.serialize_achievement_with_stats(definition), **achieved}

    def serialize_metric(self, metric: Metric, user: User) -> Json:
        return {
            "id": metric.id,
            "key": metric.key,
            "name": metric.name,
            "current": user.metrics.get(metric.key, 0),
            "achievements": [
                {
                    **self.serialize_achievement(definition),
                    **self._apply_old_form({"achievedAt": user.earned.get(definition.key)}),
                }
                for definition in self.database.definitions.values()
                if definition.metric == metric
            ],
        }

    def serialize_streak(self, user: User, periods: int = 7) -> Json:
        history = [_serialize_period(user.streak, ago) for ago in reversed(range(periods))]
        day = {"periodStart": constants.TODAY, "periodEnd": constants.TODAY}
        return {
            "length": user.streak,
            "frequency": "daily",
            **day,
            "started": _format_day(max(0, user.streak - 1)),
            "expires": _format_day(-1),
            "extended": constants.NOW if user.streak else None,
            "streakHistory": history,
            "pauses": [],
        }

    def _apply_old_form(self, row: Json) -> Json:
        if not self.old_form:
            return row
        newer_keys = {"userAttributes", "eventAttributes"}
        return {
            key: value for key, value in row.items() if value is not None and key not in newer_keys
        }


def _serialize_period(length: int, days_ago: int) -> Json:
    day = {"periodStart": _format_day(days_ago), "periodEnd": _format_day(days_ago)}
    return {**day, "length": max(0, length - days_ago), "usedPause": False}


def _format_day(days_ago: int) -> str:
    return (date.fromisoformat(constants.TODAY) - timedelta(days_ago)).isoformat()


def _serialize_trigger(definition: Definition) -> Json:
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


def _serialize_event_attributes(definition: Definition) -> Json:
    # Only metrics have events, and the deprecated single filter is sent only where it is set.
    if definition.metric is None:
        return {}
    shown: Json = {"eventAttributes": _serialize_attributes(definition.event_attributes)}
    if definition.event_attribute:
        shown["eventAttribute"] = _serialize_attributes(definition.event_attribute)[0]
    return shown


def _serialize_attributes(attributes: Attributes) -> list[Json]:
    return [{"key": key, "value": value} for key, value in attributes.items()]
