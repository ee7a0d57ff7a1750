"""Limits on variables, enforced before their values are coerced.

A list is coerced again for each field that has it: one of some ten thousand items under forty
aliases would take minutes.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
# - what a caller sends has no type

from collections.abc import Mapping
from typing import Any

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
        if _has_long_list(value):
            message = f"${name}: a list must not have more than {MAX_LIST_ITEMS} items."
            raise BadInput(message, argument=name)


def _has_long_list(value: Any) -> bool:
    pending = [value]
    for current in pending:  # without recursion, however deep the value is
        if isinstance(current, dict):
            pending += current.values()
        elif isinstance(current, list):
            if len(current) > MAX_LIST_ITEMS:
                return True
            pending += current
    return False
