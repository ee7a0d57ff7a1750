"""Prints the SDL of the graph without the types and fields of Apollo Federation."""

from graphql import GraphQLNamedType, GraphQLObjectType, GraphQLSchema, print_type
from graphql.type import is_specified_scalar_type

from schema.federated_schema import FederatedSchema

FEDERATION_TYPES = frozenset({"_Service", "_Entity", "_Any", "FieldSet", "_FieldSet"})
FEDERATION_FIELDS = frozenset({"_service", "_entities"})


def print_sdl(federated_schema: FederatedSchema) -> str:
    """Return the SDL: every type in alphabetical order, with its descriptions."""
    schema = federated_schema.graphql_schema
    graphql_types = sorted(schema.type_map.values(), key=lambda each: each.name)
    printed = [_print_type(schema, each) for each in graphql_types if _is_own_type(each)]
    return "\n\n".join(printed) + "\n"


def _is_own_type(graphql_type: GraphQLNamedType) -> bool:
    name = graphql_type.name
    return not (
        name.startswith(("__", "link__"))
        or name in FEDERATION_TYPES
        or is_specified_scalar_type(graphql_type)
    )


def _print_type(schema: GraphQLSchema, graphql_type: GraphQLNamedType) -> str:
    if schema.query_type is None or graphql_type is not schema.query_type:
        return print_type(graphql_type)
    query = GraphQLObjectType(
        graphql_type.name,
        {
            name: field
            for name, field in schema.query_type.fields.items()
            if name not in FEDERATION_FIELDS
        },
        description=graphql_type.description,
    )
    return print_type(query)
