"""The fields of a selection: fragments opened, and `@skip` and `@include` applied."""

from collections.abc import Callable, Iterator, Mapping

from graphql import (
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
)

Fragments = Mapping[str, FragmentDefinitionNode]

# The value of `if` with which each directive leaves a node out.
SKIP_CONDITIONS = {"skip": True, "include": False}


def iterate_fields(
    type_name: str,
    selections: SelectionSetNode,
    fragments: Fragments,
    opened: set[str],
    is_included: Callable[[SelectionNode], bool],
) -> Iterator[tuple[str, FieldNode]]:
    """Yield the fields of a selection, each with the name of the type that it is selected on.

    A named fragment is opened only once and then added to `opened`. A node for which
    `is_included` is false is left out, with everything below it.
    """
    for node in selections.selections:
        if not is_included(node):
            continue
        if isinstance(node, FieldNode):
            yield type_name, node
            continue
        fragment = _find_fragment(node, fragments, opened)
        if fragment is not None:
            condition = fragment.type_condition
            inner_type = condition.name.value if condition else type_name
            yield from iterate_fields(
                inner_type, fragment.selection_set, fragments, opened, is_included
            )


def should_skip(
    directives: tuple[DirectiveNode, ...] | None, read_value: Callable[[ValueNode], object]
) -> bool:
    """Return whether `@skip` or `@include` leaves a node out."""
    return bool(directives) and any(
        read_value(argument.value) is SKIP_CONDITIONS[directive.name.value]
        for directive in directives
        if directive.name.value in SKIP_CONDITIONS
        for argument in directive.arguments or ()
    )


def _find_fragment(
    node: SelectionNode, fragments: Fragments, opened: set[str]
) -> InlineFragmentNode | FragmentDefinitionNode | None:
    if isinstance(node, InlineFragmentNode):
        return node
    if not isinstance(node, FragmentSpreadNode) or node.name.value in opened:
        return None
    opened.add(node.name.value)
    return fragments.get(node.name.value)
