"""Lists that move between two operations, and rows that come twice: each once, and none lost."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from providers.psn.sandbox.constants import (
    NAMED_GROUP_ID,
    OWNER_ACCOUNT_ID,
    UNNAMED_GROUP_ID,
    get_extra_account_id,
)
from schema.global_id import decode, encode
from tests.harness import NO_CACHE_HEADERS, RunningServer

pytestmark = pytest.mark.slow

PAGE = """
  edges { cursor node { %s } } pageInfo { hasNextPage endCursor } sources { state }
"""
PSN_LIST = f"""
query ($first: Int!, $after: String) {{
  viewer {{
    accounts {{ ... on PsnAccount {{ list: %s(first: $first, after: $after) {{ {PAGE} }} }} }}
  }}
}}
"""
USER_LIST = f"""
query ($first: Int!, $after: String) {{
  viewer {{ list: %s {{ {PAGE} }} }}
}}
"""
FRIENDS = PSN_LIST % ("friends", "nativeId")
GAMES = PSN_LIST % ("playedGames", "npTitleId")
GROUPS = PSN_LIST % ("messageGroups", "groupId")
UNTITLED = USER_LIST % (
    "achievements(first: $first, after: $after, sources: [TROPHY_SO], state: %s)",
    "nativeId name earned",
)
AWARDS = USER_LIST % ("awards(first: $first, after: $after)", "rawType awardedAt")
RETRO_TITLES = USER_LIST % (
    "trophyTitles(first: $first, after: $after, sources: [RETRO_ACHIEVEMENTS])",
    "nativeId",
)
RETRO_EARNED = USER_LIST % (
    "achievements(first: $first, after: $after, sources: [RETRO_ACHIEVEMENTS])",
    "nativeId",
)


def reorder(rows: list[Any], step: int) -> list[Any]:
    """Return the rows in another order: dealt into `step` piles, the last pile first."""
    return [row for start in reversed(range(step)) for row in rows[start::step]]


def fetch_page(server: RunningServer, query: str, first: int, after: str | None) -> Any:
    variables = {"first": first, "after": after}
    viewer = server.fetch_data(query, variables, NO_CACHE_HEADERS)["viewer"]
    found = viewer["list"] if "list" in viewer else viewer["accounts"][0]["list"]
    assert {status["state"] for status in found["sources"]} == {"OK"}
    return found


def iterate_rows(
    server: RunningServer, query: str, first: int, between: Callable[[], object]
) -> Iterator[str]:
    """Yield the last selected field's values, and change the list between two pages."""
    after: str | None = None
    while True:
        page = fetch_page(server, query, first, after)
        yield from (str(next(iter(edge["node"].values()))) for edge in page["edges"])
        if not page["pageInfo"]["hasNextPage"]:
            return
        after = page["pageInfo"]["endCursor"]
        between()


def assert_each_once(found: list[str], staying: list[str]) -> None:
    assert len(found) == len(set(found))
    assert set(staying) <= set(found)


@pytest.mark.parametrize("first", [7, 50])
@pytest.mark.parametrize("step", [2, 3, 5, 11])
def test_friends_in_any_other_order_come_once(server: RunningServer, first: int, step: int) -> None:
    friends = server.psn.database.friends[OWNER_ACCOUNT_ID]
    expected = list(friends)

    def change() -> None:
        friends[:] = reorder(friends, step)

    found = list(iterate_rows(server, FRIENDS, first, change))

    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize("first", [7, 50])
@pytest.mark.parametrize("index", [0, 1, 6, 49, 60, -1])
def test_friends_that_come_and_go_hide_and_repeat_no_other(
    server: RunningServer, first: int, index: int
) -> None:
    friends = server.psn.database.friends[OWNER_ACCOUNT_ID]
    staying, added = list(friends), iter(range(121, 140))

    def change() -> None:
        gone = friends.pop(index)
        friends.insert(0, get_extra_account_id(next(added)))
        if gone in staying:
            staying.remove(gone)

    found = list(iterate_rows(server, FRIENDS, first, change))

    assert_each_once(found, staying)


def test_a_friend_whose_removal_ends_a_page_hides_no_other(server: RunningServer) -> None:
    friends = server.psn.database.friends[OWNER_ACCOUNT_ID]
    expected = list(friends)
    page = fetch_page(server, FRIENDS, 10, None)
    friends.remove(page["edges"][-1]["node"]["nativeId"])

    rest = fetch_page(server, FRIENDS, 100, page["pageInfo"]["endCursor"])

    assert [edge["node"]["nativeId"] for edge in rest["edges"]] == expected[10:110]


@pytest.mark.parametrize("first", [1, 2, 5])
def test_games_that_are_played_meanwhile_come_once(server: RunningServer, first: int) -> None:
    games = server.psn.database.played_games[OWNER_ACCOUNT_ID]
    expected = sorted(each.np_title_id for each in games if each.np_title_id != "PPSA00090_00")

    def play(index: int) -> None:
        games.insert(0, games.pop(index))

    for index in (0, 3, 7, -1):
        found = iterate_rows(server, GAMES, first, lambda at=index: play(at))
        assert sorted(found) == expected


def test_a_game_that_is_played_after_its_page_moves_no_other(server: RunningServer) -> None:
    games = server.psn.database.played_games[OWNER_ACCOUNT_ID]
    page = fetch_page(server, GAMES, 4, None)
    shown = [edge["node"]["npTitleId"] for edge in page["edges"]]
    last = next(each for each in games if each.np_title_id == shown[-1])
    unseen = games[-1]
    for game in (unseen, last):
        games.remove(game)
        games.insert(0, game)

    rest = fetch_page(server, GAMES, 3, page["pageInfo"]["endCursor"])

    names = [edge["node"]["npTitleId"] for edge in rest["edges"]]
    assert names[0] == unseen.np_title_id
    assert not set(names) & set(shown)


def test_a_conversation_that_moves_to_the_front_is_not_missed(server: RunningServer) -> None:
    groups = server.psn.database.message_groups

    def write() -> None:
        for name in (UNNAMED_GROUP_ID, NAMED_GROUP_ID):
            last = groups[name].messages[-1]
            newer = replace(last, uid=last.uid + "1", created_at_ms=last.created_at_ms + 10**9)
            groups[name].messages.append(newer)

    found = list(iterate_rows(server, GROUPS, 1, write))

    assert sorted(found) == sorted(groups)


def test_a_cursor_of_an_earlier_version_still_works(server: RunningServer) -> None:
    whole = fetch_page(server, FRIENDS, 100, None)["edges"]
    name, index, row_id, _ = decode(whole[9]["cursor"], "after")

    page = fetch_page(server, FRIENDS, 5, encode(name, index, row_id))

    assert page["edges"][0]["node"] == whole[10]["node"]


@pytest.mark.parametrize("state", ["LOCKED", "ALL"])
@pytest.mark.parametrize("first", [1, 4])
@pytest.mark.parametrize("step", [2, 3, 5])
def test_achievements_in_any_other_order_come_once(
    server: RunningServer, state: str, first: int, step: int
) -> None:
    database = server.trophy_so.database
    expected = [each["node"]["nativeId"] for each in fetch_untitled(server, state)]

    def change() -> None:
        database.definitions = dict(reorder(list(database.definitions.items()), step))

    found = list(iterate_rows(server, UNTITLED % state, first, change))

    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize("state", ["LOCKED", "ALL"])
def test_achievements_that_come_and_go_hide_and_repeat_no_other(
    server: RunningServer, state: str
) -> None:
    database = server.trophy_so.database
    staying = [each["node"]["nativeId"] for each in fetch_untitled(server, state)]
    locked = [each["node"]["nativeId"] for each in fetch_untitled(server, "LOCKED")]
    keys = {each.id: key for key, each in database.definitions.items()}
    going = iter([locked[0], locked[2], locked[-1]])

    def change() -> None:
        gone = next(going, None)
        if gone is not None:
            staying.remove(gone)
            del database.definitions[keys[gone]]
            database.add_achievement(f"new-{gone[:8]}", "New")

    found = list(iterate_rows(server, UNTITLED % state, 2, change))

    assert_each_once(found, staying)


def fetch_untitled(server: RunningServer, state: str) -> list[Any]:
    return fetch_page(server, UNTITLED % state, 100, None)["edges"]


@pytest.mark.parametrize("first", [1, 3, 100])
@pytest.mark.parametrize("state", ["EARNED", "LOCKED", "ALL"])
def test_an_achievement_that_is_listed_twice_comes_once_and_is_earned_if_any_row_is(
    server: RunningServer, state: str, first: int
) -> None:
    earned = "2026-01-02T03:04:05.000Z"
    rows = [
        {"id": "a", "key": "a", "name": "A", "trigger": "api", "achievedAt": None},
        {"id": "b", "key": "b", "name": "B", "trigger": "api", "achievedAt": None},
        {"id": "a", "key": "a", "name": "A", "trigger": "api", "achievedAt": earned},
        {"id": "b", "key": "b", "name": "B", "trigger": "api", "achievedAt": None},
        {"id": "c", "key": "c", "name": "C", "trigger": "api", "achievedAt": earned},
        {"id": "c", "key": "c", "name": "C", "trigger": "api", "achievedAt": None},
    ]
    server.inject_fault("/achievements", status=200, body=rows)

    found = list(iterate_rows(server, UNTITLED % state, first, rows.reverse))

    expected = {"EARNED": ["a", "c"], "LOCKED": ["b"], "ALL": ["a", "b", "c"]}
    assert sorted(found) == expected[state]


def test_awards_that_come_twice_or_arrive_meanwhile_repeat_no_other(server: RunningServer) -> None:
    row = {
        "AwardType": "Game Beaten",
        "AwardDataExtra": 1,
        "Title": "Game",
        "ConsoleID": 7,
        "ConsoleName": "NES",
    }
    rows = [
        {**row, "AwardData": day, "AwardedAt": f"2026-01-{day:02}T00:00:00+00:00"}
        for day in (1, 2, 3, 2, 4, 1)
    ]
    server.inject_fault("GetUserAwards", status=200, body={"VisibleUserAwards": rows})

    def award() -> None:
        rows.insert(0, {**row, "AwardData": 9, "AwardedAt": "2026-02-01T00:00:00+00:00"})

    query = AWARDS.replace("rawType awardedAt", "awardedAt")
    found = list(iterate_rows(server, query, 1, award))

    assert found == [f"2026-01-{day:02}T00:00:00Z" for day in (4, 3, 2, 1)]


def test_games_that_are_listed_twice_come_once(server: RunningServer) -> None:
    rows = [
        {
            "GameID": number,
            "Title": "Game",
            "MaxPossible": 8,
            "NumAwarded": 2,
            "NumAwardedHardcore": 2,
            "MostRecentAwardedDate": "2026-01-01T00:00:00+00:00",
        }
        for number in (101, 212, 101, 305, 212)
    ]
    body = {"Count": 5, "Total": 5, "Results": rows}
    server.inject_fault("GetUserCompletionProgress", status=200, body=body)

    for first in (1, 2, 100):
        found = list(iterate_rows(server, RETRO_TITLES, first, rows.reverse))
        assert sorted(found) == ["101", "212", "305"]


def test_unlocks_that_are_listed_twice_come_once(server: RunningServer) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    rows = [
        {
            "Date": start.replace(day=1 + number % 3).strftime("%Y-%m-%d %H:%M:%S"),
            "HardcoreMode": number // 3 % 2,
            "AchievementID": 10101 + number % 3,
            "GameID": 101,
            "Title": "Unlock",
            "GameTitle": "Game",
        }
        for number in range(9)
    ]
    server.inject_fault("GetAchievementsEarnedBetween", status=200, body=rows)

    for first in (1, 2, 100):
        found = list(iterate_rows(server, RETRO_EARNED, first, rows.reverse))
        assert found == ["10103", "10102", "10101"]
