"""Fields of one selection that differ in nothing but their aliases, and the size of a selection."""

from collections.abc import Sequence
from typing import Any

from graphql import FieldNode, FragmentSpreadNode, GraphQLError

MAX_COUNTED_DEPTH = 15  # an operation is no deeper


def find_repeated_fields(fields: dict[str, Any]) -> dict[str, str]:
    """Map each response name whose field equals an earlier one to the first of its kind."""
    first_names: dict[tuple[str, ...], str] = {}
    repeated: dict[str, str] = {}
    for name, details in fields.items():
        texts = tuple(_get_text_without_alias(each.node) for each in details)
        first = first_names.setdefault(texts, name)
        if first != name:
            repeated[name] = first
    return repeated


def copy_error(
    error: GraphQLError,
    depth: int,
    name: str,
    nodes: Sequence[FieldNode],
    others: Sequence[FieldNode],
) -> GraphQLError:
    """Return an error below one of two equal fields as the other field would have it.

    `name` is the other one's response name, at `depth` in the path; `others` are its nodes.
    """
    path = list(error.path or ())
    path[depth] = name
    positions = [_move_position(each, nodes, others) for each in error.positions or ()]
    return GraphQLError(
        error.message,
        source=error.source,
        positions=positions,
        path=path,
        original_error=error.original_error,
        extensions=error.extensions,
    )


def _move_position(position: int, nodes: Sequence[FieldNode], others: Sequence[FieldNode]) -> int:
    """Return the same position in the other field; those in a fragment are the same for both."""
    for node, other in zip(nodes, others, strict=True):
        if node.loc is None or other.loc is None or not node.name.loc or not other.name.loc:
            continue
        if position == node.loc.start:
            return other.loc.start
        if node.name.loc.start <= position < node.loc.end:
            return position - node.name.loc.start + other.name.loc.start
    return position


def count_selected_fields(node: Any, fragments: Any, depth: int = 0) -> int:
    """Count a field's selected fields at all levels, with fragments opened; 1 for a scalar."""
    if getattr(node, "selection_set", None) is None or depth > MAX_COUNTED_DEPTH:
        return 1
    count = 0
    for each in node.selection_set.selections:
        is_spread = isinstance(each, FragmentSpreadNode)
        selected = fragments[each.name.value].definition if is_spread else each
        count += count_selected_fields(selected, fragments, depth + 1)
    return count


def _get_text_without_alias(node: FieldNode) -> str:
    location, name = node.loc, node.name.loc
    if location is None or name is None:  # of a document that was not parsed from a text
        return f"{node.name.value} {id(node)}"
    return location.source.body[name.start : location.end]
