"""The fields that a query selects below the field that is being resolved."""

from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Any, cast

from graphql import FieldNode, SelectionNode, ValueNode, VariableNode
from strawberry import Info

from schema.selected_fields import iterate_fields, should_skip

# The fields of a connection that need its page.
PAGE_FIELDS = frozenset({"edges", "pageInfo", "sources"})
# The fields that contain the account's id.
ID_FIELDS = frozenset({"id", "definitionId"})


class Selection:
    """The fields selected below some field nodes, those of all aliases and fragments together.

    `used_variables` are the values of the variables that it has read, with the selections below.
    """

    def __init__(
        self,
        info: Any,
        nodes: Iterable[FieldNode],
        used_variables: dict[str, Any] | None = None,
    ) -> None:
        self._info = info
        self.used_variables = dict[str, Any]() if used_variables is None else used_variables
        self.fields: dict[str, list[FieldNode]] = {}
        for node in nodes:
            for child in self._iterate_children(node, set()):
                self.fields.setdefault(child.name.value, []).append(child)

    @classmethod
    def from_info(cls, info: Info[Any, Any]) -> "Selection":
        """Return the selection of the field that is being resolved."""
        # Strawberry's own `selected_fields` opens a fragment once for each spread of it.
        raw = vars(info)["_raw_info"]
        return cls(raw, raw.field_nodes)

    @classmethod
    def from_operation(cls, info: Info[Any, Any]) -> "Selection":
        """Return the selection of the whole operation."""
        raw = vars(info)["_raw_info"]
        return cls(raw, [raw.operation])

    def select(self, name: str, argument: str, value: Any) -> "Selection":
        """Return the selection below the occurrences of a field with this argument."""
        nodes = self.fields.get(name, [])
        same = (node for node in nodes if self._get_argument_value(node, argument) == value)
        return self._select(same)

    def descend(self, *path: str) -> "Selection":
        """Return the selection below a path of field names."""
        selection = self
        for name in path:
            selection = self._select(selection.fields.get(name, []))
        return selection

    def has_any(self, names: Iterable[str]) -> bool:
        """Return whether any of the fields is selected."""
        return any(name in self.fields for name in names)

    def has_any_nested(self, names: Container[str]) -> bool:
        """Return whether any of the fields is selected at any depth."""
        opened = set[str]()  # shared, so that each fragment is opened once and not once per path
        nodes = (node for nodes in self.fields.values() for node in nodes)
        return any(self._contains(node, names, opened) for node in nodes)

    def get_argument_values(self, name: str, argument: str) -> list[Any]:
        """Return the values of a field's argument, one for each occurrence of the field."""
        return [self._get_argument_value(node, argument) for node in self.fields.get(name, [])]

    def iterate_occurrences(self, name: str, argument: str) -> Iterator[tuple[Any, "Selection"]]:
        """Yield an argument's value and the selection below, for each occurrence of a field."""
        for node in self.fields.get(name, []):
            yield self._get_argument_value(node, argument), self._select([node])

    def _select(self, nodes: Iterable[FieldNode]) -> "Selection":
        return Selection(self._info, nodes, self.used_variables)

    def _contains(self, node: FieldNode, names: Container[str], opened: set[str]) -> bool:
        return node.name.value in names or any(
            self._contains(child, names, opened) for child in self._iterate_children(node, opened)
        )

    def _iterate_children(self, node: FieldNode, opened: set[str]) -> Iterator[FieldNode]:
        if node.selection_set is not None:
            fragments = self._info.fragments
            fields = iterate_fields("", node.selection_set, fragments, opened, self._is_included)
            yield from (child for _, child in fields)

    def _is_included(self, node: SelectionNode) -> bool:
        return not should_skip(node.directives, self._read_value)

    def _get_argument_value(self, node: FieldNode, argument: str) -> Any:
        found = (each.value for each in node.arguments or () if each.name.value == argument)
        value = next(found, None)
        return None if value is None else self._read_value(value)

    def _read_value(self, node: ValueNode) -> Any:
        """Return the value of a variable, or of a scalar or enum literal; None for any other."""
        if isinstance(node, VariableNode):
            name = node.name.value
            value = self.used_variables[name] = get_variables(self._info).get(name)
            return value
        return getattr(node, "value", None)


def get_variables(raw_info: Any) -> Mapping[str, Any]:
    """Return the values of an operation's variables, as graphql-core has coerced them."""
    values: Any = raw_info.variable_values
    coerced = getattr(values, "coerced", values)
    return cast("Mapping[str, Any]", coerced or {})
