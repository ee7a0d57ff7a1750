"""The list of titles with counts: one batched call, and what the batch or the list lacks."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from providers.steam.sandbox.models import OwnedGame
from tests.harness import NO_CACHE_HEADERS, RunningServer
from tests.providers.steam.harness import (
    HIDDEN_GAMES,
    NEW,
    PRIVATE,
    SAM,
    SAM_HEADERS,
    TITLES,
    count_calls,
    fetch_user,
    get_nodes,
    get_state,
    query_user,
)

NAMES = "trophyTitles(first: 50) { edges { node { nativeId name lastUpdatedAt } } }"


def index_titles(user: Any) -> dict[str, Any]:
    return {node["nativeId"]: node for node in get_nodes(user["trophyTitles"])}


def test_counts_take_one_call_for_all_titles(server: RunningServer) -> None:
    with count_calls(server) as calls:
        titles = index_titles(fetch_user(server, TITLES))

    assert titles["4010"] == {"nativeId": "4010", "earnedCount": 5, "achievementCount": 8}
    assert titles["4040"] == {"nativeId": "4040", "earnedCount": 80, "achievementCount": 104}
    assert titles["4120"] == {"nativeId": "4120", "earnedCount": 0, "achievementCount": 2}
    # Two borrowed games are looked up, and one title that the batch leaves out.
    assert calls == {
        "GetOwnedGames": 1,
        "GetRecentlyPlayedGames": 1,
        "GetTopAchievementsForGames": 1,
        "GetGameAchievements": 2,
        "GetPlayerAchievements": 1,
    }


def test_a_title_that_the_batch_leaves_out_is_asked_for_alone(server: RunningServer) -> None:
    titles = index_titles(fetch_user(server, TITLES))

    assert titles["4030"] == {"nativeId": "4030", "earnedCount": 3, "achievementCount": 5}


def test_a_list_without_counts_makes_no_call_for_them(server: RunningServer) -> None:
    with count_calls(server) as calls:
        titles = index_titles(fetch_user(server, NAMES, SAM))

    assert list(titles) == ["4200", "4010"]
    assert titles["4010"] == {"nativeId": "4010", "name": "Harbor Lights", "lastUpdatedAt": None}
    assert calls == {"GetOwnedGames": 1, "GetRecentlyPlayedGames": 1}


def test_titles_are_in_the_order_in_which_they_were_last_played(server: RunningServer) -> None:
    order = list(index_titles(fetch_user(server, NAMES)))

    assert order == [
        "4950",  # borrowed: nobody says when it was played
        *("4010", "4020", "4030", "4040", "4910", "4060", "4070", "4080", "4090", "4100", "4110"),
        "4050",  # last played in 2009
        "4120",  # never played
    ]


def test_a_borrowed_game_without_achievements_is_no_title(server: RunningServer) -> None:
    titles = index_titles(fetch_user(server, TITLES))

    assert "4950" in titles
    assert "4960" not in titles


def test_a_lost_list_of_recent_games_costs_the_borrowed_ones_alone(server: RunningServer) -> None:
    server.inject_fault("GetRecentlyPlayedGames", status=500, body="<html>")

    titles = fetch_user(server, TITLES)["trophyTitles"]

    assert get_state(titles) == "OK"
    assert len(titles["edges"]) == 13


def test_hidden_games_are_told_from_an_empty_library(server: RunningServer) -> None:
    for handle in (HIDDEN_GAMES, PRIVATE):
        hidden = fetch_user(server, TITLES, handle)["trophyTitles"]
        assert (hidden["edges"], get_state(hidden)) == ([], "PRIVATE")

    empty = fetch_user(server, TITLES, NEW)["trophyTitles"]
    assert empty == {"totalCount": 0, "edges": [], "sources": [{"state": "OK"}]}


def test_a_private_game_is_absent_for_others_and_there_for_its_owner(
    server: RunningServer,
) -> None:
    for_others = index_titles(fetch_user(server, NAMES, SAM))
    for_owner = index_titles(query_user(server, NAMES, "me", **SAM_HEADERS).data["user"])

    assert "4210" not in for_others
    assert "4210" in for_owner


def test_a_total_is_the_number_of_titles_in_the_library(server: RunningServer) -> None:
    with count_calls(server) as calls:
        (totals,) = fetch_user(server, "totals { titles earned points awards }")["totals"]

    assert totals == {"titles": 13, "earned": None, "points": None, "awards": None}
    assert calls == {"GetOwnedGames": 1}


def test_the_nearly_completed_titles_come_first(server: RunningServer) -> None:
    selection = """trophyTitles(first: 3, orderBy: FEWEST_LEFT, completion: IN_PROGRESS) {
      edges { node { nativeId progress } } }"""

    titles = get_nodes(fetch_user(server, selection)["trophyTitles"])

    assert [node["nativeId"] for node in titles] == ["4950", "4070", "4110"]


@pytest.mark.slow
def test_a_large_library_takes_one_call_for_350_titles(server: RunningServer) -> None:
    model = server.steam.database.games[4080]
    vega = server.steam.database.players["76561190000000001"]
    vega.games.clear()
    for number in range(500):
        app_id = 500_000 + number
        server.steam.database.games[app_id] = type(model)(app_id, f"Game {number}")
        last_played_at = datetime(2026, 1, 1, tzinfo=UTC) - timedelta(hours=number)
        vega.games[app_id] = OwnedGame(playtime=1, last_played_at=last_played_at)

    with count_calls(server) as calls:
        fetch_user(server, "trophyTitles(first: 100) { edges { node { earnedCount } } }")

    assert calls["GetTopAchievementsForGames"] == 1
    request = next(each for each in server.steam.log if "GetTop" in each.url.path)
    assert len(str(request.url)) < 8192
    assert request.url.query.decode().count("appids[") == 350

    with count_calls(server) as calls:
        fetch_user(
            server,
            "trophyTitles(first: 5, orderBy: FEWEST_LEFT) { edges { node { nativeId } } }",
        )

    assert calls == {"GetTopAchievementsForGames": 1}


@pytest.mark.slow
def test_a_batch_that_is_too_long_is_halved_and_the_size_remembered(server: RunningServer) -> None:
    server.inject_fault("GetTopAchievementsForGames", status=414, body="<html>", times=1)

    with count_calls(server) as calls:
        titles = index_titles(fetch_user(server, TITLES))

    assert titles["4010"]["earnedCount"] == 5
    assert calls["GetTopAchievementsForGames"] == 3

    server.steam.log.clear()
    server.execute(
        f'{{ user(accounts: [{{source: STEAM, handle: "me"}}]) {{ {TITLES} }} }}',
        headers=NO_CACHE_HEADERS,
    )
    assert sum("GetTop" in each.url.path for each in server.steam.log) == 2


def test_a_broken_row_spoils_only_itself(server: RunningServer) -> None:
    games: list[Any] = [
        {"appid": 4010, "name": 7, "rtime_last_played": "soon", "img_icon_url": []},
        {"appid": "4020", "has_community_visible_stats": True, "playtime_forever": "12"},
        {"name": "no id"},
        {"appid": -5, "has_community_visible_stats": True},
        "nothing",
        {"appid": 4030, "has_community_visible_stats": True, "name": "Paper Armada"},
    ]
    body = {"response": {"game_count": len(games), "games": games}}
    server.inject_fault("GetOwnedGames", status=200, body=body)
    server.inject_fault("GetRecentlyPlayedGames", status=200, body={"response": {}})

    titles = index_titles(fetch_user(server, NAMES))

    assert set(titles) == {"4020", "4030"}
    assert titles["4020"]["name"] is None


def test_the_name_comes_in_steams_own_name_of_the_language(server: RunningServer) -> None:
    query_user(server, NAMES, SAM, **{"Accept-Language": "es-MX"})
    query_user(server, NAMES, SAM, **{"Accept-Language": "tlh"})

    requests: list[httpx.Request] = [
        each for each in server.steam.log if "GetOwnedGames" in each.url.path
    ]
    assert [each.url.params["language"] for each in requests] == ["latam", "english"]
