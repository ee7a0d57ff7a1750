"""What the selected fields need is found out once, and again for other variables."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from schema import user
from schema.selection import Selection
from tests.harness import NO_CACHE_HEADERS, PSN_VEGA, RunningServer

QUERY = """
query ($accounts: [AccountInput!]!, $reveal: Boolean!) {
  user(accounts: $accounts) { trophyTitles(first: 2) { edges { node {
    achievements(revealHidden: $reveal) { name }
  } } } }
}
"""


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Return the count of the selections that are looked through."""
    counts = Counter[str]()
    find_list_needs: Callable[[Selection], Any] = user.find_list_needs

    def find(selection: Selection) -> Any:
        counts["selections"] += 1
        return find_list_needs(selection)

    monkeypatch.setattr(user, "find_list_needs", find)
    return counts


def execute(server: RunningServer, *, reveal: bool) -> Any:
    variables = {"accounts": PSN_VEGA, "reveal": reveal}
    return server.execute(QUERY, variables, NO_CACHE_HEADERS)


def test_a_selection_is_looked_through_once(server: RunningServer, found: Counter[str]) -> None:
    for _ in range(2):  # the plans of the first execution are not kept for others
        execute(server, reveal=True)
    found.clear()
    first, second = (execute(server, reveal=True) for _ in range(2))

    assert found["selections"] == 0
    assert first.upstream_calls == second.upstream_calls


def test_other_variables_need_other_parts(server: RunningServer, found: Counter[str]) -> None:
    for _ in range(2):
        execute(server, reveal=True)
    found.clear()
    answers = [execute(server, reveal=reveal) for reveal in (True, False, False, True)]

    # Only who may not see hidden achievements needs to know what is earned: a call for each title.
    revealed, masked = (answers[each].upstream_calls["PSN"] for each in (0, 1))
    assert [each.upstream_calls["PSN"] for each in answers] == [revealed, masked, masked, revealed]
    assert masked == revealed + 2
    assert found["selections"] == 2
    assert answers[1].data == answers[2].data != answers[0].data == answers[3].data
