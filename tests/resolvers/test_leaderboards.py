"""The leaderboards of titles, with the place of the player whom a title was reached through."""

from typing import Any

import pytest

from tests.harness import GraphQLResponse, RunningServer, run_server
from tests.server.caller_headers import SECOND_ON_RETRO, make_bearer_headers

LEADERBOARDS = """leaderboards(first: 2) { totalCount
  edges { node { name topEntry { displayName formattedScore } entry { rank formattedScore } } }
  pageInfo { hasNextPage endCursor } sources { state } }"""
TITLE = f'trophyTitle(source: RETRO_ACHIEVEMENTS, nativeId: "640") {{ {LEADERBOARDS} }}'


def query_player(server: RunningServer, handle: str, fields: str = TITLE) -> GraphQLResponse:
    account = f'{{source: RETRO_ACHIEVEMENTS, handle: "{handle}"}}'
    return server.execute(f"{{ user(accounts: [{account}]) {{ {fields} }} }}")


def list_places(connection: Any) -> list[Any]:
    return [edge["node"]["entry"] for edge in connection["edges"]]


def test_a_title_of_a_player_has_their_places(server: RunningServer) -> None:
    response = query_player(server, "VegaNorth")
    found = response.data["user"]["trophyTitle"]["leaderboards"]
    assert (found["totalCount"], found["pageInfo"]["hasNextPage"]) == (3, True)
    assert [edge["node"] for edge in found["edges"]] == [
        {
            "name": "Fast first lap",
            "topEntry": {"displayName": "SecondSam", "formattedScore": "0:42.87"},
            "entry": {"rank": 2, "formattedScore": "0:43.21"},
        },
        {
            "name": "Splash score",
            "topEntry": {"displayName": "MaxMilyin", "formattedScore": "120,500"},
            "entry": None,
        },
    ]


def test_a_list_and_all_places_take_one_call_each(server: RunningServer) -> None:
    fields = 'trophyTitle(source: RETRO_ACHIEVEMENTS, nativeId: "640") { nativeId %s }'
    assert query_player(server, "VegaNorth", fields % "").upstream_calls
    # The title is cached by now, the leaderboards and the places are not.
    calls = query_player(server, "VegaNorth", fields % LEADERBOARDS).upstream_calls
    assert calls == {"RETRO_ACHIEVEMENTS": 2}
    again = query_player(server, "VegaNorth", fields % LEADERBOARDS)
    assert again.upstream_calls == {}


def test_a_title_without_a_player_has_no_places(server: RunningServer) -> None:
    response = server.execute(f"{{ {TITLE} }}")
    assert list_places(response.data["trophyTitle"]["leaderboards"]) == [None, None]
    assert [request.url.path for request in server.retro.log][-1].endswith(
        "API_GetGameLeaderboards.php"
    )


def test_pages_follow_each_other(server: RunningServer) -> None:
    first = query_player(server, "VegaNorth").data["user"]["trophyTitle"]["leaderboards"]
    after = first["pageInfo"]["endCursor"]
    fields = TITLE.replace("first: 2", f'first: 2, after: "{after}"')
    second = query_player(server, "VegaNorth", fields).data["user"]["trophyTitle"]["leaderboards"]
    assert [edge["node"]["name"] for edge in second["edges"]] == ["Dry feet"]
    assert second["edges"][0]["node"]["topEntry"] is None
    assert not second["pageInfo"]["hasNextPage"]


def test_a_cursor_of_another_list_is_rejected_before_any_call(server: RunningServer) -> None:
    text = "{ viewer { trophyTitles(first: 1) { pageInfo { endCursor } } } }"
    cursor = server.fetch_data(text)["viewer"]["trophyTitles"]["pageInfo"]["endCursor"]
    fields = TITLE.replace("first: 2", f'first: 2, after: "{cursor}"')
    response = query_player(server, "VegaNorth", fields)
    assert (response.error["code"], response.error["argument"]) == ("BAD_USER_INPUT", "after")
    assert response.upstream_calls == {}


def test_a_title_of_a_source_without_leaderboards_has_null(server: RunningServer) -> None:
    fields = f'trophyTitle(source: PSN, nativeId: "NPWR00001_00") {{ {LEADERBOARDS} }}'
    assert server.fetch_data(f"{{ viewer {{ {fields} }} }}") == {
        "viewer": {"trophyTitle": {"leaderboards": None}}
    }


def test_a_game_without_leaderboards_has_an_empty_list(server: RunningServer) -> None:
    found = query_player(server, "VegaNorth", TITLE.replace("640", "101"))
    leaderboards = found.data["user"]["trophyTitle"]["leaderboards"]
    assert (leaderboards["totalCount"], leaderboards["edges"]) == (0, [])


def test_each_viewer_has_places_of_their_own() -> None:
    with run_server(TROPHYCASE_API_KEYS="public:key-of-the-public:public") as server:
        public = make_bearer_headers("key-of-the-public")
        text = f"{{ viewer {{ {TITLE} }} }}"
        assert server.execute(text, headers=public).error_codes == {"FORBIDDEN"}
        own = server.fetch_data(f"{{ {TITLE} }}", headers=public)
        assert list_places(own["trophyTitle"]["leaderboards"]) == [None, None]
        fields = TITLE.replace("640", "919")
        second = server.fetch_data(f"{{ viewer {{ {fields} }} }}", headers=SECOND_ON_RETRO)
        assert second["viewer"]["trophyTitle"]["leaderboards"]["edges"] == []


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        ({"status": 503}, "UNAVAILABLE"),
        ({"status": 404, "body": []}, "NOT_FOUND"),
        ({"status": 200, "body": "<p>busy</p>"}, "UNAVAILABLE"),
    ],
)
def test_a_list_that_cannot_be_loaded_is_empty_and_says_why(
    server: RunningServer, fault: dict[str, Any], state: str
) -> None:
    server.inject_fault("GetGameLeaderboards", **fault)
    found = query_player(server, "VegaNorth").data["user"]["trophyTitle"]["leaderboards"]
    assert (found["edges"], found["sources"]) == ([], [{"state": state}])


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"status": 503}, "UPSTREAM_UNAVAILABLE"),
        ({"status": 422, "body": ["no"]}, "UPSTREAM_BAD_RESPONSE"),
        ({"status": 200, "body": {"Results": "none"}}, "UPSTREAM_BAD_RESPONSE"),
    ],
)
def test_places_that_cannot_be_loaded_are_null_and_leave_the_list(
    server: RunningServer, fault: dict[str, Any], code: str
) -> None:
    server.inject_fault("GetUserGameLeaderboards", **fault)
    response = query_player(server, "VegaNorth")
    found = response.partial_data["user"]["trophyTitle"]["leaderboards"]
    assert list_places(found) == [None, None]
    assert found["edges"][0]["node"]["topEntry"] is not None
    assert response.error_codes == {code}
