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

from server.limits.limit_exceeded import hold
from server.query_reading.arguments import Arguments, canonical

# Steps taken to read an operation: a document of the largest size takes some thousands, and only
# one that is made to be hard takes more.
MOST_STEPS = 40_000

# A question: the type it is put to, and the field with its arguments.
Question = tuple[str, tuple[Any, ...]]
# The places where it is put, by the names of their answers.
Places = dict[str, list[FieldNode]]
Sets = tuple[SelectionSetNode, ...]


@dataclass
class Selections:
    """What an operation selects, read with care for how long that takes."""

    fragments: Mapping[str, FragmentDefinitionNode]
    arguments: Arguments
    without: frozenset[str] = frozenset()  # fields that somebody else looks at
    steps: int = 0
    _questions: dict[int, tuple[Any, ...]] = field(default_factory=dict[int, tuple[Any, ...]])

    def questions(self, kind: str, sets: Sets, *, repeated: bool) -> dict[Question, Places]:
        """Everything that is asked; `repeated` keeps equals apart when each is done anew."""
        found: dict[Question, Places] = {}
        opened: set[str] = set()
        for selections in sets:
            for on, node in self._fields(kind, selections, opened):
                answer = (node.alias or node.name).value
                question = self._question(node)
                key = (on, (answer, *question) if repeated else question)
                found.setdefault(key, {}).setdefault(answer, []).append(node)
        return found

    def _question(self, node: FieldNode) -> tuple[Any, ...]:
        known = self._questions.get(id(node))
        if known is None:
            known = self._questions[id(node)] = canonical(node)
        return known

    def _fields(
        self, kind: str, selections: SelectionSetNode, opened: set[str]
    ) -> Iterator[tuple[str, FieldNode]]:
        for node in selections.selections:
            self._step()
            if self.arguments.skips(node.directives):
                continue
            if isinstance(node, FieldNode):
                if node.name.value not in self.without:
                    yield kind, node
            elif isinstance(node, InlineFragmentNode):
                on = node.type_condition.name.value if node.type_condition else kind
                yield from self._fields(on, node.selection_set, opened)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in opened:
                opened.add(node.name.value)
                fragment = self.fragments.get(node.name.value)
                if fragment is not None:
                    on = fragment.type_condition.name.value
                    yield from self._fields(on, fragment.selection_set, opened)

    def _step(self) -> None:
        self.steps += 1
        hold("Steps to read the operation", self.steps, MOST_STEPS)


def below(nodes: list[FieldNode]) -> Sets:
    """What is selected below some fields."""
    found = {id(node.selection_set): node.selection_set for node in nodes if node.selection_set}
    return tuple(found.values())
