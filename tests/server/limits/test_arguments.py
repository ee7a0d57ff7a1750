"""Arguments that are rejected before anything of the operation runs."""

from typing import Any

import pytest

from tests.harness import PSN_VEGA, RunningServer

QUERY = """query ($accounts: [AccountInput!]! %s) {
  user(accounts: $accounts) { accounts { displayName } %s }
}"""
DECLARATIONS = {"size": "$size: Int!", "after": "$after: String", "with": "$with: Boolean!"}


def is_rejected(server: RunningServer, fields: str, **variables: Any) -> bool:
    declared = " ".join(DECLARATIONS[name] for name in variables)
    answer = server.execute(QUERY % (declared, fields), {"accounts": PSN_VEGA, **variables})
    if not answer.errors:
        return False
    return answer.error["code"] == "BAD_USER_INPUT" and server.count_upstream_calls() == {}


@pytest.mark.parametrize(
    ("fields", "variables"),
    [
        ("trophyTitles(first: 0) { totalCount }", {}),
        ("trophyTitles(first: 101) { totalCount }", {}),
        ("trophyTitles(first: $size) { totalCount }", {"size": 101}),
        ("achievements(after: $after) { totalCount }", {"after": "no cursor"}),
        ("achievements(sources: []) { totalCount }", {}),
        ('trophyTitle(nativeId: "no title") { name }', {}),
        (
            "...Page } } fragment Page on User { page: awards(first: -1) { __typename ",
            {},
        ),
    ],
)
def test_a_bad_argument_of_one_field_costs_no_call(
    server: RunningServer, fields: str, variables: dict[str, Any]
) -> None:
    assert is_rejected(server, fields, **variables)


def test_an_argument_of_a_field_that_is_left_out_is_not_read(server: RunningServer) -> None:
    fields = "trophyTitles(first: 0) @include(if: $with) { totalCount }"
    assert is_rejected(server, fields, **{"with": True})
    assert not is_rejected(server, fields, **{"with": False})
