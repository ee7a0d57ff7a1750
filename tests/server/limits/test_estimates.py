"""What operations are taken to need: the figures of the table, added up."""

from pathlib import Path

import pytest

from providers.errors import TooCostly
from server.limits.excess import Excess
from tests.server.limits.asking import VEGA, cost

QUERIES = Path("server/explorer/queries")


@pytest.mark.parametrize(
    ("asked", "calls"),
    [
        ("id", 0),
        ("displayName", 1),
        ("displayName avatar { url } accounts { displayName status { state } }", 1),
        ("trophyTitles { totalCount }", 1),
        ("trophyTitles(first: 50) { edges { node { name progress } } }", 1),
        ("trophyTitles(first: 50) { edges { node { groups { name } } } }", 51),
        ("trophyTitles(first: 50) { edges { node { groups { progress } } } }", 101),
        ("trophyTitles(first: 50) { edges { node { achievements { name } } } }", 101),
        (
            """trophyTitles(first: 50) { edges { node { groups {
                name progress achievements { name earned rarity { percent } }
            } } } }""",
            151,
        ),
        ('trophyTitle(nativeId: "1") { achievements { grade title { groups { name } } } }', 3),
        ("achievements(first: 20) { edges { node { earnedAt } } }", 7),
        ("achievements(first: 20) { edges { node { name title { name } } } }", 13),
        ("awards(first: 20) { edges { node { kind } } }", 1),
        ("awards(first: 20) { edges { node { title { name } } } }", 21),
        ("campaigns { name }", 1),
        ("campaigns { tasks { status } }", 21),
        ("totals { titles points } trophyTitles { totalCount }", 2),
        ("accounts { ... on PsnAccount { trophySummary { level } aboutMe } }", 2),
    ],
)
def test_calls_of_a_person_with_one_account(asked: str, calls: int) -> None:
    assert cost(f"{{ user({VEGA}) {{ {asked} }} }}").calls == calls


def test_each_account_of_a_person_is_asked() -> None:
    three = 'accounts: [{source: PSN, handle: "a"}, {source: TROPHY_SO, handle: "b"}, $third]'
    query = f"query ($third: AccountInput!) {{ user({three}) {{ displayName }} }}"
    assert cost(query).calls == 3
    assert cost("{ viewer { displayName } }").calls == 1 + 3


def test_thirty_aliases_of_one_title_are_asked_once() -> None:
    one = f'user({VEGA}) {{ trophyTitle(nativeId: "1") {{ achievements {{ name }} }} }}'
    thirty = "{" + " ".join(f"a{number}: {one}" for number in range(30)) + "}"
    assert cost(thirty).calls == cost(f"{{ {one} }}").calls == 3
    assert cost(thirty).values == 30 * cost(f"{{ {one} }}").values


def test_thirty_titles_are_asked_one_by_one() -> None:
    titles = (
        f'a{number}: trophyTitle(nativeId: "{number}") {{ achievements {{ name }} }}'
        for number in range(30)
    )
    assert cost(f"{{ user({VEGA}) {{ {' '.join(titles)} }} }}").calls == 61


def test_equal_arguments_in_another_order_are_the_same_question() -> None:
    query = (
        f"{{ user({VEGA}) {{ a: awards(first: 9, sources: [PSN]) {{ edges {{ node "
        "{ title { name } } } } b: awards(sources: [PSN], first: 9) { edges { node "
        "{ title { name } } } } } }"
    )
    assert cost(query).calls == 10


def test_a_bare_title_is_nobodys() -> None:
    assert cost('{ trophyTitle(nativeId: "1") { groups { name } } }').calls == 2
    assert cost('{ trophyTitle(nativeId: "1") { achievements { name } } }').calls == 3


def test_every_id_is_a_thing_to_find() -> None:
    assert cost('{ nodes(ids: ["a", "b"]) { ... on TrophyTitle { groups { name } } } }').calls == 4
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    assert cost(query, {"ids": ["a"] * 100}).calls == 100
    assert cost(query, {"ids": "a"}).calls == 1


def test_an_operation_over_the_callers_limits_is_refused_with_its_estimate() -> None:
    query = (
        f"{{ user({VEGA}) {{ awards(first: 20) {{ edges {{ node {{ title {{ name }} }} }} }} }} }}"
    )
    assert cost(query, max_calls=21, max_fields=20)
    with pytest.raises(TooCostly) as calls:
        cost(query, max_calls=20)
    with pytest.raises(Excess) as values:
        cost(query, max_fields=19)
    assert isinstance(calls.value, Excess)
    assert (calls.value.estimate, calls.value.limit) == (21, 20)
    assert (values.value.estimate, values.value.limit) == (20, 19)
    assert values.value.code == "OPERATION_TOO_COSTLY"


def test_every_query_of_the_explorer_is_within_the_default_limits() -> None:
    for path in QUERIES.glob("*.graphql"):
        assert cost(path.read_text(), max_calls=400, max_fields=100_000)
