"""Estimated size of a response, with what introspection returns."""

from dataclasses import replace

from graphql import GraphQLSchema, OperationDefinitionNode

from schema.selected_fields import Fragments
from server.cost.introspection import (
    INTROSPECTION_FIELDS,
    IntrospectionCost,
    IntrospectionEstimator,
)
from server.cost.response_size import ResponseSizeEstimator
from server.limits.limit_exceeded import enforce
from server.query_reading.arguments import Arguments
from server.query_reading.collect_fields import FieldCollector

# Two and a half times the whole schema; no setting changes them.
MAX_INTROSPECTION_VALUES = 15_000
MAX_INTROSPECTION_BYTES = 600_000
BYTES_PER_VALUE = 100  # of a response, names included


def enforce_response_bytes(size: int, max_values: int) -> None:
    """Raise `LimitExceeded` for more bytes than the allowed values and the schema take."""
    limit = BYTES_PER_VALUE * max_values + MAX_INTROSPECTION_BYTES
    enforce("Bytes of the response, by estimate", size, limit)


def estimate_response(
    operation: OperationDefinitionNode,
    fragments: Fragments,
    arguments: Arguments,
    schema: GraphQLSchema,
) -> IntrospectionCost:
    """Return the fields and values of the introspection, and the bytes of the whole response."""
    root, sets = schema.get_root_type(operation.operation), (operation.selection_set,)
    if root is None:
        return IntrospectionCost()
    collector = FieldCollector(fragments, arguments)
    introspection_cost = IntrospectionEstimator(schema, collector, arguments).estimate(
        root.name, sets
    )
    enforce("Values of the introspection", introspection_cost.values, MAX_INTROSPECTION_VALUES)
    enforce("Bytes of the introspection", introspection_cost.bytes, MAX_INTROSPECTION_BYTES)
    other_fields = FieldCollector(fragments, arguments, INTROSPECTION_FIELDS)
    size = ResponseSizeEstimator(schema, other_fields, arguments).estimate(root.name, sets)
    return replace(introspection_cost, bytes=introspection_cost.bytes + size)
