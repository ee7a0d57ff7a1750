"""The timeline opens titles by the time at which they were last played, and stops by that bound."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from providers.steam.sandbox.models import OwnedGame
from tests.harness import NO_CACHE_HEADERS, RunningServer
from tests.providers.steam.harness import (
    HIDDEN_GAMES,
    SAM,
    VEGA,
    count_calls,
    fetch_user,
    get_nodes,
    get_state,
    query_user,
)

PAGE = """achievements(first: %d, after: $after, state: %s) {
  edges { node { nativeId earned earnedAt title { nativeId } } }
  pageInfo { hasNextPage endCursor } sources { state message } }"""
QUERY = """query ($after: String) {{
  user(accounts: [{{ source: STEAM, handle: "{handle}" }}]) {{ {page} }} }}"""

Key = tuple[str, str]


def read_timeline(
    server: RunningServer, state: str = "EARNED", size: int = 7, handle: str = VEGA
) -> list[Any]:
    """Return all nodes, page by page."""
    query = QUERY.format(handle=handle, page=PAGE % (size, state))
    nodes: list[Any] = []
    after: str | None = None
    while True:
        found = server.fetch_data(query, {"after": after})["user"]["achievements"]
        nodes += get_nodes(found)
        if not found["pageInfo"]["hasNextPage"]:
            return nodes
        after = found["pageInfo"]["endCursor"]


def expect_earned(server: RunningServer, handle: str = VEGA) -> list[Key]:
    """Return the unlocks in the sandbox, newest first; those without a time come last."""
    unlocks = server.steam.database.players[handle].unlocks
    rows = [
        (float("inf") if when == 0 else -when, str(app_id), name)
        for (app_id, name), when in unlocks.items()
    ]
    return [(app_id, name) for _, app_id, name in sorted(rows)]


def get_key(node: Any) -> Key:
    return node["title"]["nativeId"], node["nativeId"]


@pytest.mark.slow
@pytest.mark.parametrize("size", [3, 20, 100])
def test_everything_earned_comes_once_and_newest_first(server: RunningServer, size: int) -> None:
    nodes = read_timeline(server, size=size)

    assert list(map(get_key, nodes)) == expect_earned(server)


@pytest.mark.slow
def test_unlocks_without_a_time_come_last(server: RunningServer) -> None:
    last = read_timeline(server, size=50)[-3:]

    assert [node["title"]["nativeId"] for node in last] == ["4050"] * 3
    assert {node["earnedAt"] for node in last} == {None}


def test_only_titles_that_can_have_a_newer_unlock_are_opened(server: RunningServer) -> None:
    with count_calls(server) as calls:
        fetch_user(server, "achievements(first: 5) { edges { node { nativeId earnedAt } } }")

    opened = {
        request.url.params["appid"]
        for request in server.steam.log
        if "GetPlayerAchievements" in request.url.path
    }
    # 4030 is asked for its counts; 4950 was played nobody knows when; the fifth entry is of 4010,
    # earned on 4 October, after all others were last played.
    assert opened == {"4030", "4950", "4010"}
    assert calls["GetOwnedGames"] == calls["GetTopAchievementsForGames"] == 1


@pytest.mark.slow
def test_titles_with_nothing_earned_are_never_opened(server: RunningServer) -> None:
    read_timeline(server)

    opened = {
        request.url.params["appid"]
        for request in server.steam.log
        if "GetPlayerAchievements" in request.url.path
    }
    assert opened.isdisjoint({"4100", "4120", "4910"})


@pytest.mark.slow
def test_an_unlock_in_a_game_that_was_never_played_is_shown(server: RunningServer) -> None:
    vega = server.steam.database.players[VEGA]
    vega.games[4090] = OwnedGame()

    nodes = read_timeline(server)

    assert set(map(get_key, nodes)) == set(expect_earned(server))
    assert len(nodes) == len(expect_earned(server))


@pytest.mark.slow
def test_the_locked_ones_are_those_that_are_left(server: RunningServer) -> None:
    nodes = read_timeline(server, "LOCKED", size=30)

    vega = server.steam.database.players[VEGA]
    games = server.steam.database.games
    expected = {
        (str(app_id), each.name)
        for app_id in vega.games
        for each in games[app_id].achievements
        if (app_id, each.name) not in vega.unlocks
    }
    assert set(map(get_key, nodes)) == expected
    assert len(nodes) == len(expected)
    assert {node["earned"] for node in nodes} == {False}


@pytest.mark.slow
def test_all_is_the_earned_ones_and_then_the_locked_ones(server: RunningServer) -> None:
    both = read_timeline(server, "ALL", size=100)

    earned = len(expect_earned(server))
    assert list(map(get_key, both[:earned])) == expect_earned(server)
    assert list(map(get_key, both[earned:])) == list(
        map(get_key, read_timeline(server, "LOCKED", size=100))
    )


@pytest.mark.slow
def test_an_unlock_between_two_pages_neither_repeats_nor_hides_an_entry(
    server: RunningServer,
) -> None:
    before = expect_earned(server)
    query = QUERY.format(handle=VEGA, page=PAGE % (10, "EARNED"))
    found: list[Key] = []
    after: str | None = None
    for number in range(20):
        answer = server.execute(query, {"after": after}, NO_CACHE_HEADERS)
        page = answer.data["user"]["achievements"]
        found += map(get_key, get_nodes(page))
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
        when = datetime(2026, 10, 20, tzinfo=UTC) + timedelta(hours=number)
        server.steam.unlock(VEGA, 4040, f"STAR_{81 + number:03d}", when)

    assert found == before


def test_a_title_that_is_hidden_alone_costs_only_its_own_entries(server: RunningServer) -> None:
    server.inject_fault(
        "GetPlayerAchievements.*appid=4200",
        status=403,
        body={"playerstats": {"error": "Profile is not public", "success": False}},
    )

    found = fetch_user(
        server,
        "achievements(first: 10) { edges { node { title { nativeId } } } sources { state } }",
        SAM,
    )["achievements"]

    assert [node["title"]["nativeId"] for node in get_nodes(found)] == ["4010", "4010"]
    assert get_state(found) == "UNAVAILABLE"


def test_a_hidden_library_is_not_an_empty_timeline(server: RunningServer) -> None:
    found = fetch_user(server, "achievements { edges { cursor } sources { state } }", HIDDEN_GAMES)

    assert (found["achievements"]["edges"], get_state(found["achievements"])) == ([], "PRIVATE")


@pytest.mark.slow
def test_an_unlock_after_the_game_was_last_played_takes_that_place(server: RunningServer) -> None:
    vega = server.steam.database.players[VEGA]
    late = datetime(2025, 11, 30, tzinfo=UTC)  # of a clock that is a week fast
    vega.unlocks[4070, "ACH_4070_03"] = int(late.timestamp())

    nodes = read_timeline(server)

    assert len(nodes) == len(expect_earned(server))
    keys = list(map(get_key, nodes))
    assert keys.index(("4070", "ACH_4070_03")) < keys.index(("4070", "ACH_4070_02"))


@pytest.mark.slow
def test_the_timeline_of_all_sources_has_steams_entries_in_their_places(
    server: RunningServer,
) -> None:
    response = server.execute(
        "{ viewer { achievements(first: 100) { edges { node { source earnedAt } } } } }"
    )

    nodes = get_nodes(response.data["viewer"]["achievements"])
    times = [node["earnedAt"] for node in nodes]
    assert times == sorted(times, reverse=True)
    assert {node["source"] for node in nodes} == {
        "PSN",
        "RETRO_ACHIEVEMENTS",
        "STEAM",
        "TROPHY_SO",
        "XBOX",
    }
    assert query_user(server, "id").errors == []
