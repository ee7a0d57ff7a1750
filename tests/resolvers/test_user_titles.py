"""The titles of a user in every order, filtered by completion."""

from collections.abc import Callable
from typing import Any

import pytest

from providers.records import Title
from resolvers.arguments import TitleCompletion
from resolvers.user_titles import matches_completion
from tests.harness import VEGA, RunningServer
from tests.resolvers.paging import fetch_all_edges, fetch_connection, get_nodes
from tests.resolvers.title_queries import ORDERED


def count_left(node: Any) -> int:
    return node["achievementCount"] - node["earnedCount"]


SORT_KEYS: dict[str, Callable[[Any], int]] = {
    "LAST_UPDATED": lambda _: 0,
    "HIGHEST_PROGRESS": lambda node: -node["progress"],
    "FEWEST_LEFT": count_left,
}
COMPLETION_FILTERS: dict[str, Callable[[Any], bool]] = {
    "ANY": lambda _: True,
    "NOT_STARTED": lambda node: node["earnedCount"] == 0,
    "IN_PROGRESS": lambda node: 0 < node["earnedCount"] < node["achievementCount"],
    "COMPLETED": lambda node: count_left(node) == 0,
}


@pytest.mark.slow
@pytest.mark.parametrize("completion", COMPLETION_FILTERS)
@pytest.mark.parametrize("order", SORT_KEYS)
def test_titles_have_the_requested_order_and_completion(
    server: RunningServer, order: str, completion: str
) -> None:
    accounts = VEGA[:2]
    plain = get_nodes(fetch_all_edges(server, ORDERED, {"accounts": accounts, "first": 100}))
    variables = {"accounts": accounts, "order": order, "completion": completion}

    small, large = (
        fetch_all_edges(server, ORDERED, {**variables, "first": each}) for each in (2, 100)
    )

    # Titles of the same rank stay last updated first.
    expected = sorted(filter(COMPLETION_FILTERS[completion], plain), key=SORT_KEYS[order])
    assert get_nodes(small) == expected
    assert small == large
    assert expected


def test_nearly_completed_titles_come_first(server: RunningServer) -> None:
    variables = {"accounts": VEGA, "order": "FEWEST_LEFT", "completion": "IN_PROGRESS", "first": 3}

    found = get_nodes(fetch_connection(server, ORDERED, variables)["edges"])

    assert [count_left(node) for node in found] == sorted(count_left(node) for node in found)
    assert count_left(found[0]) == 1


@pytest.mark.parametrize(
    ("earned", "defined", "expected"),
    [
        (0, 3, {TitleCompletion.NOT_STARTED}),
        (1, 3, {TitleCompletion.IN_PROGRESS}),
        (3, 3, {TitleCompletion.COMPLETED}),
        (4, 3, {TitleCompletion.COMPLETED}),
        (None, 3, set[TitleCompletion]()),
        (1, None, set[TitleCompletion]()),
    ],
)
def test_a_title_with_unknown_counts_matches_no_completion_but_any(
    earned: int | None, defined: int | None, expected: set[TitleCompletion]
) -> None:
    title = Title(native_id="1", earned_count=earned, achievement_count=defined)

    matched = {each for each in TitleCompletion if matches_completion(title, each)}

    assert matched == {TitleCompletion.ANY, *expected}
