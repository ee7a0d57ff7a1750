"""The coercion of an operation's variables by functions that are made for their types once.

Whatever these do not expect is coerced by graphql-core, which alone creates errors.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
# - not everything inside graphql-core has a type

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Self

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    get_named_type,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
)
from graphql.execution.values import VariableValues, VariableValueSource

from schema.completers import LIMITED_TYPES, UNCHANGED_TYPES

Coerce = Callable[[Any], Any]


class Unexpected(Exception):
    """A value that graphql-core has to coerce."""


class VariableCoercion:
    """The variables that an operation declares, with the function that coerces each."""

    def __init__(self, signatures: Iterable[Any]) -> None:
        self._coercions = [(each, find_coercion(each.type)) for each in signatures]

    @classmethod
    def from_values(cls, values: VariableValues) -> Self:
        """Return the coercion of the variables that graphql-core has coerced these values of."""
        return cls(each.signature for each in values.sources.values())

    def coerce(self, given: Mapping[str, Any]) -> VariableValues | None:
        """Return the coerced values; None if graphql-core has to coerce them."""
        sources: dict[str, VariableValueSource] = {}
        coerced: dict[str, Any] = {}
        try:
            for signature, coerce in self._coercions:
                name = signature.name
                if name in given:
                    value = given[name]
                    sources[name] = VariableValueSource(signature, value)
                    coerced[name] = coerce(value)
                elif signature.default is None and not is_non_null_type(signature.type):
                    sources[name] = VariableValueSource(signature)
                else:
                    return None
        except Exception:  # noqa: BLE001 - graphql-core finds and reports the same error
            return None
        return VariableValues(sources, coerced)


def find_coercion(graphql_type: Any) -> Coerce:
    """Find the function that coerces the values of a type; it raises an error for invalid ones."""
    if is_non_null_type(graphql_type):
        return _find_non_null(graphql_type.of_type)
    coerce = _find_non_null(graphql_type)
    return lambda value: None if value is None else coerce(value)


def _find_non_null(graphql_type: Any) -> Coerce:
    if is_list_type(graphql_type):
        return _coerce_list(find_coercion(graphql_type.of_type))
    if is_input_object_type(graphql_type):
        return _coerce_object(graphql_type)
    if isinstance(graphql_type, GraphQLEnumType):
        coerce = graphql_type.coerce_input_value
        return {name: coerce(name) for name in graphql_type.values}.__getitem__
    return _coerce_scalar(graphql_type)


def _coerce_list(coerce: Coerce) -> Coerce:
    def coerce_items(value: Any) -> list[Any]:
        if type(value) is not list:
            raise Unexpected
        return [coerce(each) for each in value]

    return coerce_items


def _coerce_object(graphql_type: GraphQLInputObjectType) -> Coerce:
    """Coerce objects of plain fields that have all of them."""
    fields = graphql_type.fields
    has_others = any(
        is_input_object_type(get_named_type(each.type)) or each.out_name for each in fields.values()
    )
    if has_others or graphql_type.is_one_of:
        return _refuse
    coercions = {name: find_coercion(each.type) for name, each in fields.items()}

    def coerce_fields(value: Any) -> Any:
        if type(value) is not dict or value.keys() != coercions.keys():
            raise Unexpected
        found = {name: coerce(value[name]) for name, coerce in coercions.items()}
        return graphql_type.out_type(found)

    return coerce_fields


def _refuse(_value: Any) -> Any:
    raise Unexpected


def _coerce_scalar(graphql_type: Any) -> Coerce:
    unchanged = UNCHANGED_TYPES.get(graphql_type.name)
    limited_type, limit = LIMITED_TYPES.get(graphql_type.name, (None, 0))
    coerce_value: Coerce = graphql_type.coerce_input_value

    def coerce(value: Any) -> Any:
        value_type = type(value)
        if value_type is unchanged or (value_type is limited_type and -limit <= value <= limit):
            return value
        if value is None:
            raise Unexpected
        return coerce_value(value)

    return coerce
