"""Facts of games that their list lacks: how many calls each takes, and what is unknown."""

from typing import Any

import pytest

from tests.benchmarks.sandbox_data import add_retro_player
from tests.harness import GraphQLResponse, RunningServer

VEGA = "VegaNorth"
LIST, GAME = "GetUserCompletionProgress", "GetGameInfoAndUserProgress"
BATCH, PLAYED = "GetUserProgress", "GetUserRecentlyPlayedGames"
POINTS = "points { value unit weighted } earnedPoints { value }"
INFO = """info { publisher developer genre releasedAt parentNativeId
  boxArt { url } titleScreen { url } inGame { url } }"""
AWARD = "highestAward { kind awardedAt }"


def query_titles(server: RunningServer, selection: str, handle: str = VEGA) -> GraphQLResponse:
    return server.execute(
        f"""query ($handle: String!) {{
          user(accounts: [{{ source: RETRO_ACHIEVEMENTS, handle: $handle }}]) {{
            trophyTitles(first: 100) {{ edges {{ node {{ nativeId {selection} }} }} }} }} }}""",
        {"handle": handle},
    )


def fetch_titles(server: RunningServer, selection: str, handle: str = VEGA) -> dict[str, Any]:
    user = query_titles(server, selection, handle).data["user"]
    return {edge["node"]["nativeId"]: edge["node"] for edge in user["trophyTitles"]["edges"]}


def fetch_title(server: RunningServer, selection: str, game_id: str, handle: str = VEGA) -> Any:
    query = f"""query ($handle: String!, $id: ID!) {{
      user(accounts: [{{ source: RETRO_ACHIEVEMENTS, handle: $handle }}]) {{
        trophyTitle(source: RETRO_ACHIEVEMENTS, nativeId: $id) {{ {selection} }} }} }}"""
    variables = {"handle": handle, "id": game_id}
    return server.fetch_data(query, variables)["user"]["trophyTitle"]


def count_calls(server: RunningServer) -> dict[str, int]:
    """Return the calls since the last time, by endpoint."""
    calls = {
        name.rpartition("API_")[2].removesuffix(".php"): count
        for name, count in server.retro.calls.items()
    }
    server.retro.calls.clear()
    return calls


def test_the_highest_award_comes_with_the_list(server: RunningServer) -> None:
    titles = fetch_titles(server, AWARD)

    assert count_calls(server) == {LIST: 1}
    assert titles["850"]["highestAward"] == {
        "kind": "BEATEN_HARDCORE",
        "awardedAt": "2026-10-01T19:40:00Z",
    }
    assert titles["640"]["highestAward"] is None


def test_the_points_of_all_titles_of_a_page_take_one_call(server: RunningServer) -> None:
    titles = fetch_titles(server, POINTS + AWARD)

    assert count_calls(server) == {LIST: 1, BATCH: 1}
    assert titles["640"]["points"] == {"value": 125, "unit": "RETRO_POINTS", "weighted": None}
    assert titles["640"]["earnedPoints"] == {"value": 40}


def test_the_description_of_a_game_takes_the_call_of_its_achievements(
    server: RunningServer,
) -> None:
    titles = fetch_titles(server, f"population playDurationSeconds {INFO} achievements {{ name }}")

    assert count_calls(server) == {LIST: 1, GAME: len(titles)}
    game = titles["640"]
    assert (game["population"], game["playDurationSeconds"]) == (2875, 9000)
    assert game["info"]["releasedAt"] == "1998-06-26T00:00:00Z"
    assert game["info"]["publisher"] == "Invented Software"
    assert game["info"]["parentNativeId"] is None
    images = [game["info"][name]["url"][-10:] for name in ("boxArt", "titleScreen", "inGame")]
    assert images == ["300640.png", "100640.png", "200640.png"]


def test_points_come_with_a_games_other_facts(server: RunningServer) -> None:
    titles = fetch_titles(server, f"{POINTS} population")

    assert count_calls(server) == {LIST: 1, GAME: len(titles)}
    assert titles["640"]["points"] == {"value": 125, "unit": "RETRO_POINTS", "weighted": 345}


def test_the_times_of_play_of_a_page_take_one_call(server: RunningServer) -> None:
    titles = fetch_titles(server, "lastPlayedAt lastUpdatedAt")

    assert count_calls(server) == {LIST: 1, PLAYED: 1}
    played = {each["lastPlayedAt"] for each in titles.values()}
    assert None not in played
    assert titles["640"]["lastPlayedAt"] == titles["640"]["lastUpdatedAt"]


def test_a_failure_of_the_list_of_played_games_costs_its_field_alone(
    server: RunningServer,
) -> None:
    server.inject_fault(PLAYED, status=500)

    response = query_titles(server, f"lastPlayedAt {POINTS}")

    assert set(response.error_codes) == {"UPSTREAM_UNAVAILABLE"}
    assert all(path.endswith("lastPlayedAt") for path in response.codes)
    edges = response.partial_data["user"]["trophyTitles"]["edges"]
    assert all(edge["node"]["points"]["value"] for edge in edges)


def test_a_time_of_play_before_the_last_two_hundred_games_is_unknown(
    server: RunningServer,
) -> None:
    games = add_retro_player(server.retro, "Retro", 260, 1, 6)
    assert len(games) == 260

    title = fetch_title(server, "lastPlayedAt", str(games[-1]), "Retro")

    assert title == {"lastPlayedAt": None}
    assert count_calls(server)[PLAYED] == 4


def test_a_title_without_a_player_has_the_description_of_the_game(server: RunningServer) -> None:
    query = f"""{{ trophyTitle(source: RETRO_ACHIEVEMENTS, nativeId: "640") {{
      {POINTS} population {INFO} {AWARD} playDurationSeconds lastPlayedAt }} }}"""

    title = server.fetch_data(query)["trophyTitle"]

    assert count_calls(server) == {"GetGameExtended": 1}
    assert (title["points"]["value"], title["population"]) == (125, 2875)
    assert title["info"]["genre"] == "Adventure"
    players = ("earnedPoints", "highestAward", "playDurationSeconds", "lastPlayedAt")
    assert [title[name] for name in players] == [None] * 4


def test_a_title_of_an_award_takes_its_facts_from_one_call_for_all(server: RunningServer) -> None:
    query = f"""{{ user(accounts: [{{ source: RETRO_ACHIEVEMENTS, handle: "{VEGA}" }}]) {{
      awards(first: 50) {{ edges {{ node {{ title {{ nativeId earnedCount {POINTS} }} }} }} }}
    }} }}"""

    edges = server.fetch_data(query)["user"]["awards"]["edges"]

    assert count_calls(server) == {"GetUserAwards": 1, BATCH: 1}
    titles = [edge["node"]["title"] for edge in edges if edge["node"]["title"]]
    assert len(titles) > 1
    assert all(title["earnedPoints"]["value"] for title in titles)


@pytest.mark.parametrize(
    ("game", "info"),
    [
        ({"Released": "1991", "Publisher": "", "Genre": None}, None),
        ({"Released": "1991-02-01 12:30:00"}, {"releasedAt": "1991-02-01T00:00:00Z"}),
        ({"Released": [], "Publisher": 7}, {"publisher": "7"}),
        ({"ParentGameID": 7, "Genre": "Puzzle"}, {"genre": "Puzzle", "parentNativeId": "7"}),
        ({"ImageBoxArt": None, "ImageTitle": ""}, None),
    ],
)
def test_a_fact_that_cannot_be_read_is_unknown(
    server: RunningServer, game: dict[str, Any], info: dict[str, Any] | None
) -> None:
    body: dict[str, Any] = {"ID": 640, "Title": "Odd", "NumAchievements": 0, "Achievements": []}
    server.inject_fault("GetGameExtended", status=200, body=body | game)
    query = f'{{ trophyTitle(source: RETRO_ACHIEVEMENTS, nativeId: "640") {{ {INFO} }} }}'

    found = server.fetch_data(query)["trophyTitle"]["info"]

    unknown = dict.fromkeys(("boxArt", "titleScreen", "inGame"))
    texts = dict.fromkeys(("publisher", "developer", "genre", "releasedAt", "parentNativeId"))
    assert found == (None if info is None else {**unknown, **texts, **info})


def test_an_award_of_an_unknown_kind_is_other(server: RunningServer) -> None:
    row = {"GameID": 640, "Title": "Odd", "HighestAwardKind": "gilded", "HighestAwardDate": "no"}
    body = {"Count": 1, "Total": 1, "Results": [row]}
    server.inject_fault(LIST, status=200, body=body)

    titles = fetch_titles(server, AWARD)

    assert titles["640"]["highestAward"] == {"kind": "OTHER", "awardedAt": None}


def test_points_of_which_one_is_unknown_have_no_sum(server: RunningServer) -> None:
    rows = {"1": {"ID": 1, "Points": 5, "TrueRatio": 9}, "2": {"ID": 2, "Points": None}}
    body = {"ID": 640, "Title": "Odd", "NumAchievements": 2, "Achievements": rows}
    server.inject_fault("GetGameExtended", status=200, body=body)
    query = '{ trophyTitle(source: RETRO_ACHIEVEMENTS, nativeId: "640") { points { value } } }'

    assert server.fetch_data(query) == {"trophyTitle": {"points": None}}


def test_a_played_game_is_found_on_a_later_page(server: RunningServer) -> None:
    add_retro_player(server.retro, "Retro", 120, 1, 6)

    titles = fetch_titles(server, "lastPlayedAt lastUpdatedAt", "Retro")

    assert {each["lastPlayedAt"] == each["lastUpdatedAt"] for each in titles.values()} == {True}
    assert count_calls(server)[PLAYED] == 2
