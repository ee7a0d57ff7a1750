"""Times of play: they come with the library, and need no call where a list was read."""

from tests.harness import RunningServer
from tests.providers.steam.harness import count_calls, fetch_user, get_nodes

TIMES = "nativeId playDurationSeconds lastPlayedAt"
PLAYED = f"trophyTitles(first: 50) {{ edges {{ node {{ {TIMES} }} }} }}"
SINGLE = f"""trophyTitle(source: STEAM, nativeId: "%s") {{
  {TIMES} achievements {{ nativeId earned name }} }}"""


def test_the_times_of_play_come_with_the_list(server: RunningServer) -> None:
    with count_calls(server) as without:
        fetch_user(server, PLAYED.replace(TIMES, "nativeId"))
    server.steam.calls.clear()
    with count_calls(server) as calls:
        nodes = get_nodes(fetch_user(server, PLAYED)["trophyTitles"])

    titles = {each["nativeId"]: each for each in nodes}
    assert sum(calls.values()) == 0
    assert without["GetOwnedGames"] == 1
    assert titles["4010"]["playDurationSeconds"] == 128_400
    assert titles["4010"]["lastPlayedAt"] == "2026-10-14T21:30:00Z"


def test_a_time_that_steam_does_not_tell_is_unknown(server: RunningServer) -> None:
    titles = get_nodes(fetch_user(server, PLAYED)["trophyTitles"])

    never_played = [each for each in titles if each["playDurationSeconds"] == 0]
    assert never_played
    assert {each["lastPlayedAt"] for each in never_played} == {None}


def test_a_title_without_its_row_has_the_times_of_the_library(server: RunningServer) -> None:
    with count_calls(server) as calls:
        title = fetch_user(server, SINGLE % "4010")["trophyTitle"]

    assert calls["GetOwnedGames"] == 1
    assert title["playDurationSeconds"] == 128_400
    assert title["lastPlayedAt"] == "2026-10-14T21:30:00Z"


def test_other_facts_are_null_and_cost_nothing(server: RunningServer) -> None:
    others = "points { value } earnedPoints { value } population highestAward { kind }"
    with count_calls(server) as without:
        fetch_user(server, PLAYED.replace(TIMES, "nativeId"))
    with count_calls(server) as calls:
        titles = get_nodes(fetch_user(server, PLAYED.replace(TIMES, others))["trophyTitles"])

    assert sum(calls.values()) == 0 < sum(without.values())
    assert {value for each in titles for value in each.values()} == {None}


def test_a_definition_has_no_times_of_play(server: RunningServer) -> None:
    query = '{ trophyTitle(source: STEAM, nativeId: "4010") { playDurationSeconds lastPlayedAt } }'

    title = server.fetch_data(query)["trophyTitle"]

    assert title == {"playDurationSeconds": None, "lastPlayedAt": None}
