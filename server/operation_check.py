"""Check of an operation against all limits, before anything of it is executed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import DocumentNode, GraphQLSchema, OperationDefinitionNode, OperationType

from server.cost.estimate import CostEstimator
from server.cost.introspection import INTROSPECTION_FIELDS, IntrospectionCost
from server.cost.response import enforce_response_bytes, estimate_response
from server.cost.upstream_calls import NO_CALLS, UpstreamCalls
from server.limits.limit_exceeded import LimitExceeded, enforce
from server.limits.operation_limits import NO_LIMITS, OperationLimits
from server.limits.shape import MAX_DEPTH
from server.query_reading.arguments import SOURCE_NAMES, Arguments
from server.query_reading.collect_fields import FieldCollector
from server.query_reading.fragments import index_fragments

# With its fragments opened, an operation can be far larger than its text.
MAX_FIELDS = 5_000
# Applies where the operator sets no limit.
MAX_VALUES = 1_000_000


@dataclass(frozen=True)
class OperationCost:
    """Estimated cost of an operation; `fields` are those written, with fragments opened."""

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
    """Return the cost of a valid document's operation; raise `LimitExceeded` if it is too much.

    `linked_sources` are the sources on which the viewer has an account.
    """
    fragments = index_fragments(document)
    try:
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
        cost = None  # raised below: as the context of an error it would keep all its frames alive
    if cost is None:
        raise LimitExceeded("Depth", MAX_DEPTH + 1, MAX_DEPTH)
    _enforce_cost(cost, limits)
    return cost


def _enforce_cost(cost: OperationCost, limits: OperationLimits) -> None:
    enforce("Fields, with all fragments opened", cost.fields, MAX_FIELDS)
    max_values = MAX_VALUES if limits.max_values is None else limits.max_values
    enforce("Values of the response, by estimate", cost.values, max_values)
    enforce_response_bytes(cost.bytes, max_values)
    enforce("Upstream calls, by estimate", cost.calls.total, limits.max_calls)
    for source, calls in cost.calls.by_source.items():
        limit = limits.max_calls_by_source.get(source)
        enforce(f"Calls to {source} within its rate, by estimate", calls, limit)


def _estimate_cost(
    operation: OperationDefinitionNode,
    estimator: CostEstimator,
    schema: GraphQLSchema,
    response_cost: IntrospectionCost,
) -> OperationCost:
    root = schema.get_root_type(operation.operation)
    if root is None:
        return OperationCost(0, 0, NO_CALLS)
    # Each mutation field is executed, also an equal one under another alias.
    keep_duplicates = operation.operation is OperationType.MUTATION
    cost = estimator.estimate(
        root.name, (operation.selection_set,), 0, SOURCE_NAMES, keep_duplicates=keep_duplicates
    )
    fields, values = cost.fields + response_cost.fields, cost.values + response_cost.values
    return OperationCost(fields, values, cost.calls, response_cost.bytes)
