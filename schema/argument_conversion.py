"""The conversion of arguments from what graphql-core coerces to what resolvers are given.

Strawberry finds out for each value how to convert it; here this is found out once for a type.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# - not everything inside graphql-core and Strawberry has a type

from collections.abc import Callable
from dataclasses import MISSING
from typing import Any

from graphql import (
    GraphQLInputObjectType,
    GraphQLList,
    get_nullable_type,
    is_leaf_type,
)
from strawberry.utils.str_converters import to_camel_case

Convert = Callable[[Any], Any]


def find_conversion(graphql_type: Any) -> Convert | None:
    """Find the function that converts values of a type; None for one that is Strawberry's own."""
    if _is_plain(graphql_type):
        return _copy_list
    nullable_type: Any = get_nullable_type(graphql_type)
    if isinstance(nullable_type, GraphQLList):
        return _find_list_conversion(nullable_type)
    if isinstance(nullable_type, GraphQLInputObjectType):
        return _find_object_conversion(nullable_type)
    return None


def _is_plain(graphql_type: Any) -> bool:
    nullable_type: Any = get_nullable_type(graphql_type)
    if isinstance(nullable_type, GraphQLList):
        return _is_plain(nullable_type.of_type)
    return is_leaf_type(nullable_type)


def _copy_list(value: Any) -> Any:
    # A default is the same list for all operations.
    return value[:] if type(value) is list else value


def _find_list_conversion(graphql_type: Any) -> Convert | None:
    convert = find_conversion(graphql_type.of_type)
    if convert is None:
        return None
    return lambda value: [convert(each) for each in value] if type(value) is list else value


def _find_object_conversion(graphql_type: GraphQLInputObjectType) -> Convert | None:
    """Find the conversion of an input object with only plain fields."""
    definition: Any = graphql_type.extensions.get("strawberry-definition")
    if definition is None or definition.from_input is not None:
        return None
    names = {to_camel_case(each.python_name): each.python_name for each in definition.fields}
    if names.keys() != graphql_type.fields.keys():
        return None
    if not all(_is_plain(each.type) for each in graphql_type.fields.values()):
        return None
    # As Strawberry does: without a default of its own, a field that was left out is None.
    left_out = {
        each.python_name: None
        for each in definition.fields
        if each.default_value is MISSING and each.default_factory is MISSING
    }

    def convert(value: Any) -> Any:
        if type(value) is not dict:
            return value
        given = {names[name]: _copy_list(member) for name, member in value.items()}
        return definition.origin(**(left_out | given))

    return convert
