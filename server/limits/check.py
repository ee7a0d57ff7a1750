"""One look at an operation before anything of it runs: how large it is, and what it will take."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
)

from server.limits.arguments import Arguments
from server.limits.estimate import Estimate
from server.limits.excess import Excess, hold
from server.limits.selections import Selections
from server.limits.shape import MOST_DEPTH, hold_shape, root_fields

# Aliases and fragments can write out an operation that is far larger than its text.
MOST_FIELDS = 5_000
# Where the operator sets no limit, and for introspection, an answer still has to end.
MOST_VALUES = 1_000_000


@dataclass(frozen=True)
class Cost:
    """What an operation will take by estimate; `fields` are those written, fragments opened."""

    fields: int
    values: int
    calls: int


def checked(
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any] | None,
    schema: GraphQLSchema,
    *,
    max_fields: int | None = None,
    max_calls: int | None = None,
) -> Cost:
    """The cost of a valid document's operation; `Excess` when it may not run."""
    fragments = {
        node.name.value: node
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    try:
        hold_shape(operation, fragments)
        cost = _cost(operation, fragments, Arguments(operation, variables or {}), schema)
    except RecursionError:
        cost = None  # raised outside, or the frames of the recursion would be kept
    if cost is None:
        raise Excess("Depth", MOST_DEPTH + 1, MOST_DEPTH)
    hold("Fields, with all fragments opened", cost.fields, MOST_FIELDS)
    explores = all(name.startswith("__") for name in root_fields(operation, fragments))
    most = MOST_VALUES if explores or max_fields is None else max_fields
    hold("Values of the answer, by estimate", cost.values, most)
    hold("Upstream calls, by estimate", cost.calls, max_calls)
    return cost


def _cost(
    operation: OperationDefinitionNode,
    fragments: Mapping[str, FragmentDefinitionNode],
    arguments: Arguments,
    schema: GraphQLSchema,
) -> Cost:
    root = schema.get_root_type(operation.operation)
    if root is None:
        return Cost(0, 0, 0)
    estimate = Estimate(schema, Selections(fragments, arguments), arguments)
    # Two equal writes are two writes.
    repeated = operation.operation is OperationType.MUTATION
    weight = estimate.of(root.name, (operation.selection_set,), 0, repeated=repeated)
    return Cost(weight.fields, weight.values, weight.calls)
