"""Arguments that are rejected before anything of the operation runs."""

from typing import Any

import pytest

from schema.global_id import encode
from tests.harness import PSN_VEGA, GraphQLResponse, RunningServer
from tests.schema.rejected_input import assert_rejected

QUERY = """query ($accounts: [AccountInput!]! %s) {
  user(accounts: $accounts) { accounts { displayName } %s }
}"""
ACCOUNTS_QUERY = """query ($accounts: [AccountInput!]!) {
  user(accounts: $accounts) { accounts { %s } }
}"""
DECLARATIONS = {"size": "$size: Int!", "after": "$after: String", "with": "$with: Boolean!"}


def is_rejected(server: RunningServer, fields: str, **variables: Any) -> bool:
    declared = " ".join(DECLARATIONS[name] for name in variables)
    calls = server.count_upstream_calls()
    answer = server.execute(QUERY % (declared, fields), {"accounts": PSN_VEGA, **variables})
    if not answer.errors:
        return False
    return answer.error["code"] == "BAD_USER_INPUT" and server.count_upstream_calls() == calls


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
    assert is_rejected(server, fields, **{"with": True})


def test_the_arguments_of_a_known_document_are_read_anew(server: RunningServer) -> None:
    fields = "trophyTitles(first: $size) { totalCount }"
    assert not is_rejected(server, fields, size=5)
    assert is_rejected(server, fields, size=101)


@pytest.mark.parametrize(
    ("field", "after"),
    [
        ("friends", ("games", 1, "x")),
        ("friends", ("friends", 10_000, "x")),
        ("friends", ("friends", -1, "x")),
        ("friends", ("friends", "x")),
        ("playedGames", ("friends", 1, "x")),
        ("messageGroups", ("groups", 10**6, "x")),
    ],
)
def test_a_cursor_of_another_list_or_too_deep_costs_no_call(
    server: RunningServer, field: str, after: tuple[object, ...]
) -> None:
    cursor = encode(*after)
    fields = f'... on PsnAccount {{ displayName {field}(after: "{cursor}") {{ totalCount }} }}'
    answer = server.execute(ACCOUNTS_QUERY % fields, {"accounts": PSN_VEGA})
    assert_nothing_ran(server, answer, "after")


OTHER_ORDERS: list[Any] = [
    ("trophyTitles(after: $after)", ("titles FEWEST_LEFT", None, [])),
    ("trophyTitles(after: $after, orderBy: FEWEST_LEFT)", ("titles LAST_UPDATED", None, [])),
    ("achievements(after: $after, state: LOCKED)", ("EARNED", None)),
    ("awards(after: $after)", ("EARNED", None)),
]


@pytest.mark.parametrize(("fields", "after"), OTHER_ORDERS)
def test_a_cursor_of_another_order_costs_no_call(
    server: RunningServer, fields: str, after: tuple[object, ...]
) -> None:
    variables = {"after": encode(*after)}
    assert is_rejected(server, f"{fields} {{ totalCount }}", **variables)


BAD_FIELDS: list[Any] = [
    ('user(accounts: [{ source: PSN, handle: "no name" }]) { displayName }', "handle"),
    ('user(accounts: { source: RETRO_ACHIEVEMENTS, handle: "?" }) { displayName }', "handle"),
    ("user(accounts: []) { displayName }", "accounts"),
    (
        'user(accounts: [{ source: PSN, handle: "a_b" }, { source: PSN, handle: "c_d" }]) { id }',
        "accounts",
    ),
    ('trophyTitle(nativeId: "x") { name }', "nativeId"),
    ('searchAccounts(term: "") { totalCount }', "term"),
    (
        'viewer { accounts { ... on PsnAccount { messageGroup(groupId: "x") { name } } } }',
        "groupId",
    ),
]


@pytest.mark.parametrize(("field", "argument"), BAD_FIELDS)
def test_a_bad_argument_of_any_field_costs_no_call(
    server: RunningServer, field: str, argument: str
) -> None:
    answer = server.execute(f"{{ other: viewer {{ displayName }} {field} }}")
    assert_nothing_ran(server, answer, argument)


@pytest.mark.parametrize(
    ("accounts", "argument"),
    [
        ([{"source": "PSN", "handle": "no name"}], "handle"),
        ({"source": "PSN", "handle": "x"}, "handle"),
        ([], "accounts"),
        ([{"source": "TROPHY_SO", "handle": "y" * 256}], "handle"),
    ],
)
def test_bad_accounts_in_variables_cost_no_call(
    server: RunningServer, accounts: Any, argument: str
) -> None:
    query = """query ($accounts: [AccountInput!]!) {
      other: viewer { displayName } user(accounts: $accounts) { displayName }
    }"""
    assert_nothing_ran(server, server.execute(query, {"accounts": accounts}), argument)


GROUP = "~1A2B3C4D5E6F7081.8091A2B3C4D5E6F7"
BAD_INPUTS: list[Any] = [
    ("removePsnFriend", "RemovePsnFriendInput", {"handle": "no name"}, "removed { id }", "handle"),
    ("createPsnMessageGroup", "CreatePsnMessageGroupInput", {"inviteeIds": []}, "allInvited", None),
    (
        "createPsnMessageGroup",
        "CreatePsnMessageGroupInput",
        {"inviteeIds": ["x"]},
        "allInvited",
        "inviteeIds",
    ),
    (
        "sendPsnMessage",
        "SendPsnMessageInput",
        {"groupId": "x", "body": "a"},
        "messageUid",
        "groupId",
    ),
    (
        "sendPsnMessage",
        "SendPsnMessageInput",
        {"groupId": GROUP, "body": " "},
        "messageUid",
        "body",
    ),
    (
        "sendPsnMessage",
        "SendPsnMessageInput",
        {"groupId": GROUP, "threadId": "x", "body": "a"},
        "messageUid",
        "threadId",
    ),
    (
        "sendPsnResource",
        "SendPsnResourceInput",
        {"groupId": GROUP, "resourceId": "../x"},
        "messageUid",
        "resourceId",
    ),
    (
        "uploadPsnResource",
        "UploadPsnResourceInput",
        {"groupId": GROUP, "contentBase64": "?"},
        "resourceId",
        "contentBase64",
    ),
]


@pytest.mark.parametrize(("field", "kind", "value", "selection", "argument"), BAD_INPUTS)
def test_a_bad_input_of_one_change_lets_no_other_happen(
    server: RunningServer, field: str, kind: str, value: Any, selection: str, argument: str | None
) -> None:
    query = f"""mutation ($bad: {kind}!) {{
      good: removePsnFriend(input: {{ handle: "sample_friend" }}) {{ removed {{ id }} }}
      bad: {field}(input: $bad) {{ {selection} }}
    }}"""
    assert_nothing_ran(server, server.execute(query, {"bad": value}), argument or "inviteeIds")


def assert_nothing_ran(server: RunningServer, answer: GraphQLResponse, argument: str) -> None:
    assert_rejected(server, answer, argument)
    assert answer.body.get("data") is None
