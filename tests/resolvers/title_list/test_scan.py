"""A scan over title lists: every title once, also while titles move and change their rank."""

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

import pytest

from providers.psn.sandbox.constants import OWNER_ACCOUNT_ID
from tests.harness import NO_CACHE_HEADERS, VEGA, RunningServer
from tests.resolvers.paging import fetch_all_edges, fetch_connection, get_nodes
from tests.resolvers.title_queries import ORDERED

PAGE_SIZE = 4
LATER = "2026-11-10T10:00:00Z"


def list_names(server: RunningServer, order: str) -> list[str]:
    """Return the titles in an order, without pages."""
    variables = {"accounts": VEGA, "first": 100, "order": order}
    page = fetch_connection(server, ORDERED, variables)
    return [node["nativeId"] for node in get_nodes(page["edges"])]


def scan_with_change(server: RunningServer, order: str, change: Callable[[], object]) -> list[str]:
    """Return the titles page by page, with a change after the first page."""
    edges = fetch_all_edges(
        server,
        ORDERED,
        {"accounts": VEGA, "first": PAGE_SIZE, "order": order},
        NO_CACHE_HEADERS,
        between=lambda page: change() if page == 0 else None,
    )
    return [node["nativeId"] for node in get_nodes(edges)]


@pytest.mark.slow
@pytest.mark.parametrize("order", ["LAST_UPDATED", "FEWEST_LEFT", "HIGHEST_PROGRESS"])
def test_a_title_that_moves_before_it_is_shown_is_listed_once(
    server: RunningServer, order: str
) -> None:
    names = list_names(server, order)
    *_, (moved, trophy_id) = iterate_locked_trophies(server, names[PAGE_SIZE:])

    found = scan_with_change(
        server, order, lambda: server.psn.unlock(OWNER_ACCOUNT_ID, moved, trophy_id, LATER)
    )

    assert sorted(found) == sorted(names)
    assert found[:PAGE_SIZE] == names[:PAGE_SIZE]


@pytest.mark.slow
@pytest.mark.parametrize("order", ["FEWEST_LEFT", "HIGHEST_PROGRESS"])
def test_a_shown_title_that_loses_its_rank_hides_and_repeats_no_other(
    server: RunningServer, order: str
) -> None:
    names = list_names(server, order)
    moved = next(name for name in names[:PAGE_SIZE] if name in server.psn.database.trophy_sets)

    found = scan_with_change(server, order, lambda: server.psn.add_trophy(moved, "Afterwards"))

    assert list_names(server, order) != names
    others = [name for name in found if name != moved]
    assert sorted(others) == sorted(set(names) - {moved})
    assert found[:PAGE_SIZE] == names[:PAGE_SIZE]


@pytest.mark.parametrize("order", ["FEWEST_LEFT", "HIGHEST_PROGRESS"])
def test_titles_of_the_same_rank_are_in_the_order_of_their_last_update(
    server: RunningServer, order: str
) -> None:
    variables = {"accounts": VEGA, "first": 100, "order": order}
    nodes = get_nodes(fetch_connection(server, ORDERED, variables)["edges"])

    for earlier, later in pairwise(nodes):
        ranks = [
            node["achievementCount"] - node["earnedCount"]
            if order == "FEWEST_LEFT"
            else node["progress"]
            for node in (earlier, later)
        ]
        if ranks[0] == ranks[1]:
            assert earlier["lastUpdatedAt"] >= later["lastUpdatedAt"]


def iterate_locked_trophies(
    server: RunningServer, names: Iterable[str]
) -> Iterator[tuple[str, int]]:
    """Yield a trophy that the owner has not earned of each set that has one."""
    database = server.psn.database
    for name in names:
        earned = database.trophy_progress.get((OWNER_ACCOUNT_ID, name))
        if earned is not None:
            for trophy in database.trophy_sets[name].trophies:
                if trophy.trophy_id not in earned.earned:
                    yield name, trophy.trophy_id
                    break
