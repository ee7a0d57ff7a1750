"""Documents and variables that do not fit the schema are never executed."""

from typing import Any

import pytest

from tests.harness import NO_CALLS, VEGA, RunningServer

USER_QUERY = "query ($accounts: [AccountInput!]!) { user(accounts: $accounts) { displayName } }"
VEGA_QUERY = "query ($accounts: [AccountInput!]!) { user(accounts: $accounts) { %s } }"


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("{ user(accounts: []) { nope } }", None),
        (USER_QUERY, {}),
        (USER_QUERY, {"accounts": [{"source": "NOBODYS", "handle": "x"}]}),
        (USER_QUERY, {"accounts": [{"source": "PSN"}]}),
        (USER_QUERY, {"accounts": [{"source": "PSN", "handle": None}]}),
        (USER_QUERY, {"accounts": [{"source": "PSN", "handle": 5}]}),
        (USER_QUERY, {"accounts": "PSN"}),
        (VEGA_QUERY % "achievements(first: 1.5) { totalCount }", {"accounts": VEGA}),
        (VEGA_QUERY % "achievements(first: null) { totalCount }", {"accounts": VEGA}),
        (VEGA_QUERY % "achievements(state: LOST) { totalCount }", {"accounts": VEGA}),
        (VEGA_QUERY % "achievements(sources: [NOBODYS]) { totalCount }", {"accounts": VEGA}),
    ],
)
def test_an_invalid_query_is_never_executed(
    server: RunningServer, query: str, variables: dict[str, Any] | None
) -> None:
    answer = server.execute(query, variables)

    assert "data" not in answer.body
    assert {error["extensions"]["code"] for error in answer.errors} == {"GRAPHQL_VALIDATION_FAILED"}
    assert server.count_upstream_calls() == NO_CALLS
