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

from server.cost.estimate import Estimate
from server.cost.introspection import EXPLORING, Explored
from server.cost.response import answer_of, hold_bytes
from server.cost.upstream_calls import NO_CALLS, Calls
from server.limits.limit_exceeded import Excess, hold
from server.limits.operation_limits import NO_LIMITS, Limits
from server.limits.shape import MOST_DEPTH, hold_shape
from server.query_reading.arguments import SOURCES, Arguments
from server.query_reading.collect_fields import Selections

# Aliases and fragments can write out an operation that is far larger than its text.
MOST_FIELDS = 5_000
# Where the operator sets no limit an answer still has to end.
MOST_VALUES = 1_000_000


@dataclass(frozen=True)
class Cost:
    """What an operation will take by estimate; `fields` are those written, fragments opened."""

    fields: int
    values: int
    calls: Calls
    bytes: int = 0


def checked(
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any] | None,
    schema: GraphQLSchema,
    limits: Limits = NO_LIMITS,
    linked: frozenset[str] = SOURCES,
) -> Cost:
    """The cost of a valid document's operation; `Excess` when it may not run.

    `linked` are the sources on which the viewer has an account.
    """
    fragments = {
        node.name.value: node
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    try:
        hold_shape(operation, fragments)
        arguments = Arguments(operation, variables or {})
        answer = answer_of(operation, fragments, arguments, schema)
        others = Selections(fragments, arguments, EXPLORING)
        cost = _cost(operation, Estimate(schema, others, arguments, linked), schema, answer)
    except RecursionError:
        cost = None  # raised outside, or the frames of the recursion would be kept
    if cost is None:
        raise Excess("Depth", MOST_DEPTH + 1, MOST_DEPTH)
    hold("Fields, with all fragments opened", cost.fields, MOST_FIELDS)
    most = MOST_VALUES if limits.fields is None else limits.fields
    hold("Values of the answer, by estimate", cost.values, most)
    hold_bytes(cost.bytes, most)
    hold("Upstream calls, by estimate", cost.calls.total, limits.calls)
    for source, calls in cost.calls.by_source.items():
        hold(f"Calls to {source} within its rate, by estimate", calls, limits.by_source.get(source))
    return cost


def _cost(
    operation: OperationDefinitionNode, estimate: Estimate, schema: GraphQLSchema, answer: Explored
) -> Cost:
    root = schema.get_root_type(operation.operation)
    if root is None:
        return Cost(0, 0, NO_CALLS)
    # Two equal writes are two writes.
    repeated = operation.operation is OperationType.MUTATION
    weight = estimate.of(root.name, (operation.selection_set,), 0, SOURCES, repeated=repeated)
    fields, values = weight.fields + answer.fields, weight.values + answer.values
    return Cost(fields, values, weight.calls, answer.bytes)
