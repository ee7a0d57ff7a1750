"""Routes that read one user."""

import json
from datetime import date
from pathlib import Path

from providers.kit.sandbox import Call, Reply
from providers.trophy_so.sandbox import catalogue, fixture
from providers.trophy_so.sandbox.answer import HOST, Area, RefusedError, Routes, number
from providers.trophy_so.sandbox.model import Json

# The upstream's published reply, for the user it belongs to.
_SAMPLE = Path(__file__).with_name("user_achievements.json")
_LONGEST_SPAN = 400


class Users(Area):
    def routes(self) -> Routes:
        user = f"{HOST}/users/{{id}}"
        return [
            ("GET", user, self.profile),
            ("GET", f"{user}/preferences", self.preferences),
            ("GET", f"{user}/metrics", self.metrics),
            ("GET", f"{user}/metrics/{{key}}", self.one_metric),
            ("GET", f"{user}/metrics/{{key}}/event-summary", self.metric_summary),
            ("GET", f"{user}/achievements", self.achievements),
            ("GET", f"{user}/streak", self.streak),
            ("GET", f"{user}/wrapped", self.wrapped),
        ]

    def profile(self, call: Call) -> Reply:
        return Reply(200, self.shape.user(self.user(call)))

    def preferences(self, call: Call) -> Reply:
        self.user(call)
        kinds = ("achievement_completed", "recap", "reactivation", "streak_reminder")
        notifications = {kind: ["email", "push"] for kind in kinds}
        streak: Json = {"enabled": True, "evaluationMode": "any", "metrics": []}
        return Reply(200, {"notifications": notifications, "streak": streak})

    def metrics(self, call: Call) -> Reply:
        user = self.user(call)
        return Reply(200, [self.shape.metric(metric, user) for metric in catalogue.METRICS])

    def one_metric(self, call: Call) -> Reply:
        user = self.user(call)
        return Reply(200, self.shape.metric(self.metric(call, catalogue.METRICS), user))

    def metric_summary(self, call: Call) -> Reply:
        user = self.user(call)
        metric = self.metric(call, catalogue.METRICS)
        current = user.metrics.get(metric.key, 0)
        return Reply(200, [{"date": last_day(call), "total": current, "change": current}])

    def achievements(self, call: Call) -> Reply:
        """Only the literal `true` asks for the incomplete ones as well."""
        user = self.user(call)
        if user.id == fixture.SAMPLE:
            return Reply(200, json.loads(_SAMPLE.read_bytes()))
        everything = call.query.get("includeIncomplete") == "true"
        shown = [
            self.shape.of_user(definition, user)
            for definition in self.world.definitions.values()
            if everything or definition.key in user.achieved
        ]
        return Reply(200, shown)

    def streak(self, call: Call) -> Reply:
        periods = number(call, "historyPeriods", 7, 0, 1000)
        return Reply(200, self.shape.streak(self.user(call), periods))

    def wrapped(self, call: Call) -> Reply:
        """A year in which nothing much happened."""
        user = self.user(call)
        year = number(call, "year", 2026, 1, 9999)
        nothing: Json = {"metrics": {}, "points": {}, "achievements": [], "leaderboards": {}}
        activity = {
            "daysActive": user.streak,
            "weeksActive": 0,
            "monthsActive": 0,
            "mostActiveDay": {**nothing, "date": f"{year:04}-01-01"},
            "mostActiveWeek": {**nothing, "start": f"{year:04}-01-01", "end": f"{year:04}-01-07"},
            "mostActiveMonth": {**nothing, "month": 0},
            "entireYear": {**nothing, "longestStreak": self.shape.streak(user, 0)},
        }
        return Reply(200, {"user": self.shape.user(user), "activity": activity})


def last_day(call: Call) -> str:
    """The end of the asked span, which must be whole and not too long."""
    if call.query.get("aggregation") not in ("daily", "weekly", "monthly"):
        raise RefusedError(422, "aggregation must be daily, weekly or monthly")
    try:
        first, last = (date.fromisoformat(call.query[name]) for name in ("startDate", "endDate"))
    except (KeyError, ValueError):
        raise RefusedError(422, "startDate and endDate must be dates") from None
    if not 0 <= (last - first).days <= _LONGEST_SPAN:
        raise RefusedError(422, f"The span must not be longer than {_LONGEST_SPAN} days")
    return last.isoformat()
