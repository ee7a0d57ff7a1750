"""The named fragments of a document."""

from graphql import DocumentNode, FragmentDefinitionNode

from schema.selected_fields import Fragments


def index_fragments(document: DocumentNode) -> Fragments:
    """Return the document's fragments by name."""
    return {
        node.name.value: node
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
