"""A field as the schema declares it, and the names under which a table may list it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
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

MAX_KEPT_FIELDS = 2_000  # several times those of the schema


@dataclass(frozen=True, eq=False)
class FieldRef:
    """A declared field; `child_type` is the name of its composite type, None for a leaf."""

    names: tuple[str, ...]
    field: GraphQLField
    is_list: bool
    child_type: str | None

    @cached_property
    def is_plain(self) -> bool:
        """Whether it is a single leaf without arguments, which costs the same wherever it is."""
        return self.child_type is None and not self.is_list and not self.field.args

    def look_up(self, table: Mapping[str, T], default: T) -> T:
        """Return the table's entry for the field on its own type or on an interface of it."""
        return next((table[name] for name in self.names if name in table), default)


@lru_cache(MAX_KEPT_FIELDS)
def find_field(schema: GraphQLSchema, parent_name: str, field_name: str) -> FieldRef | None:
    """Return the field of that name on the type, also a meta field; None if there is none."""
    parent_type = schema.get_type(parent_name)
    if not isinstance(parent_type, GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType):
        return None
    declared = schema.get_field(parent_type, field_name)
    if declared is None:
        return None
    interfaces = () if isinstance(parent_type, GraphQLUnionType) else parent_type.interfaces
    names = tuple(f"{each.name}.{field_name}" for each in (parent_type, *interfaces))
    named_type, is_list = _unwrap_type(declared)
    child_type = None if is_leaf_type(named_type) else named_type.name
    return FieldRef(names, declared, is_list, child_type)


def _unwrap_type(declared: Any) -> tuple[GraphQLNamedType, bool]:
    field_type = declared.type
    if isinstance(field_type, GraphQLNonNull):
        field_type = cast("Any", field_type).of_type
    return cast("GraphQLNamedType", get_named_type(field_type)), isinstance(field_type, GraphQLList)
