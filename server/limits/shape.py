"""Limits on how an operation is written: depth, root fields, aliases and directives.

Each fragment is measured once, however often it is spread, so that fragments which spread each
other take no longer than their text.
"""

from dataclasses import dataclass, field

from graphql import (
    DirectiveNode,
    FieldNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
)

from schema.selected_fields import Fragments, iterate_fields
from server.limits.limit_exceeded import enforce

MAX_DEPTH = 15
MAX_ROOT_FIELDS = 40
MAX_ALIASES = 60
MAX_DIRECTIVES = 50
MAX_DIRECTIVES_PER_LOCATION = 4

TYPE_NAME = "__typename"


@dataclass
class OperationShape:
    """Counts of one operation and the fragments it reaches."""

    fragments: Fragments
    aliases: int = 0
    directives: int = 0
    _depths: dict[str, int] = field(default_factory=dict[str, int])

    def measure_depth(self, selections: SelectionSetNode | None) -> int:
        """Return how deep fields are nested, and count the aliases and directives on the way."""
        nodes = selections.selections if selections else ()
        # Gateways add an aliased `__typename` to each selection; only a second one counts.
        self.aliases += max(0, sum(map(_is_aliased_typename, nodes)) - 1)
        return max((self._measure_node(node) for node in nodes), default=0)

    def count_directives(self, directives: tuple[DirectiveNode, ...] | None) -> None:
        """Count the directives at one location."""
        count = len(directives or ())
        enforce("Directives at one location", count, MAX_DIRECTIVES_PER_LOCATION)
        self.directives += count

    def _measure_node(self, node: SelectionNode) -> int:
        self.count_directives(node.directives)
        if isinstance(node, FragmentSpreadNode):
            return self._measure_fragment(node.name.value)
        child_depth = self.measure_depth(getattr(node, "selection_set", None))
        if not isinstance(node, FieldNode):
            return child_depth
        self.aliases += node.alias is not None and not _is_aliased_typename(node)
        # Introspection is as deep as the types are nested; validation bounds its nested lists.
        return 1 if node.name.value.startswith("__") else 1 + child_depth

    def _measure_fragment(self, name: str) -> int:
        if name not in self._depths:
            self._depths[name] = 0  # for a fragment that spreads itself; validation rejects it
            fragment = self.fragments.get(name)
            if fragment is not None:
                self.count_directives(fragment.directives)
                self._depths[name] = self.measure_depth(fragment.selection_set)
        return self._depths[name]


def enforce_shape(operation: OperationDefinitionNode, fragments: Fragments) -> None:
    """Raise `LimitExceeded` for an operation that is written too large."""
    shape = OperationShape(fragments)
    shape.count_directives(operation.directives)
    enforce("Depth", shape.measure_depth(operation.selection_set), MAX_DEPTH)
    enforce("Aliases", shape.aliases, MAX_ALIASES)
    enforce("Directives", shape.directives, MAX_DIRECTIVES)
    enforce("Root fields", _count_root_fields(operation, fragments), MAX_ROOT_FIELDS)


def _count_root_fields(operation: OperationDefinitionNode, fragments: Fragments) -> int:
    # Skipped and repeated fields count as well: the limit is on what is written.
    fields = iterate_fields("", operation.selection_set, fragments, set(), lambda _node: True)
    return sum(1 for _ in fields)


def _is_aliased_typename(node: SelectionNode) -> bool:
    return isinstance(node, FieldNode) and node.alias is not None and node.name.value == TYPE_NAME
