"""How large an operation's answer will be: what it tells of the schema, and all its names."""

from collections.abc import Mapping
from dataclasses import replace

from graphql import FragmentDefinitionNode, GraphQLSchema, OperationDefinitionNode

from server.cost.introspection import (
    INTROSPECTION_FIELDS,
    IntrospectionCost,
    IntrospectionEstimator,
)
from server.cost.response_size import ResponseSizeEstimator
from server.limits.limit_exceeded import enforce
from server.query_reading.arguments import Arguments
from server.query_reading.collect_fields import FieldCollector

# The whole schema is a tenth of it, whatever the operator allows besides.
MAX_INTROSPECTION_VALUES = 100_000
MAX_INTROSPECTION_BYTES = 2_000_000
BYTES_PER_VALUE = 100  # of an answer for each of its values, names and all


def enforce_response_bytes(size: int, values: int) -> None:
    """Refuse an answer that is longer than one of so many values and the schema may be."""
    limit = BYTES_PER_VALUE * values + MAX_INTROSPECTION_BYTES
    enforce("Bytes of the answer, by estimate", size, limit)


def estimate_response(
    operation: OperationDefinitionNode,
    fragments: Mapping[str, FragmentDefinitionNode],
    arguments: Arguments,
    schema: GraphQLSchema,
) -> IntrospectionCost:
    """Fields and values of the introspection, and the bytes of it and of everything else."""
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
