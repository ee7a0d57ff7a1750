"""Builds the selection of the first field in a document, as a resolver would see it."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from graphql import FieldNode, FragmentDefinitionNode, OperationDefinitionNode, parse

from schema.selection import Selection


def build_selection(text: str, variables: Mapping[str, Any] | None = None) -> Selection:
    """Parse a document, and return the selection below the first field of its operation."""
    definitions = parse(text).definitions
    fragments = {
        node.name.value: node for node in definitions if isinstance(node, FragmentDefinitionNode)
    }
    (operation,) = [node for node in definitions if isinstance(node, OperationDefinitionNode)]
    field = operation.selection_set.selections[0]
    assert isinstance(field, FieldNode)
    return Selection(SimpleNamespace(fragments=fragments, variable_values=variables), [field])
