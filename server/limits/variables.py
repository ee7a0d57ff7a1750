"""Variables as they were sent, held to what any argument may have before one is made of them.

A list is made into values anew for every place that uses it, so that one of some ten thousands
under forty aliases would take minutes.
"""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from graphql import OperationDefinitionNode

from providers.errors import BadInput

MAX_LIST_ITEMS = 1_000  # representations; nothing else takes as many


def enforce_list_lengths(
    operation: OperationDefinitionNode, variables: Mapping[str, Any] | None
) -> None:
    """Refuse a variable with a longer list in it than any argument takes, however deep it is."""
    values = variables or {}
    for node in operation.variable_definitions or ():
        name = node.variable.name.value
        if any(len(each) > MAX_LIST_ITEMS for each in _iterate_lists(values.get(name))):
            message = f"${name}: a list has up to {MAX_LIST_ITEMS} items."
            raise BadInput(message, argument=name)


def _iterate_lists(value: Any) -> Iterator[list[Any]]:
    pending = [value]
    while pending:
        found = pending.pop()
        if isinstance(found, dict):
            pending.extend(cast("dict[str, Any]", found).values())
        elif isinstance(found, list):
            yield cast("list[Any]", found)
            pending.extend(cast("list[Any]", found))
