"""Who may do what: a matrix of keys, scopes and changes, through every door there is."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from providers.psn.sandbox import constants
from providers.registry import Source
from tests.harness import RunningServer, operator_settings, run_server
from tests.schema.psn_queries import build_mutation, list_write_requests
from tests.server.caller_headers import (
    NO_CREDENTIALS,
    SECOND_ON_PSN,
    SECOND_ON_RETRO,
    SECOND_ON_TROPHY_SO,
    make_bearer_headers,
)

KEYS = "r:key-read:read,w:key-write:write,b:key-both:write+read"
READ, WRITE, BOTH = (
    make_bearer_headers("key-read"),
    make_bearer_headers("key-write"),
    make_bearer_headers("key-both"),
)
WISHLIST_HASH = "df73492bad783fcce23c5b647cc1ba39ce286941a8da472fbf36bfed953901fe"
WISHLIST_OPERATION = "metGetWishlistedItemIds"
WISHLIST_CALL = "POST web.np.playstation.com/api/graphql/v1/op"
RESOURCE_PATH = f"/psn/groups/{constants.DIRECT_GROUP_ID}/resources/{constants.IMAGE_RESOURCE_ID}"
GROUP_ID = constants.NAMED_GROUP_ID
READ_QUERY = "{ viewer { displayName } }"
SEND_MUTATION = build_mutation("sendPsnMessage", "messageUid createdAt threadId")
MESSAGE_VARIABLES = {"input": {"groupId": GROUP_ID, "body": "hello"}}

Headers = Mapping[str, str]


@pytest.fixture
def keyed(state: Path) -> Iterator[RunningServer]:
    """A server with keys, and the operator's accounts."""
    given = {**operator_settings(*Source), "TROPHYCASE_STATE_DIR": str(state)}
    with run_server(sandbox=False, **given, TROPHYCASE_API_KEYS=KEYS) as server:
        yield server


@pytest.fixture
def unkeyed(state: Path) -> Iterator[RunningServer]:
    """A server without any keys, and the operator's accounts."""
    given = {**operator_settings(*Source), "TROPHYCASE_STATE_DIR": str(state)}
    with run_server(sandbox=False, **given) as server:
        yield server


def send_wishlist_operation(
    server: RunningServer, method: str, headers: Headers, digest: str = WISHLIST_HASH
) -> httpx.Response:
    """A persisted operation that writes, passed through."""
    query: dict[str, Any] = {
        "operationName": "wcaAddItemToStoreWishlist",
        "variables": {"input": {"itemId": "10000001"}},
        "extensions": {"persistedQuery": {"version": 1, "sha256Hash": digest}},
    }
    if method == "POST":
        return server.request("POST", "/graphql", json=query, headers=headers)
    name = query.pop("operationName")
    written = {key: json.dumps(value) for key, value in query.items()}
    params = {"operationName": name, **written}
    return server.request("GET", "/api/graphql/v1/op", params=params, headers=headers)


def check_wishlist_operation(
    server: RunningServer, response: httpx.Response, account_id: str
) -> None:
    """Assert that the operation was sent once, with this account's token, and passed through."""
    assert response.status_code == 200
    assert response.json() == {
        "data": {
            "echo": {
                "operationName": "wcaAddItemToStoreWishlist",
                "variables": {"input": {"itemId": "10000001"}},
                "accountId": account_id,
            }
        }
    }
    assert server.psn.calls[WISHLIST_CALL] == 1


@pytest.mark.parametrize("headers", [READ, BOTH])
def test_a_read_key_reads(keyed: RunningServer, headers: Headers) -> None:
    assert (
        keyed.fetch_data(READ_QUERY, headers=headers)["viewer"]["displayName"]
        == constants.OWNER_ONLINE_ID
    )
    assert keyed.request("GET", RESOURCE_PATH, headers=headers).status_code == 200
    assert keyed.request("GET", "/metrics", headers=headers).status_code == 200


@pytest.mark.parametrize("headers", [WRITE, BOTH])
def test_a_write_key_writes(keyed: RunningServer, headers: Headers) -> None:
    sent = keyed.fetch_data(SEND_MUTATION, MESSAGE_VARIABLES, headers)["sendPsnMessage"]
    assert sent["messageUid"]
    assert sent["threadId"] == GROUP_ID
    assert len(list_write_requests(keyed)) == 1


def test_a_write_key_creates_a_group_and_cannot_read_it(
    keyed: RunningServer,
) -> None:
    query = build_mutation(
        "createPsnMessageGroup", "group { groupId mainThreadId name } allInvited"
    )
    given = {"input": {"inviteeIds": [constants.FRIEND_ACCOUNT_ID]}}
    answer = keyed.execute(query, given, WRITE)
    assert answer.partial_data["createPsnMessageGroup"]["group"] == {
        "groupId": constants.DIRECT_GROUP_ID,
        "mainThreadId": constants.DIRECT_GROUP_ID,
        "name": None,
    }
    assert answer.codes == {"createPsnMessageGroup.group.name": "FORBIDDEN"}


@pytest.mark.parametrize(
    "query",
    [
        READ_QUERY,
        '{ user(accounts: [{ source: PSN, handle: "me" }]) { displayName } }',
        '{ trophyTitle(nativeId: "NPWR00001_00") { name } }',
        '{ searchAccounts(term: "vega") { totalCount } }',
        f'{{ psnOperation(name: "{WISHLIST_OPERATION}") }}',
        '{ user(accounts: [{ source: TROPHY_SO, handle: "vega" }]) { displayName } }',
    ],
)
def test_a_key_without_the_read_scope_causes_no_calls(keyed: RunningServer, query: str) -> None:
    keyed.fetch_data(SEND_MUTATION, MESSAGE_VARIABLES, WRITE)
    keyed.psn.log.clear()
    answer = keyed.execute(query, headers=WRITE)
    assert answer.error_codes == {"FORBIDDEN"}
    assert keyed.psn.log == []


def test_a_key_without_the_read_scope_gets_no_downloads_and_metrics(keyed: RunningServer) -> None:
    response = keyed.request("GET", RESOURCE_PATH, headers=WRITE)
    assert response.status_code == 403
    assert response.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert keyed.request("GET", "/metrics", headers=WRITE).status_code == 403


@pytest.mark.parametrize(
    ("name", "given", "fields"),
    [
        ("removePsnFriend", {"handle": constants.FRIEND_ONLINE_ID}, "removed { id }"),
        ("createPsnMessageGroup", {"inviteeIds": [constants.FRIEND_ACCOUNT_ID]}, "allInvited"),
        ("sendPsnMessage", MESSAGE_VARIABLES["input"], "messageUid"),
        ("uploadPsnResource", {"groupId": GROUP_ID, "contentBase64": "iVBORw0KGgo="}, "resourceId"),
        ("sendPsnResource", {"groupId": GROUP_ID, "resourceId": "x"}, "messageUid"),
    ],
)
def test_callers_without_the_write_scope_change_nothing(
    keyed: RunningServer, unkeyed: RunningServer, name: str, given: Any, fields: str
) -> None:
    for server, headers, code in (
        (keyed, READ, "FORBIDDEN"),
        (keyed, NO_CREDENTIALS, "UNAUTHENTICATED"),
        (keyed, SECOND_ON_RETRO, "UNAUTHENTICATED"),
        (keyed, {**READ, **SECOND_ON_RETRO}, "FORBIDDEN"),
        (keyed, {**BOTH, **SECOND_ON_TROPHY_SO}, "FORBIDDEN"),
        (unkeyed, NO_CREDENTIALS, "FORBIDDEN"),
        (unkeyed, SECOND_ON_RETRO, "FORBIDDEN"),
        (unkeyed, make_bearer_headers("any"), "FORBIDDEN"),
    ):
        answer = server.execute(build_mutation(name, fields), {"input": given}, headers)
        assert answer.error_codes == {code}
        assert server.count_upstream_calls() == {}


@pytest.mark.parametrize("path", [RESOURCE_PATH, "/metrics", "/graphql?query={__typename}"])
def test_every_route_needs_a_key_if_there_are_keys(keyed: RunningServer, path: str) -> None:
    response = keyed.request("GET", path)
    assert response.status_code == 401
    assert response.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


def test_without_keys_reading_is_open(unkeyed: RunningServer) -> None:
    assert unkeyed.fetch_data(READ_QUERY)["viewer"]["displayName"] == constants.OWNER_ONLINE_ID
    assert unkeyed.request("GET", RESOURCE_PATH).status_code == 200
    assert unkeyed.request("GET", "/metrics").status_code == 200


def test_every_caller_may_write_to_a_sandbox_without_keys() -> None:
    with run_server() as server:
        assert server.fetch_data(SEND_MUTATION, MESSAGE_VARIABLES)
    with run_server(TROPHYCASE_API_KEYS=KEYS) as server:
        assert server.execute(SEND_MUTATION, MESSAGE_VARIABLES, READ).error["code"] == "FORBIDDEN"
        assert server.fetch_data(SEND_MUTATION, MESSAGE_VARIABLES, WRITE)


@pytest.mark.parametrize("keys", [READ, WRITE, NO_CREDENTIALS])
def test_own_credentials_write_to_their_own_account_with_any_key_or_none(
    keyed: RunningServer, keys: Headers
) -> None:
    assert keyed.fetch_data(SEND_MUTATION, MESSAGE_VARIABLES, {**SECOND_ON_PSN, **keys})
    newest = keyed.psn.database.message_groups[GROUP_ID].messages[-1]
    assert newest.sender == constants.SECOND_ACCOUNT_ID
    assert all("1000000000000000001" not in token for token in keyed.psn.state.access_tokens)


def test_own_credentials_write_without_keys(unkeyed: RunningServer) -> None:
    assert unkeyed.fetch_data(SEND_MUTATION, MESSAGE_VARIABLES, SECOND_ON_PSN)
    newest = unkeyed.psn.database.message_groups[GROUP_ID].messages[-1]
    assert newest.sender == constants.SECOND_ACCOUNT_ID


def test_a_persisted_operation_that_writes_needs_the_rights_of_a_mutation(
    keyed: RunningServer, unkeyed: RunningServer
) -> None:
    for server, headers, status, code in (
        (keyed, READ, 403, "FORBIDDEN"),
        (keyed, NO_CREDENTIALS, 401, "UNAUTHENTICATED"),
        (unkeyed, NO_CREDENTIALS, 403, "FORBIDDEN"),
    ):
        response = send_wishlist_operation(server, "POST", headers)
        assert response.status_code == status
        assert response.json()["errors"][0]["extensions"]["code"] == code
        assert server.count_upstream_calls() == {}
    response = send_wishlist_operation(keyed, "POST", BOTH)
    check_wishlist_operation(keyed, response, constants.OWNER_ACCOUNT_ID)


@pytest.mark.parametrize("headers", [BOTH, SECOND_ON_PSN])
def test_a_persisted_operation_that_writes_is_accepted_only_by_post(
    keyed: RunningServer, headers: Headers
) -> None:
    response = send_wishlist_operation(keyed, "GET", headers)
    assert response.status_code == 405
    assert response.headers["allow"] == "POST"
    assert keyed.count_upstream_calls() == {}


def test_own_credentials_change_their_own_wishlist(keyed: RunningServer) -> None:
    response = send_wishlist_operation(keyed, "POST", SECOND_ON_PSN)
    check_wishlist_operation(keyed, response, constants.SECOND_ACCOUNT_ID)


def test_the_graphs_field_executes_no_operation_that_writes(keyed: RunningServer) -> None:
    query = (
        '{ psnOperation(name: "wcaAddItemToStoreWishlist", '
        'variables: { input: { itemId: "10000001" } }) }'
    )
    assert keyed.execute(query, headers=BOTH).error["code"] == "FORBIDDEN"
    assert keyed.count_upstream_calls() == {}


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (429, {"error": {"code": 2241035, "message": "Rate limit"}}, "UPSTREAM_RATE_LIMITED"),
        (401, {"error": {"code": 2241025, "message": "Token"}}, "UPSTREAM_UNAUTHENTICATED"),
        (503, b"<html>", "UPSTREAM_UNAVAILABLE"),
        (404, {"error": {"message": "no"}}, "NOT_FOUND"),
        (200, b"[]", "UPSTREAM_BAD_RESPONSE"),
        (200, b"<html>", "UPSTREAM_BAD_RESPONSE"),
    ],
)
def test_a_failed_persisted_operation_is_an_error_without_data(
    keyed: RunningServer, status: int, body: Any, code: str
) -> None:
    keyed.inject_fault("graphql/v1/op", status=status, body=body)
    answer = keyed.execute(f'{{ psnOperation(name: "{WISHLIST_OPERATION}") }}', headers=BOTH)
    assert answer.partial_data == {"psnOperation": None}
    assert answer.error["code"] == code


def test_a_graphql_response_with_errors_is_returned_as_data(keyed: RunningServer) -> None:
    body = {"errors": [{"message": "no"}], "data": None}
    keyed.inject_fault("graphql/v1/op", status=400, body=body)
    query = f'{{ psnOperation(name: "{WISHLIST_OPERATION}") }}'
    assert keyed.fetch_data(query, headers=BOTH) == {"psnOperation": body}


MALFORMED_HEADERS: list[list[tuple[str, str | bytes]]] = [
    [("Authorization", b"Bearer k\xe9y")],
    [("Authorization", b"Bearer \xf0\x9f\x94\x91")],
    [("Authorization", b"\xff\xfe")],
    [("Authorization", "Bearer key-wrong"), ("Authorization", "Bearer key-read")],
    [("Authorization", ""), ("Authorization", "")],
    [("Authorization", "Bearer " + "k" * 10_000)],
    [("Authorization", "Bearer\tkey-read")],
    [("x-npsso", b"\xff" * 64), ("x-client-id", b"\xff")],
    [("x-npsso", constants.SECOND_NPSSO), ("x-npsso", constants.OWNER_NPSSO)],
    [("x-trophy-so-user-id", b"\xff"), ("x-trophy-so-api-key", b"\xff")],
    [("x-retroachievements-username", b"\xff"), ("x-retroachievements-api-key", b"\xff")],
]


@pytest.mark.parametrize("headers", MALFORMED_HEADERS)
@pytest.mark.parametrize("path", ["/graphql?query={__typename}", RESOURCE_PATH, "/metrics"])
def test_malformed_headers_are_rejected_without_a_failure(
    keyed: RunningServer, path: str, headers: list[tuple[str, str | bytes]]
) -> None:
    raw: Any = [(name, text.encode() if isinstance(text, str) else text) for name, text in headers]
    response = keyed.request("GET", path, headers=raw)
    assert response.status_code in (400, 401, 431)
    assert response.json()["errors"][0]["extensions"]["code"]
    assert keyed.psn.log == []


def test_the_probes_need_no_key(keyed: RunningServer) -> None:
    for path in ("/livez", "/readyz"):
        assert keyed.request("GET", path).status_code == 200
