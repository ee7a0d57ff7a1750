"""Resolvers called as they are written, where Strawberry's own steps around them change nothing.

Strawberry looks for extensions, exception handlers and arguments to convert each time a field is
resolved, in two coroutines around an asynchronous resolver.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# - not everything inside Strawberry has a type

from collections.abc import Callable
from typing import Any, cast

from graphql import (
    GraphQLField,
    GraphQLList,
    GraphQLObjectType,
    GraphQLSchema,
    get_nullable_type,
    is_leaf_type,
)
from strawberry import Info
from strawberry.types.field import StrawberryField
from strawberry.utils.str_converters import to_camel_case

from schema.started import MARK, start

Resolve = Callable[..., Any]


def use_direct_resolvers(schema: GraphQLSchema) -> None:
    """Replace the resolvers of the fields that Strawberry only passes on."""
    for graphql_type in schema.type_map.values():
        if not isinstance(graphql_type, GraphQLObjectType):
            continue
        for field in graphql_type.fields.values():
            definition = field.extensions.get("strawberry-definition")
            if isinstance(definition, StrawberryField) and not definition.extensions:
                field.resolve = _build_resolver(definition, field) or field.resolve


def _build_resolver(definition: StrawberryField, field: GraphQLField) -> Resolve | None:
    """Build the resolver of a field; None for one that takes anything but plain arguments."""
    resolver: Any = definition.base_resolver
    if resolver is None:
        return _make_attribute_resolver(definition.python_name)
    if resolver.parent_parameter or resolver.root_parameter or not resolver.self_parameter:
        return None
    if not all(_is_plain(each.type) for each in field.args.values()):
        return None
    python_names = {
        to_camel_case(each.python_name): each.python_name for each in definition.arguments
    }
    if python_names.keys() != field.args.keys():
        return None
    return _make_resolver(definition, resolver, python_names)


def _is_plain(graphql_type: Any) -> bool:
    """Return whether Strawberry leaves a type's values as graphql-core has coerced them."""
    nullable_type: Any = get_nullable_type(graphql_type)
    if isinstance(nullable_type, GraphQLList):
        nullable_type = get_nullable_type(cast("Any", nullable_type).of_type)
    return is_leaf_type(nullable_type)


def _make_attribute_resolver(name: str) -> Resolve:
    def resolve(source: Any, _info: Any) -> Any:
        return getattr(source, name)

    return resolve


def _make_resolver(
    definition: StrawberryField, resolver: Any, python_names: dict[str, str]
) -> Resolve:
    function: Resolve = resolver.wrapped_func
    info_name: str | None = resolver.info_parameter and resolver.info_parameter.name

    def resolve(source: Any, info: Any, /, **arguments: Any) -> Any:
        converted = {
            # A default is the same list for all operations, so it is copied.
            python_names[name]: value[:] if type(value) is list else value
            for name, value in arguments.items()
        }
        if info_name:
            converted[info_name] = Info(_raw_info=info, _field=definition)
        return function(source, **converted)

    def resolve_at_once(source: Any, info: Any, /, **arguments: Any) -> Any:
        return start(resolve(source, info, **arguments))

    return resolve_at_once if getattr(function, MARK, False) else resolve
