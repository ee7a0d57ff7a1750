"""Routes that read points and leaderboards."""

from typing import Any

from providers.kit.sandbox import Call, Reply
from providers.trophy_so.sandbox import catalogue, fixture
from providers.trophy_so.sandbox.answer import HOST, Area, RefusedError, Routes, number
from providers.trophy_so.sandbox.model import Json
from providers.trophy_so.sandbox.points import KEY, Points
from providers.trophy_so.sandbox.users import last_day


class Standings(Area):
    def routes(self) -> Routes:
        points, user = f"{HOST}/points/{{key}}", f"{HOST}/users/{{id}}"
        return [
            ("GET", f"{user}/points/{{key}}", self.user_points),
            ("GET", f"{user}/points/{{key}}/boosts", self.nothing),
            ("GET", f"{user}/points/{{key}}/event-summary", self.points_summary),
            ("GET", f"{user}/leaderboards/{{key}}", self.user_leaderboard),
            ("GET", points, self.points),
            *(
                ("GET", f"{points}/{part}", self.nothing)
                for part in ("boosts", "levels", "summary", "level-summary")
            ),
            ("GET", f"{HOST}/leaderboards", self.leaderboards),
            ("GET", f"{HOST}/leaderboards/{{key}}", self.leaderboard),
        ]

    def user_points(self, call: Call) -> Reply:
        user = self.user(call)
        _points_system(call)
        return Reply(200, Points(self.world).of_user(user, number(call, "awards", 10, 1, 100)))

    def points_summary(self, call: Call) -> Reply:
        user = self.user(call)
        _points_system(call)
        total = Points(self.world).of_user(user, 0)["total"]
        return Reply(200, [{"date": last_day(call), "total": total, "change": total}])

    def points(self, call: Call) -> Reply:
        _points_system(call)
        return Reply(200, Points(self.world).system())

    def nothing(self, call: Call) -> Reply:
        """No boosts and no levels have been set up."""
        if "id" in call.parameters:
            self.user(call)
        _points_system(call)
        empty: list[Any] = []
        return Reply(200, empty)

    def leaderboards(self, call: Call) -> Reply:
        del call
        return Reply(200, [{**_leaderboard(), "status": "active"}])

    def leaderboard(self, call: Call) -> Reply:
        _known_leaderboard(call)
        offset, limit = number(call, "offset", 0, 0, 10_000), number(call, "limit", 10, 1, 100)
        rankings = self._rankings()[offset : offset + limit]
        return Reply(200, {**_leaderboard(), "status": "active", "rankings": rankings})

    def user_leaderboard(self, call: Call) -> Reply:
        user = self.user(call)
        _known_leaderboard(call)
        number(call, "numEvents", 10, 0, 100)
        row = next((row for row in self._rankings() if row["userId"] == user.id), None)
        place: Json = {"rank": row and row["rank"], "value": row and row["value"], "history": []}
        return Reply(200, {**_leaderboard(), **place})

    def _rankings(self) -> list[Json]:
        metric = catalogue.NOTES.key
        players = [user for user in self.world.everyone if user.metrics.get(metric)]
        players.sort(key=lambda user: -user.metrics[metric])
        return [
            {"userId": user.id, "userName": user.name, "rank": rank, "value": user.metrics[metric]}
            for rank, user in enumerate(players, 1)
        ]


def _leaderboard() -> Json:
    return {
        "id": catalogue.LEADERBOARD_ID,
        "key": catalogue.LEADERBOARD,
        "name": "Most notes",
        "rankBy": "metric",
        "metricKey": catalogue.NOTES.key,
        "metricName": catalogue.NOTES.name,
        "breakdownAttribute": None,
        "breakdownAttributes": [],
        "userAttributes": [],
        "description": None,
        "start": fixture.OPENED[:10],
        "end": None,
        "maxParticipants": 100,
        "runUnit": None,
        "runInterval": None,
    }


def _points_system(call: Call) -> None:
    if call.parameters["key"] != KEY:
        raise RefusedError(404, "Points system not found")


def _known_leaderboard(call: Call) -> None:
    if call.parameters["key"] != catalogue.LEADERBOARD:
        raise RefusedError(404, "Leaderboard not found")
