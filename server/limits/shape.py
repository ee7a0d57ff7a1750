"""How an operation is written: its depth, root fields, aliases and directives.

Every fragment is looked at once, however often it is spread, so that fragments which spread each
other cost no more than their text.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from graphql import (
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
)

from server.limits.limit_exceeded import hold

MOST_DEPTH = 15
MOST_ROOT_FIELDS = 40
MOST_ALIASES = 60
MOST_DIRECTIVES = 50
MOST_DIRECTIVES_IN_ONE_PLACE = 4

TYPE_NAME = "__typename"

Fragments = Mapping[str, FragmentDefinitionNode]


@dataclass
class Shape:
    """What there is of everything in an operation and the fragments it reaches."""

    fragments: Fragments
    aliases: int = 0
    directives: int = 0
    _depths: dict[str, int] = field(default_factory=dict[str, int])

    def depth(self, selections: SelectionSetNode | None) -> int:
        """How many fields stand inside each other, counting everything on the way."""
        nodes = selections.selections if selections else ()
        # A gateway gives each selection's type name a name of its own; nobody needs it twice.
        self.aliases += max(0, sum(map(_renames_type, nodes)) - 1)
        return max((self._depth_of(node) for node in nodes), default=0)

    def decorated(self, directives: tuple[DirectiveNode, ...] | None) -> None:
        """Count the directives of one place."""
        found = len(directives or ())
        hold("Directives in one place", found, MOST_DIRECTIVES_IN_ONE_PLACE)
        self.directives += found

    def _depth_of(self, node: SelectionNode) -> int:
        self.decorated(node.directives)
        if isinstance(node, FragmentSpreadNode):
            return self._depth_of_fragment(node.name.value)
        below = self.depth(getattr(node, "selection_set", None))
        if not isinstance(node, FieldNode):
            return below
        self.aliases += node.alias is not None and not _renames_type(node)
        # Introspection is as deep as types are; validation bounds how its lists nest.
        return 1 if node.name.value.startswith("__") else 1 + below

    def _depth_of_fragment(self, name: str) -> int:
        if name not in self._depths:
            self._depths[name] = 0  # what a fragment inside itself adds
            fragment = self.fragments.get(name)
            if fragment is not None:
                self.decorated(fragment.directives)
                self._depths[name] = self.depth(fragment.selection_set)
        return self._depths[name]


def _renames_type(node: SelectionNode) -> bool:
    return isinstance(node, FieldNode) and node.alias is not None and node.name.value == TYPE_NAME


def hold_shape(operation: OperationDefinitionNode, fragments: Fragments) -> None:
    """Refuse an operation that is written too large."""
    shape = Shape(fragments)
    shape.decorated(operation.directives)
    hold("Depth", shape.depth(operation.selection_set), MOST_DEPTH)
    hold("Aliases", shape.aliases, MOST_ALIASES)
    hold("Directives", shape.directives, MOST_DIRECTIVES)
    hold("Root fields", len(root_fields(operation, fragments)), MOST_ROOT_FIELDS)


def root_fields(operation: OperationDefinitionNode, fragments: Fragments) -> list[str]:
    """The names of the outermost fields, as often as they are there."""
    fields = _fields(operation.selection_set, fragments, set())
    return [node.name.value for node in fields]


def _fields(
    selections: SelectionSetNode, fragments: Fragments, opened: set[str]
) -> Iterator[FieldNode]:
    for node in selections.selections:
        if isinstance(node, FieldNode):
            yield node
        elif isinstance(node, InlineFragmentNode):
            yield from _fields(node.selection_set, fragments, opened)
        elif isinstance(node, FragmentSpreadNode) and node.name.value not in opened:
            opened.add(node.name.value)
            fragment = fragments.get(node.name.value)
            yield from _fields(fragment.selection_set, fragments, opened) if fragment else ()
