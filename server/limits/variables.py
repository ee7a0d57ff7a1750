"""Limits on variables, enforced before their values are coerced.

A list is coerced again for each field that has it: one of some ten thousand items under forty
aliases would take minutes.
"""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from graphql import OperationDefinitionNode

from providers.errors import BadInput

MAX_LIST_ITEMS = 1_000  # of `representations`; every other list argument takes fewer


def enforce_list_lengths(
    operation: OperationDefinitionNode, variables: Mapping[str, Any] | None
) -> None:
    """Raise `BadInput` for a variable that has a list of over 1,000 items anywhere in it."""
    values = variables or {}
    for node in operation.variable_definitions or ():
        name = node.variable.name.value
        value = values.get(name)
        if isinstance(value, list | dict) and any(
            len(each) > MAX_LIST_ITEMS for each in _iterate_lists(value)
        ):
            message = f"${name}: a list must not have more than {MAX_LIST_ITEMS} items."
            raise BadInput(message, argument=name)


def _iterate_lists(value: Any) -> Iterator[list[Any]]:
    pending = [value]
    while pending:
        current = pending.pop()
        if isinstance(current, dict):
            pending.extend(cast("dict[str, Any]", current).values())
        elif isinstance(current, list):
            yield cast("list[Any]", current)
            pending.extend(cast("list[Any]", current))
