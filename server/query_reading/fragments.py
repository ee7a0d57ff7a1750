"""Opening of fragments: the fields of a selection, as if every fragment were written out."""

from collections.abc import Callable, Iterator, Mapping

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
)

Fragments = Mapping[str, FragmentDefinitionNode]


def index_fragments(document: DocumentNode) -> Fragments:
    """Return the document's fragments by name."""
    return {
        node.name.value: node
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }


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


def _find_fragment(
    node: SelectionNode, fragments: Fragments, opened: set[str]
) -> InlineFragmentNode | FragmentDefinitionNode | None:
    if isinstance(node, InlineFragmentNode):
        return node
    if not isinstance(node, FragmentSpreadNode) or node.name.value in opened:
        return None
    opened.add(node.name.value)
    return fragments.get(node.name.value)
