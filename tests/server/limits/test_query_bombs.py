"""Estimating a document takes no longer than its text, even if it means a huge operation."""

from contextlib import suppress

import pytest
from graphql import OperationDefinitionNode, parse

from server.limits.limit_exceeded import LimitExceeded
from server.operation_check import check_operation
from tests.server.operation_checks import SCHEMA, assert_quick, estimate_cost

TITLE_QUERY = '{ viewer { trophyTitle(nativeId: "1") { ...F0 } } }'


def _build_fragment_bomb(levels: int, body: str, kind: str = "User") -> str:
    fragments = (
        f"fragment F{number} on {kind} {{ {body.replace('NEXT', f'...F{number + 1}')} }}"
        for number in range(levels)
    )
    return " ".join((*fragments, f"fragment F{levels} on {kind} {{ id }}"))


@pytest.mark.parametrize("levels", [18, 25, 29])
def test_fragments_that_spread_the_next_one_twice_are_one_field(levels: int) -> None:
    with assert_quick():
        assert (
            estimate_cost("{ viewer { ...F0 } }" + _build_fragment_bomb(levels, "NEXT NEXT")).values
            == 1
        )


@pytest.mark.parametrize("levels", [18, 29])
def test_fragments_that_nest_under_two_aliases_are_rejected(levels: int) -> None:
    body = "a: accounts { user { NEXT } } b: accounts { user { NEXT } }"
    with assert_quick(), pytest.raises(LimitExceeded, match=r"^Depth"):
        estimate_cost("{ viewer { ...F0 } }" + _build_fragment_bomb(levels, body))


def test_aliases_in_fragments_are_counted_as_written_out() -> None:
    body = " ".join(
        f'a{each}: group(nativeId: "{each}") {{ title {{ NEXT }} }}' for each in "123456"
    )
    with assert_quick(), pytest.raises(LimitExceeded, match=r"^Fields, with all fragments opened"):
        estimate_cost(TITLE_QUERY + _build_fragment_bomb(6, body, "TrophyTitle"))


def test_nested_lists_are_rejected_without_a_limit() -> None:
    deep = "id"
    for _ in range(5):
        deep = f"achievements {{ title {{ {deep} }} }}"
    with (
        assert_quick(),
        pytest.raises(LimitExceeded, match=r"^Values of the response, by estimate: 102,400,000"),
    ):
        estimate_cost(f'{{ viewer {{ trophyTitle(nativeId: "1") {{ {deep} }} }} }}')


def test_objects_without_selected_fields_count_as_values() -> None:
    deep = ""
    for _ in range(5):
        deep = f"achievements {{ title {{ {deep} }} }}"
    with pytest.raises(LimitExceeded, match=r"^Values"):
        estimate_cost(f'{{ viewer {{ trophyTitle(nativeId: "1") {{ {deep} }} }} }}')


@pytest.mark.parametrize(
    "text",
    [
        "{ viewer { ...A } } fragment A on User { ...A }",
        "{ viewer { ...A } } fragment A on User { ...B } fragment B on User { id ...A }",
        "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
        "{ viewer { ...A } } fragment A on User { accounts { user { ...A } } }",
        "{ viewer { ...Nobody } nothing { id } }",
        "{ ...Nobody }",
    ],
)
def test_an_invalid_document_is_estimated_quickly(text: str) -> None:
    document = parse(text)
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    with assert_quick(), suppress(LimitExceeded):
        check_operation(document, operation, None, SCHEMA)


def test_a_selection_reached_by_many_paths_is_visited_once() -> None:
    body = " ".join(
        f'{name}: group(nativeId: "{name}") {{ title {{ NEXT }} }}' for name in ("a", "b")
    )
    with assert_quick():
        assert (
            estimate_cost(TITLE_QUERY + _build_fragment_bomb(6, body, "TrophyTitle")).values == 2**6
        )
