"""What only Trophy.so tells of a user."""

from collections.abc import Mapping
from typing import Any

import pytest

from providers.trophy_so.sandbox import constants
from providers.trophy_so.sandbox.models import User
from schema.global_id import encode
from tests.harness import GraphQLResponse, RunningServer
from tests.schema.rejected_input import assert_rejected
from tests.server.caller_headers import SECOND_ON_TROPHY_SO

POINTS = 'points(key: "experience") { key name total level { key name points } }'
PLACE = 'leaderboard(key: "most-notes") { key name rankBy rank value }'


def query_account(
    server: RunningServer,
    fields: str,
    handle: str = "vega",
    headers: Mapping[str, str] | None = None,
) -> GraphQLResponse:
    """Query fields of one user, and return the response."""
    query = f"""query ($handle: String!) {{
      user(accounts: [{{source: TROPHY_SO, handle: $handle}}]) {{
        accounts {{ ... on TrophySoAccount {{ {fields} }} }} }} }}"""
    return server.execute(query, {"handle": handle}, headers)


def read_account(server: RunningServer, fields: str, handle: str = "vega") -> Any:
    (account,) = query_account(server, fields, handle).data["user"]["accounts"]
    return account


def test_points_and_a_place_take_a_call_each(server: RunningServer) -> None:
    response = query_account(server, f"{POINTS} {PLACE}")
    assert response.data["user"]["accounts"] == [
        {
            "points": {
                "key": "experience",
                "name": "Experience",
                "total": 80,
                "level": {"key": "player", "name": "Player", "points": 50},
            },
            "leaderboard": {
                "key": "most-notes",
                "name": "Most notes",
                "rankBy": "metric",
                "rank": 1,
                "value": 4200,
            },
        }
    ]
    assert response.upstream_calls == {"TROPHY_SO": 2}


@pytest.mark.parametrize(
    ("handle", "key"), [("vega", "nothing"), ("nobody", "experience"), ("nobody", "most-notes")]
)
def test_an_unknown_key_or_user_is_null(server: RunningServer, handle: str, key: str) -> None:
    fields = f'points(key: "{key}") {{ total }} leaderboard(key: "{key}") {{ rank }}'
    assert read_account(server, fields, handle) == {"points": None, "leaderboard": None}


@pytest.mark.parametrize("key", ["", "..", "a\\nb"])
def test_an_invalid_key_is_rejected_before_any_call(server: RunningServer, key: str) -> None:
    for field in ("points", "leaderboard"):
        response = query_account(server, f'timeZone {field}(key: "{key}") {{ id }}')
        assert_rejected(server, response, "key")


@pytest.mark.parametrize("periods", [0, 101, -1])
def test_a_number_of_periods_out_of_range_is_rejected(server: RunningServer, periods: int) -> None:
    response = query_account(server, f"streak {{ history(periods: {periods}) {{ length }} }}")
    assert_rejected(server, response, "periods")


def test_a_short_history_comes_with_the_streak(server: RunningServer) -> None:
    fields = "streak { length frequency startedOn expiresOn history { startsOn length } }"
    response = query_account(server, fields)
    (account,) = response.data["user"]["accounts"]
    history = account["streak"].pop("history")
    assert account["streak"] == {
        "length": 12,
        "frequency": "daily",
        "startedOn": "2026-10-03",
        "expiresOn": "2026-10-15",
    }
    assert len(history) == 7
    assert history[0] == {"startsOn": "2026-10-14", "length": 12}
    assert response.upstream_calls == {"TROPHY_SO": 1}


def test_the_longest_requested_history_is_loaded_once(server: RunningServer) -> None:
    query = """query ($periods: Int!) { user(accounts: [{source: TROPHY_SO, handle: "vega"}]) {
      accounts { ... on TrophySoAccount { streak {
        length a: history(periods: $periods) { endsOn } b: history(periods: 2) { usedPause }
        c: history(periods: 8) { length } } } } } }"""
    response = server.execute(query, {"periods": 100})
    (account,) = response.data["user"]["accounts"]
    streak = account["streak"]
    assert [len(streak[name]) for name in "abc"] == [100, 2, 8]
    assert response.upstream_calls == {"TROPHY_SO": 1}


def test_the_lengths_of_a_hundred_users_take_one_call(server: RunningServer) -> None:
    users = [User(f"user-{number}", streak=number) for number in range(100)]
    server.trophy_so.database.users.update({user.id: user for user in users})
    query = """query ($ids: [ID!]!) { nodes(ids: $ids) {
      ... on TrophySoAccount { streak { __typename length extendedAt } } } }"""
    ids = [encode("TrophySoAccount", "TROPHY_SO", user.id) for user in users]
    response = server.execute(query, {"ids": ids})
    lengths = [node["streak"]["length"] for node in response.data["nodes"]]
    assert lengths == list(range(100))
    assert response.upstream_calls == {"TROPHY_SO": 1}


@pytest.mark.parametrize(
    ("path", "field", "fields"),
    [
        ("/points/", "points", POINTS),
        ("/leaderboards/", "leaderboard", PLACE),
        ("/streak", "streak", "streak { length }"),
    ],
)
@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"status": 503}, "UPSTREAM_UNAVAILABLE"),
        ({"status": 403, "body": {"error": "no"}}, "PRIVATE"),
        ({"status": 200, "body": "<p>busy</p>"}, "UPSTREAM_BAD_RESPONSE"),
        ({"status": 200, "body": {"name": "x"}}, "UPSTREAM_BAD_RESPONSE"),
    ],
)
def test_what_cannot_be_loaded_is_null_and_leaves_the_rest(
    server: RunningServer, path: str, field: str, fields: str, fault: dict[str, Any], code: str
) -> None:
    server.inject_fault(path, **fault)
    response = query_account(server, f"timeZone {fields}")
    assert response.partial_data["user"]["accounts"] == [{"timeZone": "Europe/Berlin", field: None}]
    assert response.codes == {f"user.accounts.0.{field}": code}


def test_callers_with_a_key_of_their_own_get_nothing_that_another_key_has_loaded(
    server: RunningServer,
) -> None:
    fields = f"{POINTS} {PLACE} streak {{ length }}"
    query_account(server, fields)
    query_account(server, fields, constants.SECOND_ID)

    refused = query_account(server, fields, headers=SECOND_ON_TROPHY_SO)
    assert refused.partial_data["user"]["accounts"] == [
        {"points": None, "leaderboard": None, "streak": None}
    ]
    assert refused.error_codes == {"PRIVATE"}
    own = query_account(server, fields, constants.SECOND_ID, SECOND_ON_TROPHY_SO)
    assert own.data["user"]["accounts"][0]["streak"] == {"length": 1}
    assert own.upstream_calls == {"TROPHY_SO": 3}
