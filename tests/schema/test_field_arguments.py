"""Arguments have the values that graphql-core coerces them to, or are left to it."""

from types import SimpleNamespace
from typing import Any

import pytest
from graphql import (
    FieldNode,
    GraphQLField,
    OperationDefinitionNode,
    get_argument_values,
    parse,
)
from graphql.execution.values import (
    get_variable_values,  # pyright: ignore[reportUnknownVariableType] - graphql-core
)

from schema.field_arguments import prepare_arguments
from schema.graph import build_schema

SCHEMA = build_schema().graphql_schema
DEFINITION: GraphQLField = SCHEMA.get_type("User").fields["trophyTitles"]  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType, reportOptionalMemberAccess, reportAttributeAccessIssue] - an object type
VARIABLES = (
    "$first: Int! = 3, $after: String, $sources: [Source!], $order: TitleOrder! = LAST_UPDATED"
)
PREPARED = [
    "",
    "(first: 5)",
    "(first: $first)",
    "(first: $first, sources: $sources, orderBy: $order)",
    "(after: null, sources: PSN, orderBy: FEWEST_LEFT)",
]
LEFT = ["(sources: [PSN])", "(sources: [PSN], first: $first)", "(first: 9999999999)"]
GIVEN: list[dict[str, Any]] = [
    {},
    {"first": 7},
    {"first": 7, "after": None, "sources": None},
    {"sources": ["PSN", "XBOX"], "order": "FEWEST_LEFT", "after": "x"},
]


def parse_field(arguments: str) -> tuple[OperationDefinitionNode, FieldNode]:
    (operation,) = parse(f"query ({VARIABLES}) {{ trophyTitles{arguments} }}").definitions
    assert isinstance(operation, OperationDefinitionNode)
    (field,) = operation.selection_set.selections
    assert isinstance(field, FieldNode)
    return operation, field


def prepare(field: FieldNode) -> Any:
    return prepare_arguments(DEFINITION, SimpleNamespace(node=field, fragment_variable_values=None))


@pytest.mark.parametrize("given", GIVEN)
@pytest.mark.parametrize("arguments", [*PREPARED, "(after: $after)"])
def test_the_values_are_those_of_graphql_core(arguments: str, given: dict[str, Any]) -> None:
    operation, field = parse_field(arguments)
    variables: Any = get_variable_values(SCHEMA, operation.variable_definitions or (), given)

    found = prepare(field).get_values(variables.coerced)

    assert found is None or found == get_argument_values(DEFINITION, field, variables)


@pytest.mark.parametrize("arguments", PREPARED)
def test_most_arguments_are_prepared(arguments: str) -> None:
    _, field = parse_field(arguments)
    values = {"first": 7, "sources": ["PSN"], "order": "x"}
    assert prepare(field).get_values(values) is not None


@pytest.mark.parametrize("arguments", LEFT)
def test_others_are_left_to_graphql_core(arguments: str) -> None:
    assert prepare(parse_field(arguments)[1]) is None
