"""Follows and wanted titles: only to the viewer whose own account they are shown to."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.harness import GraphQLResponse, RunningServer, run_server
from tests.server.caller_headers import (
    SECOND_ON_RETRO,
    SECOND_ON_TROPHY_SO,
    make_bearer_headers,
)

FOLLOWING = """following { totalCount edges { node {
  displayName points isMutual account { handle } } } sources { state } }"""
FOLLOWERS = "followers { edges { node { displayName } } sources { state } }"
WANTED = "wantToPlay { totalCount edges { node { title { name } } } sources { state } }"
KEYS = "reader:key-of-the-reader:read,public:key-of-the-public:public"
READER, PUBLIC = (make_bearer_headers(f"key-of-the-{name}") for name in ("reader", "public"))
VEGA_ULID = "01HVEGAN0RTH7Q2M4X6Z8B0C1D"


def query(
    server: RunningServer,
    fields: str,
    handle: str = "VegaNorth",
    headers: Mapping[str, str] | None = None,
) -> GraphQLResponse:
    """Query fields of one account, and return the response."""
    text = f"""query ($handle: String!) {{
      user(accounts: [{{source: RETRO_ACHIEVEMENTS, handle: $handle}}]) {{
        accounts {{ ... on RetroAchievementsAccount {{ {fields} }} }} }} }}"""
    return server.execute(text, {"handle": handle}, headers)


def read(response: GraphQLResponse) -> Any:
    (account,) = response.data["user"]["accounts"]
    return account


def get_names(connection: Any) -> list[str]:
    return [edge["node"]["displayName"] for edge in connection["edges"]]


def get_titles(connection: Any) -> list[str]:
    return [edge["node"]["title"]["name"] for edge in connection["edges"]]


def test_the_viewers_own_follows_take_one_call(server: RunningServer) -> None:
    response = query(server, "following { edges { node { displayName points isMutual } } }")
    assert read(response)["following"]["edges"] == [
        {"node": {"displayName": "SecondSam", "points": 100, "isMutual": True}},
        {"node": {"displayName": "EmptyEda", "points": 0, "isMutual": False}},
    ]
    assert response.upstream_calls == {"RETRO_ACHIEVEMENTS": 1}


@pytest.mark.parametrize("handle", ["veganorth", VEGA_ULID, VEGA_ULID.lower()])
def test_the_own_account_is_known_under_each_of_its_handles(
    server: RunningServer, handle: str
) -> None:
    found = read(query(server, f"{FOLLOWING} {FOLLOWERS}", handle))
    assert get_names(found["following"]) == ["SecondSam", "EmptyEda"]
    assert get_names(found["followers"]) == ["SecondSam", "MaxMilyin"]


@pytest.mark.parametrize("handle", ["SecondSam", "MaxMilyin", "Nobody"])
def test_the_follows_of_another_account_are_forbidden(server: RunningServer, handle: str) -> None:
    response = query(server, f"{FOLLOWING} {FOLLOWERS}", handle)
    assert response.partial_data["user"]["accounts"] == [{"following": None, "followers": None}]
    assert set(response.codes.values()) <= {"FORBIDDEN", "NOT_FOUND"}
    assert server.retro.calls["GET retroachievements.org/API/API_GetUsersIFollow.php"] == 0


def test_a_public_key_is_shown_nothing_by_the_operators_credential() -> None:
    with run_server(TROPHYCASE_API_KEYS=KEYS) as server:
        own = read(query(server, f"{FOLLOWING} {WANTED}", headers=READER))
        assert len(own["following"]["edges"]) == len(own["wantToPlay"]["edges"]) == 2
        before = server.count_upstream_calls()
        for handle in ("VegaNorth", VEGA_ULID, "SecondSam", "MaxMilyin"):
            response = query(server, f"{FOLLOWING} {FOLLOWERS} {WANTED}", handle, PUBLIC)
            assert response.partial_data["user"]["accounts"] == [
                {"following": None, "followers": None, "wantToPlay": None}
            ]
            assert response.error_codes == {"FORBIDDEN"}
        assert server.count_upstream_calls() == before


def test_a_viewer_of_another_source_is_shown_nothing(server: RunningServer) -> None:
    query(server, f"{FOLLOWING} {WANTED}")
    response = query(server, f"{FOLLOWING} {WANTED}", headers=SECOND_ON_TROPHY_SO)
    assert response.partial_data["user"]["accounts"] == [{"following": None, "wantToPlay": None}]
    assert response.error_codes == {"FORBIDDEN"}


def test_another_viewer_is_shown_their_own_and_nothing_that_is_cached(
    server: RunningServer,
) -> None:
    query(server, f"{FOLLOWING} {WANTED}")
    refused = query(server, FOLLOWING, headers=SECOND_ON_RETRO)
    assert refused.error_codes == {"FORBIDDEN"}
    own = read(query(server, f"{FOLLOWING} {WANTED}", "SecondSam", SECOND_ON_RETRO))
    assert get_names(own["following"]) == ["VegaNorth", "MaxMilyin"]
    assert get_titles(own["wantToPlay"]) == ["Moss & Marrow"]


def test_wanted_titles_are_shown_to_those_who_follow_each_other(server: RunningServer) -> None:
    # Cached for one viewer, a list is not shown to another.
    server.retro.database.members[1].following.append(server.retro.database.members[3].ulid)
    server.retro.database.members[3].following.append(server.retro.database.members[1].ulid)
    seen = read(query(server, WANTED, "MaxMilyin", SECOND_ON_RETRO))["wantToPlay"]
    assert get_titles(seen) == ["WarioWare, Inc.: Mega Microgames!"]
    hidden = read(query(server, WANTED, "MaxMilyin"))["wantToPlay"]
    assert hidden == {"totalCount": None, "edges": [], "sources": [{"state": "PRIVATE"}]}


def test_a_wanted_title_is_answered_from_its_row(server: RunningServer) -> None:
    fields = "nativeId name icon { url } platforms achievementCount points { value }"
    response = query(server, f"wantToPlay {{ edges {{ node {{ title {{ {fields} }} }} }} }}")
    (first, _) = read(response)["wantToPlay"]["edges"]
    assert first["node"]["title"]["points"] == {"value": 85}
    assert response.upstream_calls == {"RETRO_ACHIEVEMENTS": 1}


def test_the_progress_in_all_wanted_titles_takes_one_call(server: RunningServer) -> None:
    fields = "wantToPlay { edges { node { title { name earnedCount } } } }"
    response = query(server, fields)
    assert read(response)["wantToPlay"]["edges"] == [
        {"node": {"title": {"name": "Night Bus Nine", "earnedCount": 0}}},
        {"node": {"title": {"name": "Puddle Racers", "earnedCount": 5}}},
    ]
    assert response.upstream_calls == {"RETRO_ACHIEVEMENTS": 2}


@pytest.mark.parametrize(
    ("field", "node"), [("following", "displayName"), ("wantToPlay", "title { name }")]
)
def test_pages_follow_each_other(server: RunningServer, field: str, node: str) -> None:
    page = f"{{ edges {{ node {{ {node} }} }} pageInfo {{ hasNextPage endCursor }} }}"
    first = read(query(server, f"{field}(first: 1) {page}"))[field]
    assert first["pageInfo"]["hasNextPage"]
    after = first["pageInfo"]["endCursor"]
    second = read(query(server, f'{field}(first: 1, after: "{after}") {page}'))[field]
    assert not second["pageInfo"]["hasNextPage"]
    assert len(first["edges"]) == len(second["edges"]) == 1
    assert first["edges"][0]["node"] != second["edges"][0]["node"]


@pytest.mark.parametrize(
    ("endpoint", "fields"),
    [("GetUsersIFollow", FOLLOWING), ("GetUserWantToPlayList", WANTED)],
)
@pytest.mark.parametrize(
    ("fault", "state"),
    [
        ({"status": 503}, "UNAVAILABLE"),
        ({"status": 429}, "RATE_LIMITED"),
        ({"status": 200, "body": "<p>busy</p>"}, "UNAVAILABLE"),
        ({"status": 200, "body": {"Results": "none"}}, "UNAVAILABLE"),
    ],
)
def test_a_list_that_cannot_be_loaded_is_empty_and_says_why(
    server: RunningServer, endpoint: str, fields: str, fault: dict[str, Any], state: str
) -> None:
    server.inject_fault(endpoint, **fault)
    (found,) = read(query(server, fields)).values()
    assert (found["edges"], found["sources"]) == ([], [{"state": state}])
