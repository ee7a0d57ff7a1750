"""Routes of one user."""

import json
from datetime import date
from pathlib import Path

from providers.kit.sandbox import SandboxRequest, SandboxResponse
from providers.trophy_so.sandbox import achievement_data, constants
from providers.trophy_so.sandbox.models import Json
from providers.trophy_so.sandbox.request_handling import (
    HOST,
    ApiError,
    RouteGroup,
    Routes,
    parse_number,
)

# The published sample, which is about one user.
_SAMPLE_PATH = Path(__file__).with_name("user_achievements.json")
_MAX_SPAN_DAYS = 400


class UserRoutes(RouteGroup):
    def list_routes(self) -> Routes:
        user = f"{HOST}/users/{{id}}"
        return [
            ("GET", user, self.get_profile),
            ("GET", f"{user}/preferences", self.get_preferences),
            ("GET", f"{user}/metrics", self.list_metrics),
            ("GET", f"{user}/metrics/{{key}}", self.get_metric),
            ("GET", f"{user}/metrics/{{key}}/event-summary", self.get_metric_summary),
            ("GET", f"{user}/achievements", self.list_achievements),
            ("GET", f"{user}/streak", self.get_streak),
            ("GET", f"{user}/wrapped", self.get_wrapped),
        ]

    def get_profile(self, request: SandboxRequest) -> SandboxResponse:
        return SandboxResponse(200, self.serializer.serialize_user(self.get_path_user(request)))

    def get_preferences(self, request: SandboxRequest) -> SandboxResponse:
        self.get_path_user(request)
        kinds = ("achievement_completed", "recap", "reactivation", "streak_reminder")
        notifications = {kind: ["email", "push"] for kind in kinds}
        streak: Json = {"enabled": True, "evaluationMode": "any", "metrics": []}
        return SandboxResponse(200, {"notifications": notifications, "streak": streak})

    def list_metrics(self, request: SandboxRequest) -> SandboxResponse:
        user = self.get_path_user(request)
        return SandboxResponse(
            200,
            [self.serializer.serialize_metric(metric, user) for metric in achievement_data.METRICS],
        )

    def get_metric(self, request: SandboxRequest) -> SandboxResponse:
        user = self.get_path_user(request)
        return SandboxResponse(
            200,
            self.serializer.serialize_metric(
                self.find_metric(request, achievement_data.METRICS), user
            ),
        )

    def get_metric_summary(self, request: SandboxRequest) -> SandboxResponse:
        user = self.get_path_user(request)
        metric = self.find_metric(request, achievement_data.METRICS)
        current = user.metrics.get(metric.key, 0)
        return SandboxResponse(
            200, [{"date": parse_last_day(request), "total": current, "change": current}]
        )

    def list_achievements(self, request: SandboxRequest) -> SandboxResponse:
        """Return the completed achievements, or all with `includeIncomplete=true`."""
        user = self.get_path_user(request)
        if user.id == constants.SAMPLE_ID:
            return SandboxResponse(200, json.loads(_SAMPLE_PATH.read_bytes()))
        include_incomplete = request.query.get("includeIncomplete") == "true"
        shown = [
            self.serializer.serialize_user_achievement(definition, user)
            for definition in self.database.definitions.values()
            if include_incomplete or definition.key in user.earned
        ]
        return SandboxResponse(200, shown)

    def get_streak(self, request: SandboxRequest) -> SandboxResponse:
        periods = parse_number(request, "historyPeriods", 7, 0, 1000)
        return SandboxResponse(
            200, self.serializer.serialize_streak(self.get_path_user(request), periods)
        )

    def get_wrapped(self, request: SandboxRequest) -> SandboxResponse:
        """Return a summary of a year without activity."""
        user = self.get_path_user(request)
        year = parse_number(request, "year", 2026, 1, 9999)
        empty: Json = {"metrics": {}, "points": {}, "achievements": [], "leaderboards": {}}
        activity = {
            "daysActive": user.streak,
            "weeksActive": 0,
            "monthsActive": 0,
            "mostActiveDay": {**empty, "date": f"{year:04}-01-01"},
            "mostActiveWeek": {**empty, "start": f"{year:04}-01-01", "end": f"{year:04}-01-07"},
            "mostActiveMonth": {**empty, "month": 0},
            "entireYear": {**empty, "longestStreak": self.serializer.serialize_streak(user, 0)},
        }
        return SandboxResponse(
            200, {"user": self.serializer.serialize_user(user), "activity": activity}
        )


def parse_last_day(request: SandboxRequest) -> str:
    """Return the last day of the requested span; raise for an invalid one."""
    if request.query.get("aggregation") not in ("daily", "weekly", "monthly"):
        raise ApiError(422, "aggregation must be daily, weekly or monthly")
    try:
        first, last = (date.fromisoformat(request.query[name]) for name in ("startDate", "endDate"))
    except (KeyError, ValueError):
        raise ApiError(422, "startDate and endDate must be dates") from None
    if not 0 <= (last - first).days <= _MAX_SPAN_DAYS:
        raise ApiError(422, f"The span must not be longer than {_MAX_SPAN_DAYS} days")
    return last.isoformat()
