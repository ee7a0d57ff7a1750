"""How large an operation's answer will be: what it tells of the schema, and all its names."""

from collections.abc import Mapping
from dataclasses import replace

from graphql import FragmentDefinitionNode, GraphQLSchema, OperationDefinitionNode

from server.cost.introspection import EXPLORING, Explored, Introspection
from server.cost.response_size import Size
from server.limits.limit_exceeded import hold
from server.query_reading.arguments import Arguments
from server.query_reading.collect_fields import Selections

# The whole schema is a tenth of it, whatever the operator allows besides.
MOST_EXPLORED = 100_000
MOST_EXPLORED_BYTES = 2_000_000
BYTES_OF_A_VALUE = 100  # of an answer for each of its values, names and all


def hold_bytes(size: int, values: int) -> None:
    """Refuse an answer that is longer than one of so many values and the schema may be."""
    most = BYTES_OF_A_VALUE * values + MOST_EXPLORED_BYTES
    hold("Bytes of the answer, by estimate", size, most)


def answer_of(
    operation: OperationDefinitionNode,
    fragments: Mapping[str, FragmentDefinitionNode],
    arguments: Arguments,
    schema: GraphQLSchema,
) -> Explored:
    """Fields and values of the introspection, and the bytes of it and of everything else."""
    root, sets = schema.get_root_type(operation.operation), (operation.selection_set,)
    if root is None:
        return Explored()
    read = Selections(fragments, arguments)
    explored = Introspection(schema, read, arguments).of(root.name, sets)
    hold("Values of the introspection", explored.values, MOST_EXPLORED)
    hold("Bytes of the introspection", explored.bytes, MOST_EXPLORED_BYTES)
    others = Selections(fragments, arguments, EXPLORING)
    size = Size(schema, others, arguments).of(root.name, sets)
    return replace(explored, bytes=explored.bytes + size)
