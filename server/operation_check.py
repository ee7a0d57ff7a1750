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

from server.cost.estimate import CostEstimator
from server.cost.introspection import INTROSPECTION_FIELDS, IntrospectionCost
from server.cost.response import enforce_response_bytes, estimate_response
from server.cost.upstream_calls import NO_CALLS, UpstreamCalls
from server.limits.limit_exceeded import LimitExceeded, enforce
from server.limits.operation_limits import NO_LIMITS, OperationLimits
from server.limits.shape import MAX_DEPTH, enforce_shape
from server.query_reading.arguments import SOURCE_NAMES, Arguments
from server.query_reading.collect_fields import FieldCollector

# Aliases and fragments can write out an operation that is far larger than its text.
MAX_FIELDS = 5_000
# Where the operator sets no limit an answer still has to end.
MAX_VALUES = 1_000_000


@dataclass(frozen=True)
class OperationCost:
    """What an operation will take by estimate; `fields` are those written, fragments opened."""

    fields: int
    values: int
    calls: UpstreamCalls
    bytes: int = 0


def check_operation(
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any] | None,
    schema: GraphQLSchema,
    limits: OperationLimits = NO_LIMITS,
    linked_sources: frozenset[str] = SOURCE_NAMES,
) -> OperationCost:
    """The cost of a valid document's operation; `Excess` when it may not run.

    `linked` are the sources on which the viewer has an account.
    """
    fragments = {
        node.name.value: node
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    try:
        enforce_shape(operation, fragments)
        arguments = Arguments(operation, variables or {})
        response_cost = estimate_response(operation, fragments, arguments, schema)
        collector = FieldCollector(fragments, arguments, INTROSPECTION_FIELDS)
        cost = _estimate_cost(
            operation,
            CostEstimator(schema, collector, arguments, linked_sources),
            schema,
            response_cost,
        )
    except RecursionError:
        cost = None  # raised outside, or the frames of the recursion would be kept
    if cost is None:
        raise LimitExceeded("Depth", MAX_DEPTH + 1, MAX_DEPTH)
    enforce("Fields, with all fragments opened", cost.fields, MAX_FIELDS)
    max_values = MAX_VALUES if limits.max_values is None else limits.max_values
    enforce("Values of the answer, by estimate", cost.values, max_values)
    enforce_response_bytes(cost.bytes, max_values)
    enforce("Upstream calls, by estimate", cost.calls.total, limits.max_calls)
    for source, calls in cost.calls.by_source.items():
        enforce(
            f"Calls to {source} within its rate, by estimate",
            calls,
            limits.max_calls_by_source.get(source),
        )
    return cost


def _estimate_cost(
    operation: OperationDefinitionNode,
    estimator: CostEstimator,
    schema: GraphQLSchema,
    response_cost: IntrospectionCost,
) -> OperationCost:
    root = schema.get_root_type(operation.operation)
    if root is None:
        return OperationCost(0, 0, NO_CALLS)
    # Two equal writes are two writes.
    keep_duplicates = operation.operation is OperationType.MUTATION
    cost = estimator.estimate(
        root.name, (operation.selection_set,), 0, SOURCE_NAMES, keep_duplicates=keep_duplicates
    )
    fields, values = cost.fields + response_cost.fields, cost.values + response_cost.values
    return OperationCost(fields, values, cost.calls, response_cost.bytes)
