"""Collecting the fields of a selection, as execution does."""

from collections.abc import Mapping
from typing import Any

import pytest
from graphql import OperationDefinitionNode, parse

from server.limits.limit_exceeded import LimitExceeded
from server.query_reading.arguments import Arguments
from server.query_reading.collect_fields import MAX_STEPS, FieldCollector
from server.query_reading.fragments import index_fragments


def collect_members(
    text: str, variables: Mapping[str, Any] | None = None, excluded: frozenset[str] = frozenset()
) -> list[tuple[str, str, int]]:
    """Return the type, response name and number of nodes of each member of the response."""
    collector, operation = build_collector(text, variables or {}, excluded)
    members = collector.iterate_members("Query", (operation.selection_set,))
    return [(type_name, name, len(nodes)) for type_name, name, nodes in members]


def build_collector(
    text: str, variables: Mapping[str, Any], excluded: frozenset[str] = frozenset()
) -> tuple[FieldCollector, OperationDefinitionNode]:
    document = parse(text)
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    arguments = Arguments(operation, variables)
    return FieldCollector(index_fragments(document), arguments, excluded), operation


def test_fragments_are_opened_once_with_their_types() -> None:
    text = "{ a ...F ... on User { b ...F } } fragment F on Account { c }"
    assert collect_members(text) == [("Query", "a", 1), ("Account", "c", 1), ("User", "b", 1)]


def test_equal_response_names_are_merged() -> None:
    assert collect_members("{ a { x } a { y } b: a }") == [("Query", "a", 2), ("Query", "b", 1)]


@pytest.mark.parametrize(
    ("condition", "included"),
    [
        ("@skip(if: true)", False),
        ("@skip(if: false)", True),
        ("@include(if: false)", False),
        ("@include(if: true)", True),
        ("@skip(if: $on)", False),
        ("@include(if: $off)", False),
        ("@include(if: $default)", False),
        ("@include(if: $on) @skip(if: $on)", False),
    ],
)
def test_skipped_nodes_are_left_out(condition: str, *, included: bool) -> None:
    head = "query ($on: Boolean!, $off: Boolean!, $default: Boolean = false)"
    for selection in (f"a {condition}", f"...F {condition}", f"... {condition} {{ a }}"):
        text = f"{head} {{ z {selection} }} fragment F on Query {{ a }}"
        names = [name for _, name, _ in collect_members(text, {"on": True, "off": False})]
        assert names == (["z", "a"] if included else ["z"])


def test_excluded_fields_are_left_out_under_any_alias() -> None:
    assert collect_members("{ a s: __schema { types } }", excluded=frozenset({"__schema"})) == [
        ("Query", "a", 1)
    ]


def test_equal_fields_are_one_group_unless_duplicates_are_kept() -> None:
    collector, operation = build_collector("{ a: f(x: 1, y: 2) b: f(y: 2, x: 1) c: f(x: 2) }", {})
    sets = (operation.selection_set,)
    groups = collector.collect_fields("Query", sets).values()
    assert [list(each) for each in groups] == [["a", "b"], ["c"]]
    groups = collector.collect_fields("Query", sets, keep_duplicates=True).values()
    assert [list(each) for each in groups] == [["a"], ["b"], ["c"]]


@pytest.mark.slow
def test_the_steps_of_all_selections_are_limited_together() -> None:
    collector, operation = build_collector("{ a b }", {})
    sets = (operation.selection_set,)
    for _ in range(MAX_STEPS // 2):
        collector.collect_fields("Query", sets)
    with pytest.raises(LimitExceeded, match=r"^Steps to read the operation: 40,001;"):
        collector.collect_fields("Query", sets)
