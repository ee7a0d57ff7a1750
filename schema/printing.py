"""The graph's SDL without what only a federation needs."""

from graphql import GraphQLNamedType, GraphQLObjectType, GraphQLSchema, print_type
from graphql.type import is_specified_scalar_type

from schema.federated_schema import Graph

FEDERATION = frozenset({"_Service", "_Entity", "_Any", "FieldSet", "_FieldSet"})
MACHINERY = frozenset({"_service", "_entities"})


def plain_sdl(graph: Graph) -> str:
    """Every type of the graph in alphabetical order, with its descriptions."""
    schema = graph.executable
    kinds = sorted(schema.type_map.values(), key=lambda kind: kind.name)
    return "\n\n".join(_printed(schema, kind) for kind in kinds if _own(kind)) + "\n"


def _own(kind: GraphQLNamedType) -> bool:
    name = kind.name
    return not (
        name.startswith(("__", "link__")) or name in FEDERATION or is_specified_scalar_type(kind)
    )


def _printed(schema: GraphQLSchema, kind: GraphQLNamedType) -> str:
    if schema.query_type is None or kind is not schema.query_type:
        return print_type(kind)
    query = GraphQLObjectType(
        kind.name,
        {name: field for name, field in schema.query_type.fields.items() if name not in MACHINERY},
        description=kind.description,
    )
    return print_type(query)
