"""A field as the schema declares it, by the names under which tables may know it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
)

T = TypeVar("T")


@dataclass(frozen=True)
class Place:
    """A field, and what is below it: the name of a type, or None for a leaf."""

    names: tuple[str, ...]
    field: GraphQLField
    is_list: bool
    below: str | None

    def known(self, table: Mapping[str, T], otherwise: T) -> T:
        """What a table says of it: under its own type's name, or that of an interface."""
        return next((table[name] for name in self.names if name in table), otherwise)


def placed(schema: GraphQLSchema, kind: str, name: str) -> Place | None:
    """The field of that name on the type; None where there is none."""
    owner = schema.get_type(kind)
    if not isinstance(owner, GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType):
        return None
    found = schema.get_field(owner, name)
    if found is None:
        return None
    interfaces = () if isinstance(owner, GraphQLUnionType) else owner.interfaces
    names = tuple(f"{each.name}.{name}" for each in (owner, *interfaces))
    named, is_list = _unwrapped(found)
    return Place(names, found, is_list, None if is_leaf_type(named) else named.name)


def _unwrapped(found: Any) -> tuple[GraphQLNamedType, bool]:
    kind = found.type
    if isinstance(kind, GraphQLNonNull):
        kind = cast("Any", kind).of_type
    return cast("GraphQLNamedType", get_named_type(kind)), isinstance(kind, GraphQLList)
