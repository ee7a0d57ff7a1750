"""Arguments read before they are coerced: `@skip` and `@include`, page sizes and sources."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
# - what a caller sends has no type

from collections.abc import Mapping
from enum import Enum
from typing import Any

from graphql import (
    ArgumentNode,
    DirectiveNode,
    FieldNode,
    GraphQLField,
    IntValueNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    StringValueNode,
    ValueNode,
    VariableNode,
)

from providers.registry import Source
from resolvers.arguments import StatisticsDimension
from schema.connection import MAX_PAGE_SIZE
from schema.selected_fields import should_skip

MAX_DIGITS = 9
PAGE_SIZE_ARGUMENT = "first"
SOURCE_ARGUMENTS = ("accounts", "sources", "source")
SOURCE_NAMES = frozenset(source.name for source in Source)
# Names in variables that change what an operation costs.
COST_NAMES = SOURCE_NAMES | {dimension.name for dimension in StatisticsDimension}
NO_NAMES = frozenset[str]()
CostKey = tuple[tuple[str, tuple[str, float | None, frozenset[str]]], ...]


class Arguments:
    """Reader of the arguments in one operation, with its variables."""

    def __init__(self, operation: OperationDefinitionNode, variables: Mapping[str, Any]) -> None:
        definitions = operation.variable_definitions or ()
        self._defaults = {node.variable.name.value: node.default_value for node in definitions}
        self._variables = variables

    def should_skip(self, directives: tuple[DirectiveNode, ...] | None) -> bool:
        """Return whether `@skip` or `@include` leaves a node out."""
        return should_skip(directives, self._read_value)

    def read_page_size(self, node: FieldNode, definition: GraphQLField) -> int | None:
        """Return the page size of a connection; None for a field without pages."""
        if PAGE_SIZE_ARGUMENT not in definition.args:
            return None
        argument = _find_argument(node, PAGE_SIZE_ARGUMENT)
        size = self._read_value(argument.value) if argument else None
        default = definition.args[PAGE_SIZE_ARGUMENT].default_value
        return _clamp_page_size(default if size is None else size)

    def read_number(self, node: FieldNode, definition: GraphQLField, name: str) -> int:
        """Return an argument's number, or its default, from 0 to what `MAX_DIGITS` allow."""
        argument = _find_argument(node, name)
        value = self._read_value(argument.value) if argument else None
        number = definition.args[name].default_value if value is None else value
        is_number = isinstance(number, int | float) and number == number  # noqa: PLR0124 - NaN
        return int(min(max(number, 0), 10**MAX_DIGITS)) if is_number else 0

    def read_plain(self, node: FieldNode, name: str) -> Any:
        """Return an argument as plain data, an enum value by its name; None if it is left out."""
        argument = _find_argument(node, name)
        return self._resolve_value(argument.value) if argument else None

    def count_list_items(self, node: FieldNode, name: str) -> int:
        """Return the length of a list argument; GraphQL coerces a single value to a list of one."""
        argument = _find_argument(node, name)
        value = self._read_value(argument.value) if argument else None
        return len(value) if isinstance(value, list) else 1

    def read_sources(self, node: FieldNode, definition: GraphQLField) -> frozenset[str] | None:
        """Return the names of the sources in a field's arguments; None if there are none."""
        found: frozenset[str] | None = None
        for name in SOURCE_ARGUMENTS:
            argument = _find_argument(node, name)
            value = self._resolve_value(argument.value) if argument else None
            if value is None and name in definition.args and argument is None:
                default = definition.args[name].default_value
                value = default.name if isinstance(default, Enum) else None
            sources = _find_sources(value)
            if sources:
                found = sources if found is None else found & sources
        return found

    def read_all(self, node: FieldNode) -> dict[str, Any]:
        """Return a field's arguments as plain data, integers as integers."""
        return {
            each.name.value: self._read_value(each.value)
            if isinstance(each.value, IntValueNode)
            else self._resolve_value(each.value)
            for each in node.arguments or ()
        }

    def _resolve_value(self, node: ValueNode | None) -> Any:
        """Return a value as plain data, with its variables replaced by their values."""
        if isinstance(node, VariableNode):
            name = node.name.value
            if name in self._variables:
                return self._variables[name]
            return self._resolve_value(self._defaults.get(name))
        if isinstance(node, ListValueNode):
            return [self._resolve_value(each) for each in node.values]
        if isinstance(node, ObjectValueNode):
            return {each.name.value: self._resolve_value(each.value) for each in node.fields}
        return getattr(node, "value", None)

    def read_text(self, node: FieldNode, name: str) -> str | None:
        """Return the string literal of an argument; None for a variable or a missing argument."""
        argument = _find_argument(node, name)
        return (
            argument.value.value
            if argument and isinstance(argument.value, StringValueNode)
            else None
        )

    def _read_value(self, node: ValueNode) -> Any:
        if not isinstance(node, VariableNode):
            return _read_literal(node)
        name = node.name.value
        if name in self._variables:
            return self._variables[name]
        return _read_literal(self._defaults.get(name))


def build_cost_key(
    operation: OperationDefinitionNode, variables: Mapping[str, Any] | None
) -> CostKey:
    """Return what the operation's cost depends on in its variables; equal keys, equal cost."""
    values = variables or {}
    names = [node.variable.name.value for node in operation.variable_definitions or ()]
    return tuple([(name, _summarize_value(values[name])) for name in names if name in values])


def build_field_key(node: FieldNode) -> tuple[Any, ...]:
    """Return a key of a field's name and arguments that ignores the order of the arguments."""
    if not node.arguments:
        return (node.name.value,)
    arguments = sorted(node.arguments, key=lambda each: each.name.value)
    return (
        node.name.value,
        *((each.name.value, _canonicalize_value(each.value)) for each in arguments),
    )


def _canonicalize_value(node: ValueNode) -> Any:
    if isinstance(node, ListValueNode):
        return ("[", *map(_canonicalize_value, node.values))
    if isinstance(node, ObjectValueNode):
        fields = sorted(node.fields, key=lambda each: each.name.value)
        return ("{", *((each.name.value, _canonicalize_value(each.value)) for each in fields))
    if isinstance(node, VariableNode):
        return ("$", node.name.value)
    return (node.kind, getattr(node, "value", None))


def _summarize_value(value: Any) -> tuple[str, float | None, frozenset[str]]:
    kind = type(value).__name__
    if isinstance(value, int | float):
        return (kind, value, NO_NAMES)
    names = COST_NAMES.intersection(_list_names(value))
    return (kind, len(value) if isinstance(value, list) else None, names)


def _find_sources(value: Any) -> frozenset[str]:
    return SOURCE_NAMES.intersection(_list_names(value))


def _list_names(value: Any) -> list[str]:
    """Return a name, each name in a list, or the `source` of each account in a list or in lists."""
    names: list[str] = []
    for outer in value if isinstance(value, list) else [value]:
        for each in outer if isinstance(outer, list) else [outer]:
            name = each.get("source") if isinstance(each, dict) else each
            if isinstance(name, str):
                names.append(name)
    return names


def _read_literal(node: ValueNode | None) -> Any:
    """Return a literal's value as far as the limits need it; an integer is cut to 9 digits."""
    if isinstance(node, ListValueNode):
        return list(node.values)
    if isinstance(node, IntValueNode):
        return int(node.value[:MAX_DIGITS])
    return getattr(node, "value", None)


def _find_argument(node: FieldNode, name: str) -> ArgumentNode | None:
    return next((each for each in node.arguments or () if each.name.value == name), None)


def _clamp_page_size(size: Any) -> int:
    """Clamp a page size to its range; execution rejects one outside of it before any call."""
    if not isinstance(size, int | float) or size != size:  # noqa: PLR0124 - NaN
        return 1
    return int(min(max(size, 1), MAX_PAGE_SIZE))
