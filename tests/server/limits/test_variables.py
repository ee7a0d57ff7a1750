"""The lengths of lists in variables are checked before the values are coerced."""

from typing import Any

import pytest
from graphql import OperationDefinitionNode, parse

from providers.errors import BadInput
from server.limits.variables import enforce_list_lengths
from tests.harness import NO_CALLS, RunningServer
from tests.server.operation_checks import assert_quick

ACCOUNT = {"source": "PSN", "handle": "a"}


def _parse_operation(text: str) -> OperationDefinitionNode:
    operation = parse(text).definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    return operation


@pytest.mark.parametrize(
    "value",
    [
        [1] * 1001,
        [[1]] * 1001,
        [[1] * 1001],
        {"a": [1] * 1001},
        {"a": {"b": [{"c": [1] * 1001}]}},
        [[1, {"a": [[1] * 1000, [1] * 1001]}]],
    ],
)
def test_an_overlong_list_is_rejected_at_any_depth(value: Any) -> None:
    with pytest.raises(BadInput) as refused:
        enforce_list_lengths(
            _parse_operation("query ($b: Int, $a: JSON) { a }"), {"b": 1, "a": value}
        )
    assert refused.value.argument == "a"


@pytest.mark.parametrize("value", [None, 1, "x" * 1000, [1] * 1000, {"a": [[1] * 100] * 100}])
def test_other_values_are_accepted(value: Any) -> None:
    enforce_list_lengths(_parse_operation("query ($a: JSON) { a }"), {"a": value})
    enforce_list_lengths(_parse_operation("query ($a: JSON) { a }"), None)


def test_undeclared_variables_are_ignored() -> None:
    enforce_list_lengths(_parse_operation("{ a }"), {"a": [1] * 5000})


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("[AccountInput!]!", "user(accounts: $a) { id }", [ACCOUNT]),
        ("[Source!]", "viewer { trophyTitles(sources: $a) { totalCount } }", ["PSN"]),
        ("[ID!]!", "nodes(ids: $a) { id }", ["x"]),
        ("[_Any!]!", "_entities(representations: $a) { __typename }", [1]),
        ("JSON", 'psnOperation(name: "x", variables: $a)', [1]),
    ],
)
def test_an_overlong_list_under_forty_aliases_is_rejected_quickly(
    server: RunningServer, kind: str, field: str, value: list[Any]
) -> None:
    fields = " ".join(f"a{number}: {field}" for number in range(40))
    with assert_quick():
        answer = server.execute(f"query ($a: {kind}) {{ {fields} }}", {"a": value * 20_000})
    assert answer.error == {"code": "BAD_USER_INPUT", "argument": "a"}
    assert (
        answer.body["extensions"]["upstream"]["calls"] == NO_CALLS == server.count_upstream_calls()
    )


def test_an_overlong_list_of_invitees_is_rejected_quickly(server: RunningServer) -> None:
    change = "createPsnMessageGroup(input: { inviteeIds: $a }) { allInvited }"
    answer = server.execute(f"mutation ($a: [ID!]!) {{ {change} }}", {"a": ["1"] * 20_000})
    assert answer.error == {"code": "BAD_USER_INPUT", "argument": "a"}
