"""The sandbox behaves as the real service is documented."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from providers.kit.sandbox import InjectedFault
from providers.trophy_so.sandbox import achievement_data, constants, user_routes
from providers.trophy_so.sandbox.app import TrophySoSandbox, create_sandbox

BASE = "https://api.trophy.so/v1"
REQUIRED_KEYS = {
    "id",
    "name",
    "trigger",
    "description",
    "badgeUrl",
    "completions",
    "rarity",
    "achievedAt",
    "userAttributes",
}
DATE_RANGE = "aggregation=daily&startDate=2026-10-01&endDate=2026-10-14"
READS = [
    "users/vega",
    "users/vega/preferences",
    "users/vega/metrics",
    "users/vega/metrics/notes",
    f"users/vega/metrics/notes/event-summary?{DATE_RANGE}",
    "users/vega/achievements",
    "users/vega/streak",
    "users/vega/points/experience",
    "users/vega/points/experience/boosts",
    f"users/vega/points/experience/event-summary?{DATE_RANGE}",
    "users/vega/leaderboards/most-notes",
    "users/vega/wrapped",
    "achievements",
    "streaks?userIds=vega",
    "points/experience",
    "points/experience/boosts",
    "points/experience/levels",
    "points/experience/summary",
    "points/experience/level-summary",
    "leaderboards",
    "leaderboards/most-notes",
]


class ApiClient:
    """A client with one key."""

    def __init__(self, key: str | None = constants.ADMIN_KEY) -> None:
        self.sandbox: TrophySoSandbox = create_sandbox()
        self.headers = {"X-API-KEY": key} if key else {}

    def request(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return asyncio.run(self._send(method, path, body, {**self.headers, **named}))

    def get(self, path: str) -> Any:
        response = self.request("GET", path)
        assert response.status_code == 200, response.text
        return response.json()

    async def _send(
        self, method: str, path: str, body: Any, headers: dict[str, str]
    ) -> httpx.Response:
        transport = httpx.MockTransport(self.sandbox.handle_request)
        async with httpx.AsyncClient(transport=transport) as http:
            return await http.request(method, f"{BASE}/{path}", json=body, headers=headers)


@pytest.mark.parametrize("path", READS)
def test_every_read_answers_and_needs_a_key(path: str) -> None:
    ApiClient().get(path)
    for key in (None, "sandbox", "other.key"):
        response = ApiClient(key).request("GET", path)
        assert (response.status_code, list(response.json())) == (401, ["error"])


@pytest.mark.parametrize("path", [path for path in READS if path.startswith("users/")])
def test_an_unknown_user_is_not_found(path: str) -> None:
    missing = ApiClient().request("GET", path.replace("vega", "nobody"))
    assert (missing.status_code, list(missing.json())) == (404, ["error"])


@pytest.mark.parametrize(
    "path",
    [
        "users/vega/metrics/nothing",
        "users/vega/points/nothing",
        "users/vega/leaderboards/nothing",
        "points/nothing",
        "leaderboards/nothing",
    ],
)
def test_an_unknown_metric_or_leaderboard_key_is_not_found(path: str) -> None:
    assert ApiClient().request("GET", path).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "users/vega/metrics/notes/event-summary",
        "users/vega/metrics/notes/event-summary?aggregation=hourly",
        f"users/vega/metrics/notes/event-summary?{DATE_RANGE.replace('2026-10-01', '2024-10-01')}",
        f"users/vega/metrics/notes/event-summary?{DATE_RANGE.replace('2026-10-01', 'monday')}",
        "users/vega/points/experience?awards=0",
        "users/vega/leaderboards/most-notes?numEvents=101",
        "streaks",
        "streaks?" + "&".join(f"userIds=u{number}" for number in range(101)),
    ],
)
def test_invalid_parameters_are_rejected(path: str) -> None:
    assert ApiClient().request("GET", path).status_code == 422


def test_an_application_key_reads_only_its_own_user() -> None:
    account = ApiClient(constants.APPLICATION_KEY)
    assert account.get("users/second%20user")["name"] == "Second User"
    assert account.request("GET", "users/vega").status_code == 403
    assert account.request("GET", "streaks?userIds=vega").status_code == 403
    event = {"user": {"id": "vega"}, "value": 1}
    assert account.request("POST", "metrics/notes/event", event).status_code == 403


def test_the_published_users_list_is_answered_as_published() -> None:
    sample = json.loads(Path(user_routes.__file__).with_name("user_achievements.json").read_bytes())
    assert ApiClient().get("users/user-id/achievements") == sample
    assert ApiClient().get("users/user-id/achievements?includeIncomplete=true") == sample
    assert ApiClient().get("users/user-id")["id"] == "user-id"


def test_only_the_literal_true_includes_the_incomplete() -> None:
    account = ApiClient()
    path = "users/vega/achievements"
    assert len(account.get(f"{path}?includeIncomplete=true")) == 16
    assert len(account.get(f"{path}?includeIncomplete=True")) == len(account.get(path)) == 8
    assert account.get("users/fresh/achievements") == []


def test_current_responses_have_every_required_key() -> None:
    for shown in ApiClient().get("users/vega/achievements?includeIncomplete=true"):
        assert shown.keys() >= REQUIRED_KEYS
        assert ("eventAttributes" in shown) == (shown["trigger"] == "metric")
        assert ("key" in shown) == (shown["trigger"] == "api")
    assert ApiClient().get("users/fresh").keys() >= {"email", "name", "tz", "deviceTokens"}


def test_older_responses_omit_empty_keys() -> None:
    account = ApiClient()
    account.sandbox.settings["old_form"] = True
    shown = account.get("users/vega/achievements?includeIncomplete=true")
    assert not any("userAttributes" in row or None in row.values() for row in shown)
    assert sum("achievedAt" in row for row in shown) == 8
    account.sandbox.reset()
    assert "userAttributes" in account.get("users/vega/achievements")[0]


def test_rarity_is_the_share_of_those_who_completed_it() -> None:
    for shown in ApiClient().get("achievements"):
        assert shown["rarity"] == round(100 * shown["completions"] / achievement_data.USER_COUNT, 2)
        assert "achievedAt" not in shown


def test_achievements_can_be_filtered_by_user_attributes() -> None:
    names = {shown["name"] for shown in ApiClient().get("achievements?userAttributes=plan:free")}
    assert len(names) == 14
    assert "Night shift" not in names


@pytest.mark.parametrize(
    "query",
    ["userIds=vega&userIds=team%2Fblue", "userIds=vega,team%2Fblue", "userIds=vega%2Cteam%2Fblue"],
)
def test_streaks_take_ids_repeated_and_comma_joined(query: str) -> None:
    shown = ApiClient().get(f"streaks?{query}&userIds=nobody")
    assert [(row["userId"], row["streakLength"]) for row in shown] == [
        ("vega", 12),
        ("team/blue", 5),
    ]


def test_a_streak_shows_as_much_history_as_was_asked_for() -> None:
    account = ApiClient()
    assert len(account.get("users/vega/streak")["streakHistory"]) == 7
    assert len(account.get("users/vega/streak?historyPeriods=2")["streakHistory"]) == 2


def test_rankings_are_paged_by_offset_and_limit() -> None:
    rows = ApiClient().get("leaderboards/most-notes?offset=1&limit=1")["rankings"]
    assert [(row["userId"], row["rank"]) for row in rows] == [("team/blue", 2)]
    assert ApiClient().get("users/fresh/leaderboards/most-notes")["rank"] is None


def test_an_event_counts_and_completes_what_it_reaches() -> None:
    account = ApiClient()
    event = {"user": {"id": "fresh", "name": "Fresh"}, "value": 12}
    counted = account.request("POST", "metrics/notes/event", event)
    assert (counted.status_code, counted.json()["total"]) == (201, 12)
    assert [row["name"] for row in counted.json()["achievements"]] == ["First notes"]
    assert account.get("users/fresh/metrics/notes")["current"] == 12
    assert account.get("users/fresh")["name"] == "Fresh"
    assert len(account.get("users/fresh/achievements")) == 1


def test_filters_hold_an_achievement_back() -> None:
    account = ApiClient()
    event: dict[str, Any] = {"user": {"id": "vega"}, "value": 600}
    assert account.request("POST", "metrics/minutes/event", event).json()["achievements"] == []
    event["attributes"] = {"daytime": "evening", "place": "home"}
    completed = account.request("POST", "metrics/minutes/event", event).json()["achievements"]
    assert [row["name"] for row in completed] == ["Night shift"]


def test_an_event_with_the_same_idempotency_key_counts_once() -> None:
    account = ApiClient()
    event = {"user": {"id": "fresh"}, "value": 3}
    replies = [
        account.request("POST", "metrics/notes/event", event, idempotency_key="once")
        for _ in range(2)
    ]
    assert [reply.status_code for reply in replies] == [201, 202]
    assert [reply.json()["idempotentReplayed"] for reply in replies] == [False, True]
    assert account.get("users/fresh/metrics/notes")["current"] == 3
    account.request("POST", "metrics/minutes/event", event, idempotency_key="once")
    assert account.get("users/fresh/metrics/minutes")["current"] == 3


def test_an_api_achievement_is_completed_once() -> None:
    account = ApiClient()
    for _ in range(2):
        body = {"user": {"id": "fresh"}}
        completed = account.request("POST", "achievements/completed-onboarding/complete", body)
        assert completed.status_code == 201
        assert completed.json()["achievement"]["achievedAt"] == constants.NOW
    (shown,) = account.get("users/fresh/achievements")
    assert shown["completions"] == 761


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "achievements/nothing/complete", {"user": {"id": "fresh"}}, 404),
        ("POST", "achievements/first-notes/complete", {"user": {"id": "fresh"}}, 422),
        ("POST", "achievements/beta-tester/complete", {}, 422),
        ("POST", "metrics/nothing/event", {"user": {"id": "fresh"}, "value": 1}, 404),
        ("POST", "metrics/notes/event", {"user": {"id": "fresh"}, "value": "1"}, 422),
        ("POST", "metrics/notes/event", {"value": 1}, 422),
        ("POST", "metrics/notes/event", None, 400),
        ("POST", "metrics/notes/event", [], 422),
        ("POST", "users", {"name": "Nobody"}, 422),
        ("PATCH", "users/nobody", {"name": "Nobody"}, 404),
        ("PATCH", "users/vega", {"name": 5}, 422),
        ("PATCH", "users/vega", {"attributes": {"plan": 5}}, 422),
    ],
)
def test_a_change_that_cannot_be_made_is_refused(
    method: str, path: str, body: Any, status: int
) -> None:
    response = ApiClient().request(method, path, body)
    assert (response.status_code, list(response.json())) == (status, ["error"])


def test_users_are_made_identified_and_changed() -> None:
    account = ApiClient()
    assert account.request("POST", "users", {"id": "new", "tz": "UTC"}).status_code == 201
    assert account.request("PUT", "users/new", {"name": "New"}).json()["tz"] == "UTC"
    changed = account.request("PATCH", "users/new", {"attributes": {"plan": "pro"}})
    assert changed.json()["attributes"] == {"plan": "pro"}
    assert account.get("users/new")["name"] == "New"


def test_a_test_can_change_the_data() -> None:
    account, other = ApiClient(), ApiClient()
    account.sandbox.database.add_achievement("encore", "Encore")
    account.sandbox.database.unlock("fresh", "encore", "2026-10-02T00:00:00.000Z")
    (shown,) = account.get("users/fresh/achievements")
    assert (shown["name"], shown["achievedAt"]) == ("Encore", "2026-10-02T00:00:00.000Z")
    assert (shown["completions"], shown["rarity"]) == (1, 0.12)
    assert other.get("users/fresh/achievements") == []


def test_a_fault_is_injected_a_limited_number_of_times() -> None:
    account = ApiClient()
    account.sandbox.faults.append(InjectedFault("users/vega", 503, {"error": "busy"}, times=1))
    codes = [account.request("GET", "users/vega").status_code for _ in range(2)]
    assert codes == [503, 200]
