"""What arguments say before they are coerced: whether a field is left out, how long a page is."""

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any, cast

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
from schema.connection import LARGEST_PAGE

LONGEST_NUMBER = 9
PAGE_SIZE = "first"
NAMES_SOURCES = ("accounts", "sources", "source")
SOURCES = frozenset(source.name for source in Source)
Weighty = tuple[tuple[str, tuple[str, float | None, frozenset[str]]], ...]
LEAVES_OUT = {"skip": True, "include": False}


class Arguments:
    """The arguments of one operation, with its variables."""

    def __init__(self, operation: OperationDefinitionNode, variables: Mapping[str, Any]) -> None:
        definitions = operation.variable_definitions or ()
        self._defaults = {node.variable.name.value: node.default_value for node in definitions}
        self._variables = variables

    def skips(self, directives: tuple[DirectiveNode, ...] | None) -> bool:
        """Whether `@skip` or `@include` leaves a place out."""
        for directive in directives or ():
            if directive.name.value not in LEAVES_OUT:
                continue
            for argument in directive.arguments or ():
                if self._value(argument) is LEAVES_OUT[directive.name.value]:
                    return True
        return False

    def page(self, node: FieldNode, definition: GraphQLField) -> int | None:
        """How many entries are asked for; None for a field without pages."""
        if PAGE_SIZE not in definition.args:
            return None
        given = _named(node, PAGE_SIZE)
        size = self._value(given) if given else None
        return _bounded(definition.args[PAGE_SIZE].default_value if size is None else size)

    def length(self, node: FieldNode, name: str) -> int:
        """How many values a list argument has; one that is no list is a list of one."""
        given = _named(node, name)
        value = self._value(given) if given else None
        return len(cast("list[Any]", value)) if isinstance(value, list) else 1

    def sources(self, node: FieldNode, definition: GraphQLField) -> frozenset[str] | None:
        """The sources that a field's arguments name; None where they name none."""
        for name in NAMES_SOURCES:
            given = _named(node, name)
            value = self._plainly(given.value) if given else None
            if value is None and name in definition.args and given is None:
                default = definition.args[name].default_value
                value = default.name if isinstance(default, Enum) else None
            found = _sources_in(value)
            if found:
                return found
        return None

    def _plainly(self, node: ValueNode | None) -> Any:
        """A value with the variables in it put in their places."""
        if isinstance(node, VariableNode):
            name = node.name.value
            known = name in self._variables
            return self._variables[name] if known else self._plainly(self._defaults.get(name))
        if isinstance(node, ListValueNode):
            return [self._plainly(each) for each in node.values]
        if isinstance(node, ObjectValueNode):
            return {each.name.value: self._plainly(each.value) for each in node.fields}
        return getattr(node, "value", None)

    def text(self, node: FieldNode, name: str) -> str | None:
        """The text that is written for an argument; None for one in a variable."""
        given = _named(node, name)
        return given.value.value if given and isinstance(given.value, StringValueNode) else None

    def _value(self, argument: ArgumentNode) -> Any:
        node: ValueNode | None = argument.value
        if isinstance(node, VariableNode):
            name = node.name.value
            if name in self._variables:
                return self._variables[name]
            node = self._defaults.get(name)
        return _plain(node)


def weighty(operation: OperationDefinitionNode, variables: Mapping[str, Any] | None) -> Weighty:
    """All of an operation's variables that its limits depend on: equal for the same cost."""
    given = variables or {}
    names = (node.variable.name.value for node in operation.variable_definitions or ())
    return tuple((name, _weighty(given[name])) for name in names if name in given)


def canonical(node: FieldNode) -> tuple[Any, ...]:
    """The field and its arguments in an order of their own: equal for the same question."""
    given = sorted(node.arguments or (), key=lambda each: each.name.value)
    return (node.name.value, *((each.name.value, _written(each.value)) for each in given))


def _written(node: ValueNode) -> Any:
    if isinstance(node, ListValueNode):
        return ("[", *map(_written, node.values))
    if isinstance(node, ObjectValueNode):
        fields = sorted(node.fields, key=lambda each: each.name.value)
        return ("{", *((each.name.value, _written(each.value)) for each in fields))
    if isinstance(node, VariableNode):
        return ("$", node.name.value)
    return (node.kind, getattr(node, "value", None))


def _weighty(value: Any) -> tuple[str, float | None, frozenset[str]]:
    kind, sources = type(value).__name__, _sources_in(value)
    if isinstance(value, list):
        return (kind, len(cast("list[Any]", value)), sources)
    return (kind, value if isinstance(value, int | float) else None, sources)


def _sources_in(value: Any) -> frozenset[str]:
    return frozenset(_names_in(value)) & SOURCES


def _names_in(value: Any) -> Iterator[str]:
    """A name, those of a list, or the `source` of each account in one."""
    for each in cast("list[Any]", value) if isinstance(value, list) else [value]:
        named = cast("dict[str, Any]", each).get("source") if isinstance(each, dict) else each
        if isinstance(named, str):
            yield named


def _plain(node: ValueNode | None) -> Any:
    """A literal's value, as far as a limit needs it."""
    if isinstance(node, ListValueNode):
        return list(node.values)
    if isinstance(node, IntValueNode):
        return int(node.value[:LONGEST_NUMBER])
    return getattr(node, "value", None)


def _named(node: FieldNode, name: str) -> ArgumentNode | None:
    return next((each for each in node.arguments or () if each.name.value == name), None)


def _bounded(size: Any) -> int:
    """A page as long as may be; the field itself refuses another, and asks for nothing."""
    if not isinstance(size, int | float) or size != size:  # noqa: PLR0124 - not a number
        return 1
    return int(min(max(size, 1), LARGEST_PAGE))
