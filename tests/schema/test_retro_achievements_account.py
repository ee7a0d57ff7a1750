"""What only RetroAchievements tells of an account."""

from collections.abc import Mapping

import pytest

from tests.harness import GraphQLResponse, RunningServer

RANK = "rank { position population percentile }"


def query_account(
    server: RunningServer,
    fields: str,
    handle: str = "VegaNorth",
    headers: Mapping[str, str] | None = None,
) -> GraphQLResponse:
    """Query fields of one account, and return the response."""
    query = f"""query ($handle: String!) {{
      user(accounts: [{{source: RETRO_ACHIEVEMENTS, handle: $handle}}]) {{
        accounts {{ ... on RetroAchievementsAccount {{ {fields} }} }} }} }}"""
    return server.execute(query, {"handle": handle}, headers)


def test_a_rank_takes_one_call_and_no_profile(server: RunningServer) -> None:
    response = query_account(server, RANK)
    (account,) = response.data["user"]["accounts"]
    assert account["rank"].pop("percentile") == pytest.approx(99.998, abs=0.001)
    assert account == {"rank": {"position": 1, "population": 51_234}}
    assert response.upstream_calls == {"RETRO_ACHIEVEMENTS": 1}
    assert query_account(server, RANK).upstream_calls == {}


@pytest.mark.parametrize("handle", ["EmptyEda", "Nobody"])
def test_an_account_without_a_rank_has_none(server: RunningServer, handle: str) -> None:
    assert query_account(server, RANK, handle).data["user"]["accounts"] == [{"rank": None}]


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"status": 503}, "UPSTREAM_UNAVAILABLE"),
        ({"status": 429, "headers": {"Retry-After": "9"}}, "UPSTREAM_RATE_LIMITED"),
        ({"status": 200, "body": "<p>busy</p>"}, "UPSTREAM_BAD_RESPONSE"),
        ({"status": 200, "body": {"Rank": 7}}, "UPSTREAM_BAD_RESPONSE"),
    ],
)
def test_a_rank_that_cannot_be_loaded_is_null_and_leaves_the_profile(
    server: RunningServer, fault: dict[str, object], code: str
) -> None:
    server.inject_fault("GetUserRankAndScore", **fault)
    response = query_account(server, f"points {RANK}")
    assert response.partial_data["user"]["accounts"] == [{"points": 446, "rank": None}]
    assert response.codes == {"user.accounts.0.rank": code}
