"""Routes of points and leaderboards."""

from typing import Any

from providers.kit.sandbox import SandboxRequest, SandboxResponse
from providers.trophy_so.sandbox import achievement_data, constants
from providers.trophy_so.sandbox.models import Json
from providers.trophy_so.sandbox.points_serializers import POINTS_KEY, PointsSerializer
from providers.trophy_so.sandbox.request_handling import (
    HOST,
    ApiError,
    RouteGroup,
    Routes,
    parse_number,
)
from providers.trophy_so.sandbox.user_routes import parse_last_day


class LeaderboardRoutes(RouteGroup):
    def list_routes(self) -> Routes:
        points, user = f"{HOST}/points/{{key}}", f"{HOST}/users/{{id}}"
        return [
            ("GET", f"{user}/points/{{key}}", self.get_user_points),
            ("GET", f"{user}/points/{{key}}/boosts", self.get_empty_list),
            ("GET", f"{user}/points/{{key}}/event-summary", self.get_points_summary),
            ("GET", f"{user}/leaderboards/{{key}}", self.get_user_leaderboard),
            ("GET", points, self.get_points_system),
            *(
                ("GET", f"{points}/{part}", self.get_empty_list)
                for part in ("boosts", "summary", "level-summary")
            ),
            ("GET", f"{points}/levels", self.list_levels),
            ("GET", f"{HOST}/leaderboards", self.list_leaderboards),
            ("GET", f"{HOST}/leaderboards/{{key}}", self.get_leaderboard),
        ]

    def get_user_points(self, request: SandboxRequest) -> SandboxResponse:
        user = self.get_path_user(request)
        _check_points_system(request)
        return SandboxResponse(
            200,
            PointsSerializer(self.database).serialize_user(
                user, parse_number(request, "awards", 10, 1, 100)
            ),
        )

    def get_points_summary(self, request: SandboxRequest) -> SandboxResponse:
        user = self.get_path_user(request)
        _check_points_system(request)
        total = PointsSerializer(self.database).serialize_user(user, 0)["total"]
        return SandboxResponse(
            200, [{"date": parse_last_day(request), "total": total, "change": total}]
        )

    def get_points_system(self, request: SandboxRequest) -> SandboxResponse:
        _check_points_system(request)
        return SandboxResponse(200, PointsSerializer(self.database).serialize_system())

    def get_empty_list(self, request: SandboxRequest) -> SandboxResponse:
        """Return no rows; the application has no boosts, and counts no users."""
        if "id" in request.parameters:
            self.get_path_user(request)
        _check_points_system(request)
        empty: list[Any] = []
        return SandboxResponse(200, empty)

    def list_levels(self, request: SandboxRequest) -> SandboxResponse:
        _check_points_system(request)
        return SandboxResponse(200, PointsSerializer(self.database).serialize_levels())

    def list_leaderboards(self, request: SandboxRequest) -> SandboxResponse:
        del request
        return SandboxResponse(200, [{**_serialize_leaderboard(), "status": "active"}])

    def get_leaderboard(self, request: SandboxRequest) -> SandboxResponse:
        _check_leaderboard(request)
        offset, limit = (
            parse_number(request, "offset", 0, 0, 10_000),
            parse_number(request, "limit", 10, 1, 100),
        )
        rankings = self._list_rankings()[offset : offset + limit]
        return SandboxResponse(
            200, {**_serialize_leaderboard(), "status": "active", "rankings": rankings}
        )

    def get_user_leaderboard(self, request: SandboxRequest) -> SandboxResponse:
        user = self.get_path_user(request)
        _check_leaderboard(request)
        parse_number(request, "numEvents", 10, 0, 100)
        row = next((row for row in self._list_rankings() if row["userId"] == user.id), None)
        place: Json = {"rank": row and row["rank"], "value": row and row["value"], "history": []}
        return SandboxResponse(200, {**_serialize_leaderboard(), **place})

    def _list_rankings(self) -> list[Json]:
        metric = achievement_data.NOTES.key
        players = [user for user in self.database.all_users if user.metrics.get(metric)]
        players.sort(key=lambda user: -user.metrics[metric])
        return [
            {"userId": user.id, "userName": user.name, "rank": rank, "value": user.metrics[metric]}
            for rank, user in enumerate(players, 1)
        ]


def _serialize_leaderboard() -> Json:
    return {
        "id": achievement_data.LEADERBOARD_ID,
        "key": achievement_data.LEADERBOARD_KEY,
        "name": "Most notes",
        "rankBy": "metric",
        "metricKey": achievement_data.NOTES.key,
        "metricName": achievement_data.NOTES.name,
        "breakdownAttribute": None,
        "breakdownAttributes": [],
        "userAttributes": [],
        "description": None,
        "start": constants.CREATED_AT[:10],
        "end": None,
        "maxParticipants": 100,
        "runUnit": None,
        "runInterval": None,
    }


def _check_points_system(request: SandboxRequest) -> None:
    if request.parameters["key"] != POINTS_KEY:
        raise ApiError(404, "Points system not found")


def _check_leaderboard(request: SandboxRequest) -> None:
    if request.parameters["key"] != achievement_data.LEADERBOARD_KEY:
        raise ApiError(404, "Leaderboard not found")
