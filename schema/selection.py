"""The fields that a query selects below a field, with fragments opened."""

from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Any, cast

from graphql import (
    BooleanValueNode,
    EnumValueNode,
    FieldNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionSetNode,
    VariableNode,
)
from strawberry import Info

Fields = Mapping[str, list[FieldNode]]
# What of a connection takes its page to be known.
PAGE_FIELDS = frozenset({"edges", "pageInfo", "sources"})
# The fields that contain the account.
ID_FIELDS = frozenset({"id", "definitionId"})


class Selection:
    """The fields selected below a field, fragments opened, skipped ones left out."""

    def __init__(self, info: Any, nodes: Iterable[FieldNode]) -> None:
        self._info = info
        self.fields: dict[str, list[FieldNode]] = {}
        for node in nodes:
            self._collect_fields(node.selection_set, set())

    @classmethod
    def from_info(cls, info: Info[Any, Any]) -> "Selection":
        """The selection of the field that is being resolved."""
        # Strawberry's own `selected_fields` opens every fragment spread anew, however often.
        raw = vars(info)["_raw_info"]
        return cls(raw, raw.field_nodes)

    def descend(self, *path: str) -> "Selection":
        """The selection further down, all aliases together."""
        selection = self
        for name in path:
            selection = Selection(selection._info, selection.fields.get(name, []))
        return selection

    def has_any(self, names: Iterable[str]) -> bool:
        """Whether any of the fields is selected."""
        return any(name in self.fields for name in names)

    def has_any_nested(self, names: Container[str]) -> bool:
        """Whether any of the fields is selected at any depth."""
        nodes = [node for nodes in self.fields.values() for node in nodes]
        return any(self._contains(node, names, set()) for node in nodes)

    def _contains(self, node: Any, names: Container[str], visited: set[str]) -> bool:
        if self._is_skipped(node):
            return False
        if isinstance(node, FieldNode) and node.name.value in names:
            return True
        if isinstance(node, FragmentSpreadNode):
            if node.name.value in visited:
                return False
            visited.add(node.name.value)
            node = self._info.fragments[node.name.value]
        below = node.selection_set.selections if node.selection_set else ()
        return any(self._contains(each, names, visited) for each in below)

    def get_argument_values(self, name: str, argument: str) -> list[Any]:
        """The values that a field's argument has, once for each place it is selected in."""
        return [self._get_argument_value(node, argument) for node in self.fields.get(name, [])]

    def iterate_occurrences(self, name: str, argument: str) -> Iterator[tuple[Any, "Selection"]]:
        """For each place that a field is selected in an argument's value, and what is below."""
        for node in self.fields.get(name, []):
            yield self._get_argument_value(node, argument), Selection(self._info, [node])

    def _get_argument_value(self, node: FieldNode, argument: str) -> Any:
        for node_argument in node.arguments or ():
            if node_argument.name.value != argument:
                continue
            value = node_argument.value
            if isinstance(value, VariableNode):
                return self._get_variables().get(value.name.value)
            if isinstance(value, BooleanValueNode | EnumValueNode):
                return value.value
        return None

    def _get_variables(self) -> Mapping[str, Any]:
        values: Any = self._info.variable_values
        coerced = getattr(values, "coerced", values)
        return cast("Mapping[str, Any]", coerced or {})

    def _collect_fields(self, selections: SelectionSetNode | None, visited: set[str]) -> None:
        for node in selections.selections if selections else ():
            if self._is_skipped(node):
                continue
            if isinstance(node, FieldNode):
                self.fields.setdefault(node.name.value, []).append(node)
            elif isinstance(node, InlineFragmentNode):
                self._collect_fields(node.selection_set, visited)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in visited:
                visited.add(node.name.value)
                self._collect_fields(self._info.fragments[node.name.value].selection_set, visited)

    def _is_skipped(self, node: Any) -> bool:
        for directive in node.directives or ():
            for condition in directive.arguments or ():
                value = condition.value
                is_set = (
                    self._get_variables().get(value.name.value)
                    if isinstance(value, VariableNode)
                    else getattr(value, "value", None)
                )
                skipping_value = {"skip": True, "include": False}.get(directive.name.value)
                if condition.name.value == "if" and bool(is_set) is skipping_value:
                    return True
        return False
