"""Variables have the values that graphql-core coerces them to, or are left to it."""

from typing import Any

import pytest
from graphql import OperationDefinitionNode, VariableDefinitionNode, parse
from graphql.execution.get_variable_signature import get_variable_signature
from graphql.execution.values import (
    get_variable_values,  # pyright: ignore[reportUnknownVariableType] - graphql-core
)

from schema.graph import build_schema
from schema.variable_coercion import VariableCoercion

SCHEMA = build_schema().graphql_schema
TYPES = [
    "String", "ID!", "Boolean!", "Int", "Int!", "Float", "DateTime", "JSON", "JSON!",
    "TitleOrder", "[Source!]", "[Source]!", "AccountInput", "[AccountInput!]!",
    "[[AccountInput!]!]!", "SendPsnMessageInput", 'String = "left out"', "[Int!] = [1]",
]  # fmt: skip
ACCOUNT = {"source": "PSN", "handle": "somebody"}
VALUES: list[Any] = [
    None, True, 0, 1, 2**31 - 1, 2**31, -(2**31), -(2**31) - 1, 1.0, 1.5, float("inf"),
    float("nan"), "", "1", "PSN", "LAST_UPDATED", "2026-01-31T12:00:00Z", [], [None], ["PSN"],
    [1, "1"], {}, ACCOUNT, [ACCOUNT], [[ACCOUNT]], [ACCOUNT, None], {"source": "PSN"},
    {**ACCOUNT, "handle": None}, {**ACCOUNT, "more": 1}, {"handle": "a", "source": "PSN"},
    {**ACCOUNT, "source": "NOWHERE"}, {**ACCOUNT, "source": []},
]  # fmt: skip
COMMON: list[tuple[str, Any]] = [
    ("[AccountInput!]!", [ACCOUNT]),
    ("Int!", 20),
    ("String", None),
    ("[Source!]", ["PSN", "XBOX"]),
    ("TitleOrder", "LAST_UPDATED"),
    ("DateTime", "2026-01-31T12:00:00Z"),
]


def parse_definition(type_text: str) -> VariableDefinitionNode:
    (operation,) = parse(f"query ($value: {type_text}) {{ __typename }}").definitions
    assert isinstance(operation, OperationDefinitionNode)
    assert operation.variable_definitions
    return operation.variable_definitions[0]


def coerce(definition: VariableDefinitionNode, given: dict[str, Any]) -> Any:
    return VariableCoercion([get_variable_signature(SCHEMA, definition)]).coerce(given)


@pytest.mark.parametrize("type_text", TYPES)
def test_every_value_is_coerced_as_by_graphql_core(type_text: str) -> None:
    definition = parse_definition(type_text)
    for given in ({}, *({"value": value} for value in VALUES)):
        found = coerce(definition, given)
        expected: Any = get_variable_values(SCHEMA, [definition], given)
        assert found is None or repr(found.coerced) == repr(expected.coerced), given
        assert found is None or found.sources.keys() == expected.sources.keys()


@pytest.mark.parametrize(("type_text", "value"), COMMON)
def test_common_values_are_not_left_to_graphql_core(type_text: str, value: Any) -> None:
    assert coerce(parse_definition(type_text), {"value": value}) is not None


def test_a_variable_that_is_left_out_has_no_value() -> None:
    assert coerce(parse_definition("String"), {}).coerced == {}
    assert coerce(parse_definition("String!"), {}) is None
