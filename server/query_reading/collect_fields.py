"""CollectFields of the GraphQL specification: the fields of a selection, equal ones together."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from graphql import FieldNode, SelectionNode, SelectionSetNode

from schema.selected_fields import Fragments, iterate_fields
from server.limits.limit_exceeded import enforce
from server.query_reading.arguments import Arguments, build_field_key

# Nodes visited to estimate one operation. A normal document of the largest size takes a few
# thousand; only one written to be slow takes more.
MAX_STEPS = 40_000

# A field with its arguments, and the type that it is selected on.
FieldKey = tuple[str, tuple[Any, ...]]
NodesByResponseName = dict[str, list[FieldNode]]
SelectionSets = tuple[SelectionSetNode, ...]


@dataclass
class FieldCollector:
    """Collects the fields of one operation, and bounds the work of doing so."""

    fragments: Fragments
    arguments: Arguments
    excluded: frozenset[str] = frozenset()  # names of fields that another estimate covers
    steps: int = 0
    _field_keys: dict[int, tuple[Any, ...]] = field(default_factory=dict[int, tuple[Any, ...]])

    def collect_fields(
        self, type_name: str, sets: SelectionSets, *, keep_duplicates: bool = False
    ) -> dict[FieldKey, NodesByResponseName]:
        """Return the selected fields, grouped by type, name and arguments.

        `keep_duplicates` keeps equal fields with different aliases apart, because each of them is
        executed: two equal mutations write twice.
        """
        groups: dict[FieldKey, NodesByResponseName] = {}
        opened: set[str] = set()
        for selections in sets:
            fields = iterate_fields(
                type_name, selections, self.fragments, opened, self._is_included
            )
            for parent_type, node in fields:
                response_name = (node.alias or node.name).value
                field_key = self._get_field_key(node)
                key = (parent_type, (response_name, *field_key) if keep_duplicates else field_key)
                groups.setdefault(key, {}).setdefault(response_name, []).append(node)
        return groups

    def iterate_members(
        self, type_name: str, sets: SelectionSets
    ) -> Iterator[tuple[str, str, list[FieldNode]]]:
        """Yield each member of the response object: its type, its name and its nodes."""
        for (parent_type, _), nodes_by_name in self.collect_fields(type_name, sets).items():
            for name, nodes in nodes_by_name.items():
                yield parent_type, name, nodes

    def _get_field_key(self, node: FieldNode) -> tuple[Any, ...]:
        cached = self._field_keys.get(id(node))
        if cached is None:
            cached = self._field_keys[id(node)] = build_field_key(node)
        return cached

    def _is_included(self, node: SelectionNode) -> bool:
        self.steps += 1
        enforce("Steps to read the operation", self.steps, MAX_STEPS)
        is_excluded = isinstance(node, FieldNode) and node.name.value in self.excluded
        return not is_excluded and not self.arguments.should_skip(node.directives)


def merge_selection_sets(nodes: list[FieldNode]) -> SelectionSets:
    """Return the distinct selection sets below some fields."""
    sets_by_id = {
        id(node.selection_set): node.selection_set for node in nodes if node.selection_set
    }
    return tuple(sets_by_id.values())
