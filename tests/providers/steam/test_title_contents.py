"""A title whole takes two calls, one of which is the same for everybody."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from providers.steam.sandbox.models import Achievement
from tests.harness import NO_CACHE_HEADERS, RunningServer
from tests.providers.steam.harness import (
    HIDDEN_GAMES,
    SAM,
    VEGA,
    count_calls,
    fetch_user,
    query_user,
)

WHOLE = """trophyTitle(source: STEAM, nativeId: "%s") {
  nativeId name setVersion hasGroups achievementCount earnedCount progress lastUpdatedAt
  icon { url }
  groups { nativeId name progress lastUpdatedAt }
  achievements(revealHidden: %s) {
    nativeId key name description hidden earned earnedAt icon { url lockedUrl }
    rarity { percent band earners } progress { target } group { nativeId }
  } }"""


def fetch_title(
    server: RunningServer, app_id: str = "4010", handle: str = VEGA, *, reveal: bool = False
) -> Any:
    selection = WHOLE % (app_id, str(reveal).lower())
    return fetch_user(server, selection, handle)["trophyTitle"]


def index_achievements(title: Any) -> dict[str, Any]:
    return {each["nativeId"]: each for each in title["achievements"]}


def test_a_title_whole_takes_two_calls(server: RunningServer) -> None:
    with count_calls(server) as calls:
        title = fetch_title(server, "4060")

    assert calls == {"GetPlayerAchievements": 1, "GetGameAchievements": 1}
    assert {name: title[name] for name in ("name", "achievementCount", "earnedCount")} == {
        "name": "Tin Orchestra",
        "achievementCount": 5,
        "earnedCount": 3,
    }
    assert (title["progress"], title["setVersion"], title["hasGroups"]) == (60, "3", True)
    assert title["lastUpdatedAt"] == "2026-02-09T19:00:00Z"
    assert title["icon"]["url"].endswith("/apps/4060/header.jpg")


def test_the_definitions_are_loaded_once_for_everybody(server: RunningServer) -> None:
    fetch_title(server, "4010")

    with count_calls(server) as calls:
        fetch_title(server, "4010", SAM)

    assert calls == {"GetPlayerAchievements": 1}


def test_an_achievement_has_all_that_steam_tells(server: RunningServer) -> None:
    first = index_achievements(fetch_title(server))["FIRST_BEAM"]

    base_url = "https://shared.akamai.steamstatic.com/community_assets/images/apps/4010"
    assert first == {
        "nativeId": "FIRST_BEAM",
        "key": "FIRST_BEAM",
        "name": "First Beam",
        "description": "Light the beacon",
        "hidden": False,
        "earned": True,
        "earnedAt": "2026-09-28T20:00:00Z",
        "icon": {
            "url": f"{base_url}/00000faa00000000.jpg",
            "lockedUrl": f"{base_url}/00000faa00000000_gray.jpg",
        },
        "rarity": {"percent": 91.4, "band": "COMMON", "earners": None},
        "progress": None,
        "group": None,
    }


def test_a_hidden_achievement_is_masked_while_it_is_locked(server: RunningServer) -> None:
    masked = index_achievements(fetch_title(server))

    earned, locked = masked["THE_KEEPER"], masked["ACH_4010_06"]
    assert earned["description"] == "Learn who lit the lamp before you"
    assert locked["hidden"]
    assert locked["name"] is locked["description"] is locked["icon"] is None


def test_a_revealed_achievement_has_its_text(server: RunningServer) -> None:
    revealed = index_achievements(fetch_title(server, reveal=True))

    assert revealed["ACH_4010_06"]["description"] == "Answer every letter"


@pytest.mark.parametrize("selected", ["hidden earned", "hidden", "nativeId hidden"])
def test_whether_it_is_hidden_is_known_without_its_name(
    server: RunningServer, selected: str
) -> None:
    selection = f'trophyTitle(source: STEAM, nativeId: "4010") {{ achievements {{ {selected} }} }}'

    found = fetch_user(server, selection)["trophyTitle"]["achievements"]

    assert sum(each["hidden"] for each in found) == 2


def test_groups_are_shown_where_steam_sends_them(server: RunningServer) -> None:
    title = fetch_title(server, "4060")

    assert title["groups"] == [
        {
            "nativeId": "base",
            "name": "Tin Orchestra",
            "progress": 66,
            "lastUpdatedAt": "2026-01-24T03:00:00Z",
        },
        {
            "nativeId": "night",
            "name": "Night Concerts",
            "progress": 50,
            "lastUpdatedAt": "2026-02-09T19:00:00Z",
        },
    ]
    assert [each["group"]["nativeId"] for each in title["achievements"]] == [
        *["base"] * 3,
        *["night"] * 2,
    ]


def test_a_title_without_groups_has_none(server: RunningServer) -> None:
    server.steam.settings["groups"] = False

    title = fetch_title(server, "4060")

    assert (title["hasGroups"], title["groups"]) == (False, [])
    assert all(each["group"] is None for each in title["achievements"])


def test_an_unlock_without_a_time_is_earned(server: RunningServer) -> None:
    old = fetch_title(server, "4050")

    earned = [(each["earned"], each["earnedAt"]) for each in old["achievements"]]
    assert earned == [(True, None), (True, None), (False, None), (True, None)]
    assert (old["earnedCount"], old["lastUpdatedAt"]) == (3, None)


def test_texts_come_in_the_language_of_the_request(server: RunningServer) -> None:
    selection = WHOLE % ("4010", "false")
    fetch_title(server)

    with count_calls(server) as calls:
        german = query_user(server, selection, **{"Accept-Language": "de-AT"}).data["user"]

    achievements = index_achievements(german["trophyTitle"])
    assert achievements["FIRST_BEAM"]["name"] == "Erster Strahl"
    assert achievements["STORM_NIGHT"]["name"] == "Storm Night"
    assert calls == {"GetGameAchievements": 1}


def test_a_title_in_which_nothing_is_earned_takes_no_call_of_the_player(
    server: RunningServer,
) -> None:
    selection = """trophyTitles(first: 50) {
      edges { node { nativeId achievements { nativeId earned } } } }"""

    titles = fetch_user(server, selection)["trophyTitles"]["edges"]

    found = {edge["node"]["nativeId"]: edge["node"]["achievements"] for edge in titles}
    assert [each["earned"] for each in found["4100"]] == [False] * 3
    asked_for = {
        request.url.params["appid"]
        for request in server.steam.log
        if "GetPlayerAchievements" in request.url.path
    }
    assert asked_for == set(found) - {"4100", "4120", "4910"}


def test_a_title_without_a_player_has_its_definitions(server: RunningServer) -> None:
    query = """{ trophyTitle(source: STEAM, nativeId: "4020") {
      name achievementCount earnedCount icon { url } achievements { name earned earnedAt } } }"""

    with count_calls(server) as calls:
        title = server.fetch_data(query)["trophyTitle"]

    assert title["name"] == "glasshouse_final"
    assert (title["achievementCount"], title["earnedCount"]) == (6, None)
    assert {each["earned"] for each in title["achievements"]} == {None}
    assert calls == {"GetGameAchievements": 1, "GetSchemaForGame": 1}


@pytest.mark.parametrize("app_id", ["4900", "4910", "77777"])
def test_an_app_without_achievements_is_no_title(server: RunningServer, app_id: str) -> None:
    query = f'{{ trophyTitle(source: STEAM, nativeId: "{app_id}") {{ name }} }}'

    assert server.fetch_data(query) == {"trophyTitle": None}


@pytest.mark.parametrize("app_id", ["4020", "4900", "77777"])
def test_a_game_that_the_account_does_not_have_is_not_its_title(
    server: RunningServer, app_id: str
) -> None:
    assert fetch_title(server, app_id, SAM) is None


@pytest.mark.parametrize("app_id", ["", "0", "-1", "4294967296", "4010&x=1", "4010/..", "abc"])
def test_a_malformed_id_never_reaches_an_address(server: RunningServer, app_id: str) -> None:
    query = """query ($id: ID!) { trophyTitle(source: STEAM, nativeId: $id) { name } }"""

    assert server.execute(query, {"id": app_id}).error["code"] == "BAD_USER_INPUT"
    assert server.steam.log == []


def test_a_hidden_game_is_told_from_a_missing_one(server: RunningServer) -> None:
    hidden = query_user(server, WHOLE % ("4210", "false"), SAM)
    of_hidden_library = query_user(server, WHOLE % ("4020", "false"), HIDDEN_GAMES)

    assert hidden.error["code"] == of_hidden_library.error["code"] == "PRIVATE"
    assert hidden.partial_data == {"user": {"trophyTitle": None}}


def test_a_set_that_has_grown_is_loaded_again(server: RunningServer) -> None:
    fetch_title(server, "4010")
    game = server.steam.database.games[4010]
    grown = (*game.achievements, Achievement("NEW", "New", "Newly added", 1.5))
    server.steam.database.games[4010] = replace(game, achievements=grown)

    # The other player's list has a name that the definitions of before lack.
    title = index_achievements(fetch_title(server, "4010", SAM))

    assert title["NEW"]["name"] == "New"
    assert title["NEW"]["earned"] is False


def test_an_achievement_without_a_definition_is_shown_by_its_id(server: RunningServer) -> None:
    achievements = [
        {"apiname": "GONE", "achieved": 1, "unlocktime": 1_700_000_000},
        {"achieved": 1},
    ]
    body = {"playerstats": {"gameName": "Harbor Lights", "achievements": achievements}}
    server.inject_fault("GetPlayerAchievements", status=200, body=body)

    title = fetch_title(server, "4010")

    gone = index_achievements(title)["GONE"]
    assert (gone["name"], gone["earned"]) == (None, True)
    assert gone["earnedAt"] == "2023-11-14T22:13:20Z"
    assert (title["earnedCount"], title["achievementCount"]) == (1, 9)


@pytest.mark.slow
def test_an_unlock_shows_in_the_counts_and_in_the_title(server: RunningServer) -> None:
    selection = """trophyTitles(first: 50) {
      edges { node { nativeId earnedCount achievements { nativeId earned } } } }"""
    fetch_user(server, selection)
    server.steam.unlock(VEGA, 4010, "STORM_NIGHT", datetime(2026, 10, 14, 21, tzinfo=UTC))

    fresh = query_user(server, selection, **NO_CACHE_HEADERS)
    titles = fresh.data["user"]["trophyTitles"]["edges"]

    node = next(edge["node"] for edge in titles if edge["node"]["nativeId"] == "4010")
    assert node["earnedCount"] == 6
    assert {"nativeId": "STORM_NIGHT", "earned": True} in node["achievements"]


def test_a_node_is_found_again_by_its_id(server: RunningServer) -> None:
    selection = """trophyTitle(source: STEAM, nativeId: "4060") {
      id groups { id } achievements { id name } }"""
    title = fetch_user(server, selection)["trophyTitle"]
    ids = [title["id"], title["groups"][0]["id"], title["achievements"][0]["id"]]

    nodes = server.fetch_data(
        """query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }""", {"ids": ids}
    )["nodes"]

    assert nodes == [
        {"__typename": "TrophyTitle", "id": ids[0]},
        {"__typename": "TrophyGroup", "id": ids[1]},
        {"__typename": "Achievement", "id": ids[2]},
    ]
