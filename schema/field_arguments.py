"""The arguments of a field: coerced once where they name no variable."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# - not everything inside graphql-core has a type

from collections.abc import Mapping
from typing import Any, NamedTuple

from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLField,
    ListValueNode,
    ObjectValueNode,
    VariableNode,
    get_argument_values,
)


class FieldArguments(NamedTuple):
    """The values of a field's arguments, and the variables that the others are taken from."""

    constants: Mapping[str, Any]
    variables: Mapping[str, str]

    def get_values(self, variable_values: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return all values; None where a variable has none, of which graphql-core knows more."""
        values = dict(self.constants)
        for name, variable in self.variables.items():
            value = values[name] = variable_values.get(variable)
            if value is None:
                return None
        return values


def prepare_arguments(definition: GraphQLField, details: Any) -> FieldArguments | None:
    """Prepare the arguments of a field; None if graphql-core has to coerce them each time."""
    node: FieldNode = details.node
    given = {each.name.value: each.value for each in node.arguments or ()}
    if details.fragment_variable_values or any(map(_is_nested, given.values())):
        return None
    variables = {
        name: value.name.value for name, value in given.items() if isinstance(value, VariableNode)
    }
    constant = {name: each for name, each in definition.args.items() if name not in variables}
    try:
        values = get_argument_values(GraphQLField(definition.type, constant), node)
    except GraphQLError:  # which graphql-core reports when the field is resolved
        return None
    names = {name: definition.args[name].out_name or name for name in variables}
    return FieldArguments(values, {names[name]: each for name, each in variables.items()})


def _is_nested(value: Any) -> bool:
    """Return whether a value may contain variables, or be changed by a resolver."""
    return isinstance(value, ListValueNode | ObjectValueNode)
