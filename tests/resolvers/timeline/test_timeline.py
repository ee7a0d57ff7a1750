"""The timeline over all sources: its entries, their order, and its pages while unlocks arrive."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from providers.psn.sandbox import trophy_serializers
from providers.psn.sandbox.constants import FRESH_ACCOUNT_ID, FRIEND_ACCOUNT_ID, OWNER_ACCOUNT_ID
from providers.psn.sandbox.models import TrophySetProgress
from providers.retroachievements.sandbox.models import Unlock
from tests.harness import NO_CACHE_HEADERS, VEGA, RunningServer, run_server
from tests.resolvers import expected_data
from tests.resolvers.paging import fetch_all_edges, fetch_connection, get_nodes

ACHIEVEMENTS = """
query ($accounts: [AccountInput!]!, $first: Int!, $after: String, $sources: [Source!],
       $state: AchievementState! = EARNED) {
  user(accounts: $accounts) {
    achievements(first: $first, after: $after, sources: $sources, state: $state) {
      edges { cursor node { id source nativeId earned earnedAt title { nativeId } } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      sources { source state }
    }
  }
}
"""
LISTED = """
query ($accounts: [AccountInput!]!, $sources: [Source!]) {
  user(accounts: $accounts) {
    trophyTitles(first: 100, sources: $sources) { edges { node { nativeId } } }
  }
}
"""
PAGE_SIZES = [1, 3, 7, 100]
STATES = ["EARNED", "LOCKED", "ALL"]
# With and without a field that only a title's contents have.
WITHOUT_RARITY, WITH_RARITY = (
    ACHIEVEMENTS,
    ACHIEVEMENTS.replace("earnedAt ", "earnedAt rarity { percent } "),
)
FRIEND = [{"source": "PSN", "handle": FRIEND_ACCOUNT_ID}]


def make_variables(
    first: int, state: str = "EARNED", sources: list[str] | None = None
) -> dict[str, Any]:
    return {"accounts": VEGA, "first": first, "state": state, "sources": sources}


def fetch_all_entries(
    server: RunningServer, state: str, sources: list[str] | None = None
) -> list[expected_data.Expected]:
    edges = fetch_all_edges(server, ACHIEVEMENTS, make_variables(100, state, sources))
    return [expected_data.from_node(node) for node in get_nodes(edges)]


@pytest.fixture(scope="module")
def entries() -> dict[str, list[expected_data.Expected]]:
    """Return all entries of each state, from a server of their own."""
    with run_server() as server:
        return {state: fetch_all_entries(server, state) for state in STATES}


@pytest.mark.slow
@pytest.mark.parametrize(
    "query", [WITHOUT_RARITY, WITH_RARITY], ids=["without rarity", "with rarity"]
)
@pytest.mark.parametrize("first", PAGE_SIZES)
def test_the_pages_together_are_all_that_was_earned_newest_first(
    server: RunningServer, first: int, query: str
) -> None:
    edges = fetch_all_edges(server, query, make_variables(first))

    found = [expected_data.from_node(node) for node in get_nodes(edges)]
    expected = expected_data.expect_earned(server)
    assert [entry.moment for entry in found] == [entry.moment for entry in expected]
    assert set(found) == set(expected)
    assert len(found) == len(expected)


@pytest.mark.slow
@pytest.mark.parametrize("first", PAGE_SIZES)
def test_the_pages_together_are_all_locked_achievements_in_the_sources_order(
    server: RunningServer, first: int
) -> None:
    edges = fetch_all_edges(server, ACHIEVEMENTS, make_variables(first, "LOCKED"))

    assert [
        expected_data.from_node(node) for node in get_nodes(edges)
    ] == expected_data.expect_locked(server)


@pytest.mark.slow
@pytest.mark.parametrize("first", PAGE_SIZES)
def test_all_is_the_earned_then_the_locked_achievements(
    server: RunningServer, entries: dict[str, list[expected_data.Expected]], first: int
) -> None:
    edges = fetch_all_edges(server, ACHIEVEMENTS, make_variables(first, "ALL"))

    assert [expected_data.from_node(node) for node in get_nodes(edges)] == [
        *entries["EARNED"],
        *entries["LOCKED"],
    ]


@pytest.mark.slow
def test_earned_and_locked_have_nothing_in_common(
    entries: dict[str, list[expected_data.Expected]],
) -> None:
    earned, locked = (
        {(entry.source, entry.title, entry.native_id) for entry in entries[state]}
        for state in ("EARNED", "LOCKED")
    )

    assert not earned & locked


@pytest.mark.slow
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("source", expected_data.SOURCES)
def test_the_timeline_of_one_source_is_its_part_of_the_timeline_of_all(
    server: RunningServer,
    entries: dict[str, list[expected_data.Expected]],
    source: str,
    state: str,
) -> None:
    alone = fetch_all_entries(server, state, [source])

    assert alone == [entry for entry in entries[state] if entry.source == source]
    assert alone


@pytest.mark.slow
@pytest.mark.parametrize("state", STATES)
def test_every_page_size_gives_the_same_entries_under_the_same_cursors(
    server: RunningServer, state: str
) -> None:
    small, large = (
        fetch_all_edges(server, ACHIEVEMENTS, make_variables(first, state)) for first in (5, 100)
    )

    assert small == large


@pytest.mark.slow
@pytest.mark.parametrize("state", STATES)
def test_the_selected_fields_change_neither_the_order_nor_the_cursors(
    server: RunningServer, state: str
) -> None:
    without_rarity, with_rarity = (
        fetch_all_edges(server, query, make_variables(9, state))
        for query in (WITHOUT_RARITY, WITH_RARITY)
    )

    assert [each["node"].pop("rarity") for each in with_rarity]
    assert without_rarity == with_rarity


@pytest.mark.slow
def test_a_cursor_of_one_selection_is_valid_for_another(server: RunningServer) -> None:
    edges = fetch_all_edges(server, WITHOUT_RARITY, make_variables(100))
    after = edges[40]["cursor"]

    page = fetch_connection(server, WITH_RARITY, {**make_variables(5), "after": after})

    assert [edge["cursor"] for edge in page["edges"]] == [edge["cursor"] for edge in edges[41:46]]


@pytest.mark.slow
@pytest.mark.parametrize(
    "query", [WITHOUT_RARITY, WITH_RARITY], ids=["without rarity", "with rarity"]
)
def test_more_unlocks_than_one_response_holds_are_listed_completely(
    server: RunningServer, query: str
) -> None:
    member = server.retro.database.find_member("EmptyEda")
    assert member is not None
    model = server.retro.database.games[101]
    start = datetime(2025, 1, 1, tzinfo=UTC)
    for number in range(12):
        items = tuple(
            replace(model.achievements[0], id=1_000_000 + 1000 * number + index, order=index)
            for index in range(120)
        )
        game_id = 5000 + number
        server.retro.database.games[game_id] = replace(model, id=game_id, achievements=items)
        for index, item in enumerate(items):
            when = start + timedelta(days=20 * number, hours=index // 2)
            member.unlocks[item.id] = Unlock(when, when)
    accounts = [{"source": "RETRO_ACHIEVEMENTS", "handle": "EmptyEda"}]

    edges = fetch_all_edges(server, query, {"accounts": accounts, "first": 100})

    found = [int(node["nativeId"]) for node in get_nodes(edges)]
    assert sorted(found) == sorted(member.unlocks)
    times = [node["earnedAt"] for node in get_nodes(edges)]
    assert times == sorted(times, reverse=True)


@pytest.mark.slow
@pytest.mark.parametrize("state", STATES)
def test_every_entry_has_a_cursor_and_an_id_of_its_own(server: RunningServer, state: str) -> None:
    edges = fetch_all_edges(server, ACHIEVEMENTS, make_variables(100, state))

    assert len({edge["cursor"] for edge in edges}) == len(edges)
    assert len({edge["node"]["id"] for edge in edges}) == len(edges)


@pytest.mark.slow
@pytest.mark.parametrize("state", STATES)
def test_another_server_gives_the_same_timeline(state: str) -> None:
    found: list[Any] = []
    for _ in range(2):
        with run_server() as server:
            found.append(fetch_all_edges(server, ACHIEVEMENTS, make_variables(50, state)))

    assert found[0] == found[1]


@pytest.mark.slow
def test_unlocks_of_the_same_second_are_in_the_order_of_the_sources(server: RunningServer) -> None:
    moment = datetime(2026, 10, 30, 12, tzinfo=UTC)
    server.trophy_so.database.unlock("vega", "shared-a-song", "2026-10-30T12:00:00.000Z")
    server.retro.unlock("VegaNorth", 21201, moment)
    server.psn.unlock(OWNER_ACCOUNT_ID, "NPWR00001_00", 6, "2026-10-30T12:00:00Z")
    server.psn.unlock(OWNER_ACCOUNT_ID, "NPWR00009_00", 3, "2026-10-30T12:00:00Z")

    first = [fetch_all_edges(server, ACHIEVEMENTS, make_variables(size)) for size in (1, 2, 100)]

    newest = [expected_data.from_node(node) for node in get_nodes(first[0])[:4]]
    assert [(entry.source, entry.title) for entry in newest] == [
        ("PSN", "NPWR00001_00"),
        ("PSN", "NPWR00009_00"),
        ("RETRO_ACHIEVEMENTS", "212"),
        ("TROPHY_SO", None),
    ]
    assert first[0] == first[1] == first[2]


@pytest.mark.slow
def test_a_new_unlock_between_two_pages_shifts_no_later_entry(
    server: RunningServer,
) -> None:
    undisturbed = fetch_all_edges(server, ACHIEVEMENTS, make_variables(7))

    def unlock_between_pages(page: int) -> None:
        when = datetime(2026, 11, 10, page, tzinfo=UTC)
        if page == 0:
            server.psn.unlock(OWNER_ACCOUNT_ID, "NPWR00001_00", 5, when.isoformat())
        if page == 2:
            server.retro.unlock("VegaNorth", 91907, when)
        if page == 4:
            server.trophy_so.database.unlock("vega", "songwriter", when.isoformat())

    disturbed = fetch_all_edges(
        server, ACHIEVEMENTS, make_variables(7), NO_CACHE_HEADERS, between=unlock_between_pages
    )

    assert disturbed == undisturbed


@pytest.mark.slow
@pytest.mark.parametrize(("state", "shown"), [("EARNED", "0"), ("LOCKED", "123")])
def test_a_title_that_moves_between_two_pages_of_its_list_loses_no_entry(
    server: RunningServer, state: str, shown: str
) -> None:
    count, some = 805, (0, 400, 802)
    world = server.psn.database
    model = world.trophy_sets["NPWR00010_00"]
    names = [f"NPWR{10_000 + number:05}_00" for number in range(count)]
    for number, name in enumerate(names):
        when = f"2026-01-01T{23 - number // 60:02}:{59 - number % 60:02}:00Z"
        trophies = model.trophies[: 4 if number in some else 1]  # others have nothing to show
        world.trophy_sets[name] = replace(model, np_communication_id=name, trophies=trophies)
        have = {0: when} if number in some or state == "LOCKED" else {}
        world.trophy_progress[FRESH_ACCOUNT_ID, name] = TrophySetProgress(when, have)
    accounts = [{"source": "PSN", "handle": FRESH_ACCOUNT_ID}]

    def unlock_between_pages(page: int) -> None:
        if page == 0:
            server.psn.unlock(FRESH_ACCOUNT_ID, names[some[-1]], 1, "2026-11-10T10:00:00Z")

    edges = fetch_all_edges(
        server,
        ACHIEVEMENTS,
        {"accounts": accounts, "first": 1, "state": state},
        between=unlock_between_pages,
    )

    found = [(node["title"]["nativeId"], node["nativeId"]) for node in get_nodes(edges)]
    expected = {(names[number], each) for number in some for each in shown}
    assert len(found) == len(set(found))
    assert set(found) == expected - {(names[some[-1]], "1")}


@pytest.mark.slow
def test_a_new_unlock_is_first_when_the_timeline_is_read_again(server: RunningServer) -> None:
    before = fetch_all_edges(server, ACHIEVEMENTS, make_variables(100))
    server.psn.unlock(OWNER_ACCOUNT_ID, "NPWR00009_00", 3, "2026-11-10T10:00:00Z")

    after = fetch_all_edges(server, ACHIEVEMENTS, make_variables(100), NO_CACHE_HEADERS)

    assert expected_data.from_node(after[0]["node"]) == expected_data.Expected(
        "PSN", "NPWR00009_00", "3", datetime(2026, 11, 10, 10, tzinfo=UTC)
    )
    assert after[1:] == before


@pytest.mark.slow
def test_an_entry_earned_again_in_hardcore_is_shown_once(server: RunningServer) -> None:
    (page,) = [
        fetch_connection(server, ACHIEVEMENTS, make_variables(100, sources=["RETRO_ACHIEVEMENTS"]))
    ]
    softcore = next(edge["node"] for edge in page["edges"] if edge["node"]["nativeId"] == "30508")
    server.retro.unlock("VegaNorth", 30508, datetime(2026, 11, 10, tzinfo=UTC))

    edges = fetch_all_edges(
        server, ACHIEVEMENTS, make_variables(10, sources=["RETRO_ACHIEVEMENTS"]), NO_CACHE_HEADERS
    )

    same = [node for node in get_nodes(edges) if node["id"] == softcore["id"]]
    assert [node["earnedAt"] for node in same] == ["2026-11-10T00:00:00Z"]
    assert get_nodes(edges)[0]["id"] == softcore["id"]


@pytest.mark.slow
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("first", [1, 2, 3, 7, 10])
def test_the_last_page_of_a_player_with_completed_titles_has_no_next_page(
    server: RunningServer, state: str, first: int
) -> None:
    """`fetch_all_edges` fails for a page without entries."""
    for name in ("NPWR00010_00", "NPWR00017_00"):
        for trophy in server.psn.database.trophy_sets[name].trophies:
            server.psn.unlock(FRIEND_ACCOUNT_ID, name, trophy.trophy_id, "2024-01-01T00:00:00Z")
    variables = {"accounts": FRIEND, "first": first, "state": state}

    edges = fetch_all_edges(server, ACHIEVEMENTS, variables)

    sets = server.psn.database.list_progress(FRIEND_ACCOUNT_ID)
    defined = sum(len(trophy_set.trophies) for trophy_set, _ in sets)
    earned = sum(len(standing.earned) for _, standing in sets)
    counts = {"EARNED": earned, "LOCKED": defined - earned, "ALL": defined}
    assert len(edges) == counts[state]


def test_a_player_without_achievements_has_an_empty_timeline(server: RunningServer) -> None:
    accounts = [
        {"source": "PSN", "handle": "fresh_account"},
        {"source": "RETRO_ACHIEVEMENTS", "handle": "EmptyEda"},
        {"source": "TROPHY_SO", "handle": "fresh"},
    ]

    page = fetch_connection(server, ACHIEVEMENTS, {"accounts": accounts, "first": 10})

    assert page["edges"] == []
    assert page["pageInfo"] == {
        "hasNextPage": False,
        "hasPreviousPage": False,
        "startCursor": None,
        "endCursor": None,
    }
    assert [status["state"] for status in page["sources"]] == ["OK", "OK", "OK"]


@pytest.mark.slow
@pytest.mark.parametrize("state", STATES)
def test_a_cursor_stays_valid_when_its_entry_is_gone(server: RunningServer, state: str) -> None:
    edges = fetch_all_edges(server, ACHIEVEMENTS, make_variables(100, state, ["PSN"]))
    place = next(
        at
        for at, node in enumerate(get_nodes(edges))
        if node["title"]["nativeId"] == "NPWR00011_00"
    )
    gone = server.psn.database.trophy_progress.pop((OWNER_ACCOUNT_ID, "NPWR00011_00"))
    assert gone.earned

    variables = {**make_variables(100, state, ["PSN"]), "after": edges[place]["cursor"]}
    page = fetch_connection(server, ACHIEVEMENTS, variables, NO_CACHE_HEADERS)

    later = [
        node
        for node in get_nodes(edges)[place + 1 :]
        if node["title"]["nativeId"] != "NPWR00011_00"
    ]
    assert get_nodes(page["edges"]) == later[: len(page["edges"])]
    assert page["edges"]


@pytest.mark.slow
def test_a_trophy_added_to_a_title_is_locked_although_nothing_was_earned_in_it(
    server: RunningServer,
) -> None:
    locked = make_variables(100, "LOCKED", ["PSN"])
    before = fetch_all_edges(server, ACHIEVEMENTS, locked)

    server.psn.add_trophy("NPWR00002_00", "Afterwards")

    after = fetch_all_edges(server, ACHIEVEMENTS, locked, NO_CACHE_HEADERS)
    trophy_set = [node["id"] for node in get_nodes(before)]
    added = [node for node in get_nodes(after) if node["id"] not in trophy_set]
    assert [(node["title"]["nativeId"], node["earned"]) for node in added] == [
        ("NPWR00002_00", False)
    ]
    assert len(after) == len(before) + 1


@pytest.mark.slow
@pytest.mark.parametrize("state", ["EARNED", "ALL"])
@pytest.mark.parametrize("without_time", [[0], [0, 1, 4], [3], range(100)], ids=str)
def test_a_title_without_a_time_loses_no_entry(
    server: RunningServer, without_time: Sequence[int], state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = get_nodes(fetch_all_edges(server, ACHIEVEMENTS, make_variables(100)))
    original = trophy_serializers.serialize_title
    page = fetch_connection(server, LISTED, {"accounts": VEGA, "sources": ["PSN"]})
    names = [node["nativeId"] for node in get_nodes(page["edges"])]

    def remove_some_times(*args: Any) -> dict[str, Any]:
        row = original(*args)
        if names.index(row["npCommunicationId"]) in without_time:
            del row["lastUpdatedDateTime"]
        return row

    monkeypatch.setattr(trophy_serializers, "serialize_title", remove_some_times)
    found = get_nodes(
        fetch_all_edges(server, ACHIEVEMENTS, make_variables(11, state), NO_CACHE_HEADERS)
    )

    assert found[: len(expected)] == expected
    assert all(node["earned"] is False for node in found[len(expected) :])


@dataclass
class SyncedProgress(TrophySetProgress):
    """Progress that was synced before the time at which the console dates an unlock."""

    @property
    def updated_at(self) -> str:
        return self.synced_at


@pytest.mark.slow
@pytest.mark.parametrize("state", ["EARNED", "ALL"])
@pytest.mark.parametrize("first", [1, 3, 100])
def test_an_unlock_dated_after_its_title_is_listed_once(
    server: RunningServer, state: str, first: int
) -> None:
    progress = server.psn.database.trophy_progress
    titles = ("NPWR00001_00", "NPWR00002_00", "NPWR00003_00")
    for day, name in enumerate(titles, start=10):
        late, early = "2026-11-30T00:00:00Z", f"2026-01-0{day - 9}T00:00:00Z"
        synced = f"2026-11-{day}T00:00:00Z"
        progress[FRESH_ACCOUNT_ID, name] = SyncedProgress(synced, {0: late, 1: synced, 2: early})
    accounts = [{"source": "PSN", "handle": FRESH_ACCOUNT_ID}]
    variables = {"accounts": accounts, "first": first, "state": state}

    found = get_nodes(fetch_all_edges(server, ACHIEVEMENTS, variables))

    shown = [(node["title"]["nativeId"], node["nativeId"]) for node in found if node["earned"]]
    assert shown == [
        *((name, each) for name in titles[::-1] for each in "01"),
        *((name, "2") for name in titles[::-1]),
    ]
    assert len({node["id"] for node in found}) == len(found)


def test_the_first_page_loads_only_titles_that_may_hold_its_entries(server: RunningServer) -> None:
    fetch_connection(server, ACHIEVEMENTS, make_variables(3, sources=["PSN"]))

    opened = [path for path in server.psn.calls if path.endswith("/trophyGroups/all/trophies")]
    assert len(opened) == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    "query", [WITHOUT_RARITY, WITH_RARITY], ids=["without rarity", "with rarity"]
)
def test_unlocks_of_an_unlisted_game_are_on_the_timeline(server: RunningServer, query: str) -> None:
    small = add_unlisted_game(server)

    edges = fetch_all_edges(server, query, make_variables(20, sources=["RETRO_ACHIEVEMENTS"]))

    newest = get_nodes(edges)[:2]
    assert [node["nativeId"] for node in newest] == small[1::-1]
    assert {node["title"]["nativeId"] for node in newest} == {"77"}


def test_an_unlisted_title_is_found_by_its_id(server: RunningServer) -> None:
    small = add_unlisted_game(server)
    query = """query ($accounts: [AccountInput!]!) { user(accounts: $accounts) {
      trophyTitle(source: RETRO_ACHIEVEMENTS, nativeId: "77") {
        id name earnedCount achievements { id nativeId earned } } } }"""
    found = server.fetch_data(query, {"accounts": VEGA})["user"]["trophyTitle"]
    one = found["achievements"][0]

    again = server.fetch_data(
        "query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on TrophyTitle { name earnedCount } "
        "... on Achievement { nativeId earned } } }",
        {"ids": [found["id"], one["id"]]},
    )["nodes"]

    assert [each["nativeId"] for each in found["achievements"]] == small
    assert again == [{key: found[key] for key in ("id", "name", "earnedCount")}, one]
    assert (found["earnedCount"], one["earned"]) == (2, True)


def test_an_unlisted_game_without_unlocks_is_null(server: RunningServer) -> None:
    add_unlisted_game(server)
    member = server.retro.database.find_member("VegaNorth")
    assert member is not None
    for number in (7700, 7701):
        del member.unlocks[number]
    query = """query ($accounts: [AccountInput!]!) { user(accounts: $accounts) {
      trophyTitle(source: RETRO_ACHIEVEMENTS, nativeId: "77") { name } } }"""

    assert server.fetch_data(query, {"accounts": VEGA})["user"] == {"trophyTitle": None}


def add_unlisted_game(server: RunningServer) -> list[str]:
    """Let Vega earn two of three achievements in a game that is too small for any list."""
    model = server.retro.database.games[101]
    items = tuple(replace(model.achievements[0], id=7700 + one, order=one) for one in range(3))
    server.retro.database.games[77] = replace(model, id=77, achievements=items)
    for item in items[:2]:
        when = datetime(2026, 11, 10, item.order, tzinfo=UTC)
        server.retro.unlock("VegaNorth", item.id, when)
    return [str(item.id) for item in items]
