"""Facts of titles: gamerscore and times come with the list, minutes of play a hundred a call."""

from typing import Any

import pytest

from tests.harness import NO_CACHE_HEADERS, RunningServer
from tests.providers.xbox.harness import (
    FERRY,
    LEDGER,
    LIST,
    ORCHARD,
    SKYLARK,
    count_calls,
    fetch_title,
    fetch_user,
    get_nodes,
    query_user,
)

FACTS = """nativeId points { value unit weighted } earnedPoints { value } lastPlayedAt population
  highestAward { kind } info { publisher developer genre releasedAt boxArt { url }
    titleScreen { url } parentNativeId }"""
STATS = "player/stats"


def build_list(selection: str) -> str:
    return f"trophyTitles(first: 50) {{ edges {{ node {{ {selection} }} }} }}"


def fetch_titles(server: RunningServer, selection: str) -> dict[str, Any]:
    nodes = get_nodes(fetch_user(server, build_list(selection))["trophyTitles"])
    return {node["nativeId"]: node for node in nodes}


def test_the_facts_of_a_list_cost_nothing_more(server: RunningServer) -> None:
    with count_calls(server) as calls:
        titles = fetch_titles(server, FACTS)

    assert calls == {LIST: 1}
    assert titles[SKYLARK] == {
        "nativeId": SKYLARK,
        "points": {"value": 175, "unit": "GAMERSCORE", "weighted": None},
        "earnedPoints": {"value": 30},
        "lastPlayedAt": "2026-10-15T21:40:00Z",
        "population": None,
        "highestAward": None,
        "info": {
            "publisher": "Invented Software",
            "developer": "Lamp Works",
            "genre": "Simulation, Adventure",
            "releasedAt": "2025-11-04T00:00:00Z",
            "boxArt": {"url": "https://store-images.s-microsoft.com/image/apps.1700000001.boxart"},
            "titleScreen": None,
            "parentNativeId": None,
        },
    }
    assert titles[LEDGER]["info"] is None


def test_the_time_of_play_of_a_page_takes_one_call(server: RunningServer) -> None:
    with count_calls(server) as calls:
        titles = fetch_titles(server, "nativeId playDurationSeconds")

    assert calls == {LIST: 1, STATS: 1}
    durations = {name: each["playDurationSeconds"] for name, each in titles.items()}
    assert durations[SKYLARK] == 5_643 * 60
    assert durations[ORCHARD] == 0
    assert durations[FERRY] is None  # the upstream leaves out titles of Xbox 360


def test_the_time_of_play_is_cached(server: RunningServer) -> None:
    fetch_titles(server, "nativeId playDurationSeconds")

    with count_calls(server) as calls:
        fetch_titles(server, "nativeId playDurationSeconds")

    assert sum(calls.values()) == 0


def test_a_refused_time_of_play_costs_its_field_alone(server: RunningServer) -> None:
    server.inject_fault(STATS, status=403, body={"code": "ERROR", "message": "Forbidden."})

    response = query_user(server, build_list("playDurationSeconds points { value }"))

    assert all(path.endswith("playDurationSeconds") for path in response.codes)
    assert response.codes
    nodes = get_nodes(response.partial_data["user"]["trophyTitles"])
    assert all(node["points"] for node in nodes)


@pytest.mark.parametrize(
    "stats",
    [
        [],
        [{"titleid": SKYLARK}],
        [{"titleid": SKYLARK, "value": "many"}],
        [{"titleid": SKYLARK, "value": "-5"}],
        [{"titleid": SKYLARK, "value": "99999999999"}],
        [{"titleid": "1", "value": "5"}],
    ],
)
def test_minutes_that_cannot_be_read_are_unknown(server: RunningServer, stats: list[Any]) -> None:
    body = {"content": {"statlistscollection": [{"stats": stats}]}, "code": 200}
    server.inject_fault(STATS, status=200, body=body)

    titles = fetch_titles(server, "nativeId playDurationSeconds")

    assert {each["playDurationSeconds"] for each in titles.values()} == {None}


def test_a_single_title_has_the_facts_of_its_row(server: RunningServer) -> None:
    title = fetch_title(server, f"{FACTS} playDurationSeconds achievements {{ earned name }}")

    assert title["earnedPoints"] == {"value": 30}
    assert title["lastPlayedAt"] == "2026-10-15T21:40:00Z"
    assert title["playDurationSeconds"] == 5_643 * 60


def test_a_title_without_a_player_has_the_gamerscore_of_its_set(server: RunningServer) -> None:
    query = f"""{{ trophyTitle(source: XBOX, nativeId: "{SKYLARK}") {{
      points {{ value }} earnedPoints {{ value }} playDurationSeconds lastPlayedAt }} }}"""

    title = server.fetch_data(query, headers=NO_CACHE_HEADERS)["trophyTitle"]

    assert title == {
        "points": {"value": 175},
        "earnedPoints": None,
        "playDurationSeconds": None,
        "lastPlayedAt": None,
    }
