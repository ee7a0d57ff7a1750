"""Functions that read and complete the values of plain fields, as graphql-core would.

A completer raises an error for a value that its type does not allow: graphql-core then completes
the field again and reports its own error.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# - not everything inside graphql-core and Strawberry has a type

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from operator import attrgetter
from sys import float_info
from typing import Any, NamedTuple, cast

from graphql import (
    GRAPHQL_MAX_INT,
    GraphQLEnumType,
    GraphQLField,
    GraphQLObjectType,
    Undefined,
)
from strawberry.types.field import StrawberryField

from schema.from_record import RecordObjects, make_reader

ValueFunction = Callable[[Any], Any]

LIST_TYPES = (list, tuple, RecordObjects)

# Marks a field whose resolver does more than the one that it was written with.
NEEDS_RESOLVER = "needs-resolver"
# The values that a scalar returns unchanged, numbers up to a limit; any other is coerced.
UNCHANGED_TYPES: dict[str, type] = {"String": str, "ID": str, "URL": str, "Boolean": bool}
LIMITED_TYPES: dict[str, tuple[type, float]] = {
    "Float": (float, float_info.max),
    "Int": (int, GRAPHQL_MAX_INT),
}


class NotPlain(Exception):
    """A value that the fast path does not complete."""


class Completer(NamedTuple):
    """The function that completes a value, and the types of values that it returns unchanged.

    Numbers of the `limited_type` are unchanged from minus `limit` to `limit`. `names_by_member` are
    the completed values of an enum, by the id of the member, whose own hash takes as long as a
    whole field. With `is_utc_unchanged` a time in UTC is unchanged as well. `object_fields` are of
    an object that another one's function can complete. An object of the `record_type` can be
    completed from its record alone, as a second argument.
    """

    complete: Callable[..., Any]
    unchanged: frozenset[type] = frozenset()
    limited_type: type | None = None
    limit: float = 0
    names_by_member: Mapping[int, str] = {}
    is_utc_unchanged: bool = False
    object_fields: "ObjectFields | None" = None
    record_type: type | None = None


class FastField(NamedTuple):
    """A field of the fast path; `attribute` is what it reads, empty if it calls a function."""

    name: str
    read: ValueFunction
    attribute: str
    completer: Completer


class ObjectFields(NamedTuple):
    """The plain fields of an object, with all response names in their order."""

    names: Sequence[str]
    fields: Sequence[FastField]
    graphql_type: Any


def build_reader(
    parent_type: GraphQLObjectType, name: str, field: GraphQLField
) -> tuple[ValueFunction, str] | None:
    """Build the function that reads a field's value, with the attribute that it reads, if any.

    None if the field needs its resolver called. A resolver without context, arguments and awaits is
    such a function itself.
    """
    if name == "__typename":
        return (lambda _: parent_type.name), ""
    definition = field.extensions.get("strawberry-definition")
    if NEEDS_RESOLVER in field.extensions:
        return None
    if not isinstance(definition, StrawberryField) or definition.extensions or field.args:
        return None
    resolver = cast("Any", definition.base_resolver)
    if resolver is None:
        return attrgetter(definition.python_name), definition.python_name
    needs_context = resolver.is_async or resolver.info_parameter or resolver.parent_parameter
    if needs_context or not resolver.self_parameter:
        return None
    return resolver.wrapped_func, ""


def complete_leaf(graphql_type: Any, *, is_nullable: bool, is_encoded: bool = False) -> Completer:
    """Build the completer of a scalar or an enum.

    What `is_encoded` by msgspec keeps the values that msgspec writes as the type does.
    """
    unchanged = UNCHANGED_TYPES.get(graphql_type.name)
    limited_type, limit = LIMITED_TYPES.get(graphql_type.name, (None, 0))
    coerce: ValueFunction = graphql_type.coerce_output_value
    names_by_member = _name_members(graphql_type)
    if is_encoded and names_by_member and _has_names_as_values(graphql_type):
        unchanged, names_by_member = cast("type[Any]", graphql_type.wrapped_cls), {}
    is_utc_unchanged = is_encoded and graphql_type.name == "DateTime"

    def complete_other(value: Any) -> Any:
        if value is None and is_nullable:
            return None
        coerced = None if value is None or isinstance(value, Exception) else coerce(value)
        if coerced is None or coerced is Undefined:
            raise NotPlain
        return coerced

    def complete(value: Any) -> Any:
        value_type = type(value)
        if value_type is unchanged or (value_type is limited_type and -limit <= value <= limit):
            return value
        if is_utc_unchanged and value_type is datetime and value.tzinfo is UTC:
            return value
        return names_by_member.get(id(value)) or complete_other(value)

    types = {unchanged} if unchanged else set[type]()
    types = types | {type(None)} if is_nullable else types
    is_always_coerced = not (unchanged or limited_type or names_by_member or is_utc_unchanged)
    return Completer(
        complete_other if is_always_coerced else complete,
        frozenset(types),
        limited_type,
        limit,
        names_by_member,
        is_utc_unchanged,
    )


def _name_members(graphql_type: Any) -> dict[int, str]:
    """Return the names of the members of an enum of this server's own, by their ids."""
    is_enum = isinstance(graphql_type, GraphQLEnumType)
    members: Any = getattr(graphql_type, "wrapped_cls", ()) if is_enum else ()
    return {id(member): graphql_type.coerce_output_value(member) for member in members}


def _has_names_as_values(graphql_type: Any) -> bool:
    coerce = graphql_type.coerce_output_value
    return all(coerce(member) == member.value for member in graphql_type.wrapped_cls)


def complete_list(inner: Completer, *, is_nullable: bool) -> Completer:
    """Build the completer of a list."""
    complete_item = inner.complete

    def complete(value: Any) -> Any:
        if value is None and is_nullable:
            return None
        if type(value) is RecordObjects and value.graphql_type is inner.record_type:
            return [complete_item(None, record) for record in value.records]
        if not isinstance(value, LIST_TYPES):
            raise NotPlain
        items: Iterable[Any] = value
        return [complete_item(item) for item in items]

    return Completer(complete)


def complete_object(
    names: Sequence[str],
    fields: Sequence[FastField],
    graphql_type: GraphQLObjectType,
    *,
    is_nullable: bool,
) -> Completer:
    """Build the completer of an object; names without a field on the fast path get None."""
    known_types = {find_python_type(graphql_type)} - {None}
    check = make_type_check(graphql_type, known_types)
    attributes = [each for each in fields if each.attribute]
    read_attributes = make_reader(tuple(each.attribute for each in attributes))
    attribute_steps = tuple(
        (each.name, each.completer.unchanged, each.completer.complete) for each in attributes
    )
    function_steps = tuple(
        (each.name, each.read, each.completer.complete) for each in fields if not each.attribute
    )

    def complete(value: Any) -> Any:
        if type(value) not in known_types:
            if value is None and is_nullable:
                return None
            check(value)
        completed: dict[str, Any] = dict.fromkeys(names)  # in the order of the selection
        for (name, unchanged, complete_field), item in zip(
            attribute_steps, read_attributes(value), strict=True
        ):
            completed[name] = item if type(item) in unchanged else complete_field(item)
        for name, read, complete_field in function_steps:
            completed[name] = complete_field(read(value))
        return completed

    return Completer(complete, frozenset({type(None)} if is_nullable else ()))


def find_python_type(graphql_type: Any) -> type | None:
    """Return the class that Strawberry has made an object type from."""
    definition: Any = graphql_type.extensions.get("strawberry-definition")
    return None if definition is None else definition.origin


def make_type_check(graphql_type: Any, known_types: set[Any]) -> Callable[[Any], None]:
    """Return a function that raises `NotPlain` unless graphql-core takes a value for an object.

    It adds to `known_types` the types of which it takes every value.
    """
    is_type_of = graphql_type.is_type_of

    def check(value: Any) -> None:
        if value is None or value is Undefined or isinstance(value, Exception):
            raise NotPlain
        if is_type_of is None:
            known_types.add(type(value))
        elif not is_type_of(value, None):
            raise NotPlain

    return check
