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

from server.limits.limit_exceeded import enforce

MAX_DEPTH = 15
MAX_ROOT_FIELDS = 40
MAX_ALIASES = 60
MAX_DIRECTIVES = 50
MAX_DIRECTIVES_PER_LOCATION = 4

TYPE_NAME = "__typename"

Fragments = Mapping[str, FragmentDefinitionNode]


@dataclass
class OperationShape:
    """What there is of everything in an operation and the fragments it reaches."""

    fragments: Fragments
    aliases: int = 0
    directives: int = 0
    _depths: dict[str, int] = field(default_factory=dict[str, int])

    def measure_depth(self, selections: SelectionSetNode | None) -> int:
        """How many fields stand inside each other, counting everything on the way."""
        nodes = selections.selections if selections else ()
        # A gateway gives each selection's type name a name of its own; nobody needs it twice.
        self.aliases += max(0, sum(map(_is_aliased_typename, nodes)) - 1)
        return max((self._measure_node(node) for node in nodes), default=0)

    def count_directives(self, directives: tuple[DirectiveNode, ...] | None) -> None:
        """Count the directives of one place."""
        found = len(directives or ())
        enforce("Directives in one place", found, MAX_DIRECTIVES_PER_LOCATION)
        self.directives += found

    def _measure_node(self, node: SelectionNode) -> int:
        self.count_directives(node.directives)
        if isinstance(node, FragmentSpreadNode):
            return self._measure_fragment(node.name.value)
        child_depth = self.measure_depth(getattr(node, "selection_set", None))
        if not isinstance(node, FieldNode):
            return child_depth
        self.aliases += node.alias is not None and not _is_aliased_typename(node)
        # Introspection is as deep as types are; validation bounds how its lists nest.
        return 1 if node.name.value.startswith("__") else 1 + child_depth

    def _measure_fragment(self, name: str) -> int:
        if name not in self._depths:
            self._depths[name] = 0  # what a fragment inside itself adds
            fragment = self.fragments.get(name)
            if fragment is not None:
                self.count_directives(fragment.directives)
                self._depths[name] = self.measure_depth(fragment.selection_set)
        return self._depths[name]


def _is_aliased_typename(node: SelectionNode) -> bool:
    return isinstance(node, FieldNode) and node.alias is not None and node.name.value == TYPE_NAME


def enforce_shape(operation: OperationDefinitionNode, fragments: Fragments) -> None:
    """Refuse an operation that is written too large."""
    shape = OperationShape(fragments)
    shape.count_directives(operation.directives)
    enforce("Depth", shape.measure_depth(operation.selection_set), MAX_DEPTH)
    enforce("Aliases", shape.aliases, MAX_ALIASES)
    enforce("Directives", shape.directives, MAX_DIRECTIVES)
    enforce("Root fields", len(collect_root_fields(operation, fragments)), MAX_ROOT_FIELDS)


def collect_root_fields(operation: OperationDefinitionNode, fragments: Fragments) -> list[str]:
    """The names of the outermost fields, as often as they are there."""
    fields = _iterate_root_fields(operation.selection_set, fragments, set())
    return [node.name.value for node in fields]


def _iterate_root_fields(
    selections: SelectionSetNode, fragments: Fragments, visited: set[str]
) -> Iterator[FieldNode]:
    for node in selections.selections:
        if isinstance(node, FieldNode):
            yield node
        elif isinstance(node, InlineFragmentNode):
            yield from _iterate_root_fields(node.selection_set, fragments, visited)
        elif isinstance(node, FragmentSpreadNode) and node.name.value not in visited:
            visited.add(node.name.value)
            fragment = fragments.get(node.name.value)
            yield from (
                _iterate_root_fields(fragment.selection_set, fragments, visited) if fragment else ()
            )
