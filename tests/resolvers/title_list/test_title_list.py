"""The titles of all sources as one list, while they move and in every order."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from providers.psn.cache_policies import TITLES as LISTED
from providers.psn.sandbox.constants import FRESH_ACCOUNT_ID, FRIEND_ACCOUNT_ID, OWNER_ACCOUNT_ID
from providers.psn.sandbox.models import TrophySet, TrophySetProgress
from providers.registry import Source
from tests.harness import NO_CACHE_HEADERS, PSN_VEGA, VEGA, RunningServer
from tests.resolvers import expected_data
from tests.resolvers.paging import fetch_all_edges, fetch_connection, get_nodes
from tests.resolvers.title_queries import ORDERED, TITLES

COLLECTOR = [{"source": "PSN", "handle": FRESH_ACCOUNT_ID}]


def to_expected(edges: list[Any]) -> list[expected_data.Expected]:
    return [
        expected_data.Expected(
            node["source"], None, node["nativeId"], datetime.fromisoformat(node["lastUpdatedAt"])
        )
        for node in get_nodes(edges)
    ]


def add_titles(server: RunningServer, count: int) -> list[str]:
    """Add titles to an account, two of each second, and return their ids, newest first."""
    world = server.psn.database
    names = [f"NPWR{10_000 + number:05}_00" for number in range(count)]
    model = world.trophy_sets["NPWR00010_00"]
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for number, name in enumerate(names):
        world.trophy_sets[name] = TrophySet(
            name, model.service, "01.00", "PS5", model.name, model.groups, model.trophies
        )
        when = (start - timedelta(seconds=number // 2)).strftime("%Y-%m-%dT%H:%M:%SZ")
        world.trophy_progress[FRESH_ACCOUNT_ID, name] = TrophySetProgress(when, {1: when})
    return names


@pytest.mark.slow
@pytest.mark.parametrize("first", [1, 3, 7, 100])
def test_the_pages_together_are_all_titles_last_updated_first(
    server: RunningServer, first: int
) -> None:
    edges = fetch_all_edges(server, TITLES, {"accounts": VEGA, "first": first})

    assert to_expected(edges) == expected_data.expect_titles(server)


@pytest.mark.parametrize("source", ["PSN", "RETRO_ACHIEVEMENTS"])
def test_only_the_selected_source_is_called(server: RunningServer, source: str) -> None:
    edges = fetch_all_edges(server, TITLES, {"accounts": VEGA, "first": 4, "sources": [source]})

    assert to_expected(edges) == [
        each for each in expected_data.expect_titles(server) if each.source == source
    ]
    assert set(server.count_upstream_calls()) == {source}


def test_the_total_is_that_of_the_sources(server: RunningServer) -> None:
    page = fetch_connection(server, TITLES, {"accounts": VEGA, "first": 1})

    assert page["totalCount"] == len(expected_data.expect_titles(server))


def test_a_source_without_titles_has_no_status_in_the_list(server: RunningServer) -> None:
    page = fetch_connection(server, TITLES, {"accounts": VEGA, "first": 1})

    assert [status["source"] for status in page["sources"]] == ["PSN", "RETRO_ACHIEVEMENTS"]


def test_a_selected_source_without_an_account_is_not_linked(server: RunningServer) -> None:
    sources = ["RETRO_ACHIEVEMENTS", "PSN"]

    page = fetch_connection(server, TITLES, {"accounts": PSN_VEGA, "first": 1, "sources": sources})

    assert page["sources"] == [
        {"source": "PSN", "state": "OK"},
        {"source": "RETRO_ACHIEVEMENTS", "state": "NOT_LINKED"},
    ]


@pytest.mark.slow
@pytest.mark.parametrize("count", [799, 800, 801, 1601])
def test_long_lists_cost_one_call_for_every_800_titles(server: RunningServer, count: int) -> None:
    names = add_titles(server, count)

    edges = fetch_all_edges(server, TITLES, {"accounts": COLLECTOR, "first": 100})

    assert [node["nativeId"] for node in get_nodes(edges)] == names
    assert server.count_upstream_calls() == {"PSN": -(-count // 800)}


@pytest.mark.slow
def test_the_second_800_are_not_loaded_before_they_are_needed(server: RunningServer) -> None:
    add_titles(server, 1601)

    answer = server.execute(TITLES, {"accounts": COLLECTOR, "first": 100})

    assert answer.data["user"]["trophyTitles"]["totalCount"] == 1601
    assert answer.upstream_calls == {"PSN": 1} == server.count_upstream_calls()


def test_a_title_that_moves_to_the_top_between_two_pages_leads_the_next_one(
    server: RunningServer,
) -> None:
    undisturbed = fetch_all_edges(server, TITLES, {"accounts": VEGA, "first": 5})

    def unlock_between_pages(page: int) -> None:
        if page == 0:
            when = "2026-11-10T10:00:00Z"
            server.psn.unlock(OWNER_ACCOUNT_ID, "NPWR00002_00", 0, when)

    disturbed = fetch_all_edges(
        server,
        TITLES,
        {"accounts": VEGA, "first": 5},
        NO_CACHE_HEADERS,
        between=unlock_between_pages,
    )

    ids = [edge["node"]["id"] for edge in undisturbed]
    moved = next(
        each["node"]["id"] for each in undisturbed if each["node"]["nativeId"] == "NPWR00002_00"
    )
    later = [each for each in ids[5:] if each != moved]
    assert [edge["node"]["id"] for edge in disturbed] == [*ids[:5], moved, *later]
    assert moved in ids[5:]


def test_a_title_that_moves_to_the_top_after_it_was_shown_is_not_shown_again(
    server: RunningServer,
) -> None:
    undisturbed = fetch_all_edges(server, TITLES, {"accounts": VEGA, "first": 5})
    shown = undisturbed[3]["node"]["nativeId"]

    def unlock_between_pages(page: int) -> None:
        server.psn.unlock(OWNER_ACCOUNT_ID, shown, page, f"2026-11-10T10:00:0{page}Z")

    disturbed = fetch_all_edges(
        server,
        TITLES,
        {"accounts": PSN_VEGA, "first": 5},
        NO_CACHE_HEADERS,
        between=unlock_between_pages,
    )

    ids = [edge["node"]["id"] for edge in undisturbed if edge["node"]["source"] == "PSN"]
    assert [edge["node"]["id"] for edge in disturbed] == ids


@pytest.mark.slow
@pytest.mark.parametrize("order", ["LAST_UPDATED", "HIGHEST_PROGRESS"])
def test_a_title_that_moves_from_beyond_a_cached_page_is_not_missed(
    server: RunningServer, order: str
) -> None:
    names = add_titles(server, 900)
    variables = {"accounts": COLLECTOR, "first": 100, "order": order}

    def unlock_between_pages(page: int) -> None:
        if page == 2:
            server.psn.unlock(FRESH_ACCOUNT_ID, names[850], 1, "2026-11-10T10:00:00Z")

    edges = fetch_all_edges(server, ORDERED, variables, between=unlock_between_pages)

    assert sorted(node["nativeId"] for node in get_nodes(edges)) == names


@pytest.mark.slow
def test_a_cached_page_is_not_combined_with_a_changed_one(server: RunningServer) -> None:
    names = add_titles(server, 900)
    fetch_all_edges(server, TITLES, {"accounts": COLLECTOR, "first": 100})
    server.psn.unlock(FRESH_ACCOUNT_ID, names[850], 1, "2026-11-10T10:00:00Z")
    cache, scope = (
        server.shared_services.cache,
        server.services[Source.PSN].get_operator_client().scope,
    )
    cache.invalidate(LISTED, scope, (FRESH_ACCOUNT_ID, "0", ""))

    edges = fetch_all_edges(server, TITLES, {"accounts": COLLECTOR, "first": 100})

    moved = names.pop(850)
    assert [node["nativeId"] for node in get_nodes(edges)] == [moved, *names]


@pytest.mark.slow
def test_a_title_loaded_while_it_moves_is_found(server: RunningServer) -> None:
    names = add_titles(server, 900)
    fetch_connection(server, TITLES, {"accounts": COLLECTOR, "first": 1})
    server.psn.unlock(FRESH_ACCOUNT_ID, names[850], 1, "2026-11-10T10:00:00Z")
    query = """query ($accounts: [AccountInput!]!, $id: ID!) {
      user(accounts: $accounts) { trophyTitle(nativeId: $id) { nativeId } } }"""

    answer = server.execute(query, {"accounts": COLLECTOR, "id": names[850]})

    assert answer.data["user"]["trophyTitle"] == {"nativeId": names[850]}
    assert answer.upstream_calls == {"PSN": 2}


@pytest.mark.slow
def test_inconsistent_pages_are_reloaded_a_bounded_number_of_times(
    server: RunningServer,
) -> None:
    add_titles(server, 900)
    whole = {"accounts": COLLECTOR, "first": 100, "order": "HIGHEST_PROGRESS"}
    other = json.dumps({"trophyTitles": [], "totalItemCount": 7})
    server.inject_fault("trophyTitles.*offset=800", status=200, body=other)

    answers = [server.execute(ORDERED, whole) for _ in range(4)]

    assert [answer.upstream_calls.get("PSN", 0) for answer in answers] == [3, 0, 0, 0]


def test_a_hidden_title_is_shown_only_to_its_owner(server: RunningServer) -> None:
    own = fetch_connection(server, TITLES, {"accounts": PSN_VEGA, "first": 100})
    second = [{"source": "PSN", "handle": "second_player"}]
    others = fetch_connection(server, TITLES, {"accounts": second, "first": 100})

    assert "NPWR00010_00" in [node["nativeId"] for node in get_nodes(own["edges"])]
    assert "NPWR00015_00" not in [node["nativeId"] for node in get_nodes(others["edges"])]


def test_a_player_is_the_same_under_all_handles(server: RunningServer) -> None:
    pages = [
        fetch_connection(
            server, TITLES, {"accounts": [{"source": "PSN", "handle": name}], "first": 9}
        )
        for name in ("sample_friend", "SAMPLE_Friend", FRIEND_ACCOUNT_ID)
    ]

    assert pages[0]["edges"] == pages[1]["edges"] == pages[2]["edges"]
    assert pages[0]["edges"]
