"""The titles of all sources as one list, last updated first."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from providers.psn.cache_policies import TITLES as LISTED
from providers.psn.sandbox.model import Standing, TrophySet
from providers.psn.sandbox.world import FRESH_ACCOUNT_ID, FRIEND_ACCOUNT_ID, OWNER_ACCOUNT_ID
from providers.registry import Source
from tests.asking import FRESH, PSN_VEGA, VEGA, Server
from tests.resolvers import truth
from tests.resolvers.walking import connection, nodes, walked

TITLES = """
query ($accounts: [AccountInput!]!, $first: Int!, $after: String, $sources: [Source!]) {
  user(accounts: $accounts) {
    trophyTitles(first: $first, after: $after, sources: $sources) {
      totalCount
      edges { cursor node { id source nativeId lastUpdatedAt } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      sources { source state }
    }
  }
}
"""
COLLECTOR = [{"source": "PSN", "handle": FRESH_ACCOUNT_ID}]


def things(edges: list[Any]) -> list[truth.Thing]:
    return [
        truth.Thing(
            node["source"], None, node["nativeId"], datetime.fromisoformat(node["lastUpdatedAt"])
        )
        for node in nodes(edges)
    ]


def collect(server: Server, count: int) -> list[str]:
    """Give an account so many titles, two of every second; their ids, newest first."""
    world = server.psn.world
    names = [f"NPWR{10_000 + number:05}_00" for number in range(count)]
    model = world.sets["NPWR00010_00"]
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for number, name in enumerate(names):
        world.sets[name] = TrophySet(
            name, model.service, "01.00", "PS5", model.name, model.groups, model.trophies
        )
        when = (start - timedelta(seconds=number // 2)).strftime("%Y-%m-%dT%H:%M:%SZ")
        world.standings[FRESH_ACCOUNT_ID, name] = Standing(when, {1: when})
    return names


@pytest.mark.parametrize("first", [1, 3, 7, 100])
def test_the_pages_together_are_all_titles_last_updated_first(server: Server, first: int) -> None:
    edges = walked(server, TITLES, {"accounts": VEGA, "first": first})

    assert things(edges) == truth.titles(server)


@pytest.mark.parametrize("source", ["PSN", "RETRO_ACHIEVEMENTS"])
def test_only_the_named_source_is_asked(server: Server, source: str) -> None:
    edges = walked(server, TITLES, {"accounts": VEGA, "first": 4, "sources": [source]})

    assert things(edges) == [each for each in truth.titles(server) if each.source == source]
    assert set(server.asked()) == {source}


def test_the_total_is_what_the_sources_say(server: Server) -> None:
    page = connection(server, TITLES, {"accounts": VEGA, "first": 1})

    assert page["totalCount"] == len(truth.titles(server))


def test_a_source_without_titles_has_no_part_in_the_list(server: Server) -> None:
    page = connection(server, TITLES, {"accounts": VEGA, "first": 1})

    assert [status["source"] for status in page["sources"]] == ["PSN", "RETRO_ACHIEVEMENTS"]


def test_a_source_that_is_named_in_vain_is_not_linked(server: Server) -> None:
    sources = ["RETRO_ACHIEVEMENTS", "PSN"]

    page = connection(server, TITLES, {"accounts": PSN_VEGA, "first": 1, "sources": sources})

    assert page["sources"] == [
        {"source": "PSN", "state": "OK"},
        {"source": "RETRO_ACHIEVEMENTS", "state": "NOT_LINKED"},
    ]


@pytest.mark.parametrize("count", [799, 800, 801, 1601])
def test_long_lists_cost_one_call_for_every_800_titles(server: Server, count: int) -> None:
    names = collect(server, count)

    edges = walked(server, TITLES, {"accounts": COLLECTOR, "first": 100})

    assert [node["nativeId"] for node in nodes(edges)] == names
    assert server.asked() == {"PSN": -(-count // 800)}


def test_the_second_800_are_not_asked_for_before_they_are_needed(server: Server) -> None:
    collect(server, 1601)

    answer = server.ask(TITLES, {"accounts": COLLECTOR, "first": 100})

    assert answer.data["user"]["trophyTitles"]["totalCount"] == 1601
    assert answer.calls == {"PSN": 1} == server.asked()


def test_a_title_that_moves_to_the_top_between_two_pages_leads_the_next_one(
    server: Server,
) -> None:
    quiet = walked(server, TITLES, {"accounts": VEGA, "first": 5})

    def play(page: int) -> None:
        if page == 0:
            when = "2026-11-10T10:00:00Z"
            server.psn.unlock(OWNER_ACCOUNT_ID, "NPWR00002_00", 0, when)

    busy = walked(server, TITLES, {"accounts": VEGA, "first": 5}, FRESH, between=play)

    ids = [edge["node"]["id"] for edge in quiet]
    moved = next(each["node"]["id"] for each in quiet if each["node"]["nativeId"] == "NPWR00002_00")
    behind = [each for each in ids[5:] if each != moved]
    assert [edge["node"]["id"] for edge in busy] == [*ids[:5], moved, *behind]
    assert moved in ids[5:]


def test_a_title_that_moves_to_the_top_after_it_was_shown_is_not_shown_again(
    server: Server,
) -> None:
    quiet = walked(server, TITLES, {"accounts": VEGA, "first": 5})
    shown = quiet[3]["node"]["nativeId"]

    def play(page: int) -> None:
        server.psn.unlock(OWNER_ACCOUNT_ID, shown, page, f"2026-11-10T10:00:0{page}Z")

    busy = walked(server, TITLES, {"accounts": PSN_VEGA, "first": 5}, FRESH, between=play)

    ids = [edge["node"]["id"] for edge in quiet if edge["node"]["source"] == "PSN"]
    assert [edge["node"]["id"] for edge in busy] == ids


@pytest.mark.parametrize("order", ["LAST_UPDATED", "HIGHEST_PROGRESS"])
def test_a_title_that_moves_from_behind_a_page_that_is_remembered_is_not_missed(
    server: Server, order: str
) -> None:
    names = collect(server, 900)
    variables = {"accounts": COLLECTOR, "first": 100, "order": order}

    def play(page: int) -> None:
        if page == 2:
            server.psn.unlock(FRESH_ACCOUNT_ID, names[850], 1, "2026-11-10T10:00:00Z")

    edges = walked(server, ORDERED, variables, between=play)

    assert sorted(node["nativeId"] for node in nodes(edges)) == names


def test_a_page_that_is_remembered_is_not_put_behind_one_that_has_changed(server: Server) -> None:
    names = collect(server, 900)
    walked(server, TITLES, {"accounts": COLLECTOR, "first": 100})
    server.psn.unlock(FRESH_ACCOUNT_ID, names[850], 1, "2026-11-10T10:00:00Z")
    cache, scope = server.kit.cache, server.services[Source.PSN].operator().scope
    cache.forget(LISTED, scope, (FRESH_ACCOUNT_ID, "0", ""))

    edges = walked(server, TITLES, {"accounts": COLLECTOR, "first": 100})

    moved = names.pop(850)
    assert [node["nativeId"] for node in nodes(edges)] == [moved, *names]


def test_a_title_that_is_asked_for_while_it_moves_is_found(server: Server) -> None:
    names = collect(server, 900)
    connection(server, TITLES, {"accounts": COLLECTOR, "first": 1})
    server.psn.unlock(FRESH_ACCOUNT_ID, names[850], 1, "2026-11-10T10:00:00Z")
    query = """query ($accounts: [AccountInput!]!, $id: ID!) {
      user(accounts: $accounts) { trophyTitle(nativeId: $id) { nativeId } } }"""

    answer = server.ask(query, {"accounts": COLLECTOR, "id": names[850]})

    assert answer.data["user"]["trophyTitle"] == {"nativeId": names[850]}
    assert answer.calls == {"PSN": 2}


def test_pages_that_always_contradict_each_other_are_not_asked_for_again_and_again(
    server: Server,
) -> None:
    collect(server, 900)
    whole = {"accounts": COLLECTOR, "first": 100, "order": "HIGHEST_PROGRESS"}
    other = json.dumps({"trophyTitles": [], "totalItemCount": 7})
    server.fail("trophyTitles.*offset=800", status=200, body=other)

    answers = [server.ask(ORDERED, whole) for _ in range(4)]

    assert [answer.calls.get("PSN", 0) for answer in answers] == [2, 1, 0, 0]


def test_a_title_that_its_owner_hides_is_shown_to_him_alone(server: Server) -> None:
    own = connection(server, TITLES, {"accounts": PSN_VEGA, "first": 100})
    second = [{"source": "PSN", "handle": "second_player"}]
    others = connection(server, TITLES, {"accounts": second, "first": 100})

    assert "NPWR00010_00" in [node["nativeId"] for node in nodes(own["edges"])]
    assert "NPWR00015_00" not in [node["nativeId"] for node in nodes(others["edges"])]


def test_a_player_is_the_same_under_all_his_names(server: Server) -> None:
    pages = [
        connection(server, TITLES, {"accounts": [{"source": "PSN", "handle": name}], "first": 9})
        for name in ("sample_friend", "SAMPLE_Friend", FRIEND_ACCOUNT_ID)
    ]

    assert pages[0]["edges"] == pages[1]["edges"] == pages[2]["edges"]
    assert pages[0]["edges"]


ORDERED = """
query ($accounts: [AccountInput!]!, $first: Int!, $after: String,
       $order: TitleOrder! = LAST_UPDATED, $completion: TitleCompletion! = ANY) {
  user(accounts: $accounts) {
    trophyTitles(first: $first, after: $after, orderBy: $order, completion: $completion) {
      edges { cursor node { source nativeId progress earnedCount achievementCount lastUpdatedAt } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      sources { source state }
    }
  }
}
"""


def left(node: Any) -> int:
    return node["achievementCount"] - node["earnedCount"]


RANKS: dict[str, Callable[[Any], int]] = {
    "LAST_UPDATED": lambda _: 0,
    "HIGHEST_PROGRESS": lambda node: -node["progress"],
    "FEWEST_LEFT": left,
}
STAGES: dict[str, Callable[[Any], bool]] = {
    "ANY": lambda _: True,
    "NOT_STARTED": lambda node: node["earnedCount"] == 0,
    "IN_PROGRESS": lambda node: 0 < node["earnedCount"] < node["achievementCount"],
    "COMPLETED": lambda node: left(node) == 0,
}


@pytest.mark.parametrize("completion", STAGES)
@pytest.mark.parametrize("order", RANKS)
def test_titles_come_in_the_order_and_at_the_stage_asked_for(
    server: Server, order: str, completion: str
) -> None:
    accounts = VEGA[:2]
    plain = nodes(walked(server, ORDERED, {"accounts": accounts, "first": 100}))
    variables = {"accounts": accounts, "order": order, "completion": completion}

    small, large = (walked(server, ORDERED, {**variables, "first": each}) for each in (2, 100))

    # Those of one rank stay last updated first.
    expected = sorted(filter(STAGES[completion], plain), key=RANKS[order])
    assert nodes(small) == expected
    assert small == large
    assert expected


def test_what_is_nearly_done_comes_first(server: Server) -> None:
    variables = {"accounts": VEGA, "order": "FEWEST_LEFT", "completion": "IN_PROGRESS", "first": 3}

    found = nodes(connection(server, ORDERED, variables)["edges"])

    assert [left(node) for node in found] == sorted(left(node) for node in found)
    assert left(found[0]) == 1
