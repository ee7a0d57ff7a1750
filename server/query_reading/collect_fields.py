"""What a selection asks for: fragments opened, skipped fields left out, equals together."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionSetNode,
)

from server.limits.limit_exceeded import enforce
from server.query_reading.arguments import Arguments, build_field_key

# Steps taken to read an operation: a document of the largest size takes some thousands, and only
# one that is made to be hard takes more.
MAX_STEPS = 40_000

# A question: the type it is put to, and the field with its arguments.
FieldKey = tuple[str, tuple[Any, ...]]
# The places where it is put, by the names of their answers.
NodesByResponseName = dict[str, list[FieldNode]]
SelectionSets = tuple[SelectionSetNode, ...]


@dataclass
class FieldCollector:
    """What an operation selects, read with care for how long that takes."""

    fragments: Mapping[str, FragmentDefinitionNode]
    arguments: Arguments
    excluded: frozenset[str] = frozenset()  # fields that somebody else looks at
    steps: int = 0
    _field_keys: dict[int, tuple[Any, ...]] = field(default_factory=dict[int, tuple[Any, ...]])

    def collect_fields(
        self, type_name: str, sets: SelectionSets, *, keep_duplicates: bool
    ) -> dict[FieldKey, NodesByResponseName]:
        """Everything that is asked; `repeated` keeps equals apart when each is done anew."""
        found: dict[FieldKey, NodesByResponseName] = {}
        visited: set[str] = set()
        for selections in sets:
            for parent_type, node in self._iterate_fields(type_name, selections, visited):
                response_name = (node.alias or node.name).value
                field_key = self._get_field_key(node)
                key = (parent_type, (response_name, *field_key) if keep_duplicates else field_key)
                found.setdefault(key, {}).setdefault(response_name, []).append(node)
        return found

    def _get_field_key(self, node: FieldNode) -> tuple[Any, ...]:
        cached = self._field_keys.get(id(node))
        if cached is None:
            cached = self._field_keys[id(node)] = build_field_key(node)
        return cached

    def _iterate_fields(
        self, type_name: str, selections: SelectionSetNode, visited: set[str]
    ) -> Iterator[tuple[str, FieldNode]]:
        for node in selections.selections:
            self._count_step()
            if self.arguments.should_skip(node.directives):
                continue
            if isinstance(node, FieldNode):
                if node.name.value not in self.excluded:
                    yield type_name, node
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition.name.value if node.type_condition else type_name
                yield from self._iterate_fields(condition, node.selection_set, visited)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in visited:
                visited.add(node.name.value)
                fragment = self.fragments.get(node.name.value)
                if fragment is not None:
                    condition = fragment.type_condition.name.value
                    yield from self._iterate_fields(condition, fragment.selection_set, visited)

    def _count_step(self) -> None:
        self.steps += 1
        enforce("Steps to read the operation", self.steps, MAX_STEPS)


def merge_selection_sets(nodes: list[FieldNode]) -> SelectionSets:
    """What is selected below some fields."""
    found = {id(node.selection_set): node.selection_set for node in nodes if node.selection_set}
    return tuple(found.values())
