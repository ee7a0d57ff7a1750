"""Authorization of reads and writes, by key and credential, on every route."""

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

KEYS = "r:key-of-the-reader:read,w:key-of-the-writer:write,b:key-of-both-scopes:write+read"
READ, WRITE, BOTH = (
    make_bearer_headers("key-of-the-reader"),
    make_bearer_headers("key-of-the-writer"),
    make_bearer_headers("key-of-both-scopes"),
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
def server_with_keys(state: Path) -> Iterator[RunningServer]:
    """Serve with API keys and the operator's accounts."""
    given = {**operator_settings(*Source), "TROPHYCASE_STATE_DIR": str(state)}
    with run_server(sandbox=False, **given, TROPHYCASE_API_KEYS=KEYS) as server:
        yield server


@pytest.fixture
def server_without_keys(state: Path) -> Iterator[RunningServer]:
    """Serve without API keys, with the operator's accounts."""
    given = {**operator_settings(*Source), "TROPHYCASE_STATE_DIR": str(state)}
    with run_server(sandbox=False, **given) as server:
        yield server


def send_wishlist_operation(
    server: RunningServer, method: str, headers: Headers, digest: str = WISHLIST_HASH
) -> httpx.Response:
    """Send a persisted operation that writes."""
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
            "wcaAddItemToStoreWishlist": {
                "operationName": "wcaAddItemToStoreWishlist",
                "variables": {"input": {"itemId": "10000001"}},
                "accountId": account_id,
            }
        }
    }
    assert server.psn.calls[WISHLIST_CALL] == 1


@pytest.mark.parametrize("headers", [READ, BOTH])
def test_a_read_key_reads(server_with_keys: RunningServer, headers: Headers) -> None:
    assert (
        server_with_keys.fetch_data(READ_QUERY, headers=headers)["viewer"]["displayName"]
        == constants.OWNER_ONLINE_ID
    )
    assert server_with_keys.request("GET", RESOURCE_PATH, headers=headers).status_code == 200
    assert server_with_keys.request("GET", "/metrics", headers=headers).status_code == 200


@pytest.mark.parametrize("headers", [WRITE, BOTH])
def test_a_write_key_writes(server_with_keys: RunningServer, headers: Headers) -> None:
    sent = server_with_keys.fetch_data(SEND_MUTATION, MESSAGE_VARIABLES, headers)["sendPsnMessage"]
    assert sent["messageUid"]
    assert sent["threadId"] == GROUP_ID
    assert len(list_write_requests(server_with_keys)) == 1


def test_a_write_key_creates_a_group_and_cannot_read_it(
    server_with_keys: RunningServer,
) -> None:
    query = build_mutation(
        "createPsnMessageGroup", "group { groupId mainThreadId name } allInvited"
    )
    given = {"input": {"inviteeIds": [constants.FRIEND_ACCOUNT_ID]}}
    answer = server_with_keys.execute(query, given, WRITE)
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
def test_a_key_without_the_read_scope_causes_no_calls(
    server_with_keys: RunningServer, query: str
) -> None:
    server_with_keys.fetch_data(SEND_MUTATION, MESSAGE_VARIABLES, WRITE)
    server_with_keys.psn.log.clear()
    answer = server_with_keys.execute(query, headers=WRITE)
    assert answer.error_codes == {"FORBIDDEN"}
    assert server_with_keys.psn.log == []


def test_a_key_without_the_read_scope_gets_no_downloads_and_metrics(
    server_with_keys: RunningServer,
) -> None:
    response = server_with_keys.request("GET", RESOURCE_PATH, headers=WRITE)
    assert response.status_code == 403
    assert response.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert server_with_keys.request("GET", "/metrics", headers=WRITE).status_code == 403


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
    server_with_keys: RunningServer,
    server_without_keys: RunningServer,
    name: str,
    given: Any,
    fields: str,
) -> None:
    for server, headers, code in (
        (server_with_keys, READ, "FORBIDDEN"),
        (server_with_keys, NO_CREDENTIALS, "UNAUTHENTICATED"),
        (server_with_keys, SECOND_ON_RETRO, "UNAUTHENTICATED"),
        (server_with_keys, {**READ, **SECOND_ON_RETRO}, "FORBIDDEN"),
        (server_with_keys, {**BOTH, **SECOND_ON_TROPHY_SO}, "FORBIDDEN"),
        (server_without_keys, NO_CREDENTIALS, "FORBIDDEN"),
        (server_without_keys, SECOND_ON_RETRO, "FORBIDDEN"),
        (server_without_keys, make_bearer_headers("any"), "FORBIDDEN"),
    ):
        answer = server.execute(build_mutation(name, fields), {"input": given}, headers)
        assert answer.error_codes == {code}
        assert server.count_upstream_calls() == {}


@pytest.mark.parametrize("path", [RESOURCE_PATH, "/metrics", "/graphql?query={__typename}"])
def test_every_route_needs_a_key_if_there_are_keys(
    server_with_keys: RunningServer, path: str
) -> None:
    response = server_with_keys.request("GET", path)
    assert response.status_code == 401
    assert response.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


def test_without_keys_reading_is_open(server_without_keys: RunningServer) -> None:
    assert (
        server_without_keys.fetch_data(READ_QUERY)["viewer"]["displayName"]
        == constants.OWNER_ONLINE_ID
    )
    assert server_without_keys.request("GET", RESOURCE_PATH).status_code == 200
    assert server_without_keys.request("GET", "/metrics").status_code == 200


def test_every_caller_may_write_to_a_sandbox_without_keys() -> None:
    with run_server() as server:
        assert server.fetch_data(SEND_MUTATION, MESSAGE_VARIABLES)
    with run_server(TROPHYCASE_API_KEYS=KEYS) as server:
        assert server.execute(SEND_MUTATION, MESSAGE_VARIABLES, READ).error["code"] == "FORBIDDEN"
        assert server.fetch_data(SEND_MUTATION, MESSAGE_VARIABLES, WRITE)


@pytest.mark.parametrize("keys", [READ, WRITE, NO_CREDENTIALS])
def test_own_credentials_write_to_their_own_account_with_any_key_or_none(
    server_with_keys: RunningServer, keys: Headers
) -> None:
    assert server_with_keys.fetch_data(SEND_MUTATION, MESSAGE_VARIABLES, {**SECOND_ON_PSN, **keys})
    newest = server_with_keys.psn.database.message_groups[GROUP_ID].messages[-1]
    assert newest.sender == constants.SECOND_ACCOUNT_ID
    assert all(
        "1000000000000000001" not in token for token in server_with_keys.psn.state.access_tokens
    )


def test_own_credentials_write_without_keys(server_without_keys: RunningServer) -> None:
    assert server_without_keys.fetch_data(SEND_MUTATION, MESSAGE_VARIABLES, SECOND_ON_PSN)
    newest = server_without_keys.psn.database.message_groups[GROUP_ID].messages[-1]
    assert newest.sender == constants.SECOND_ACCOUNT_ID


@pytest.mark.slow
def test_a_persisted_operation_that_writes_needs_the_rights_of_a_mutation(
    server_with_keys: RunningServer, server_without_keys: RunningServer
) -> None:
    for server, headers, status, code in (
        (server_with_keys, READ, 403, "FORBIDDEN"),
        (server_with_keys, NO_CREDENTIALS, 401, "UNAUTHENTICATED"),
        (server_without_keys, NO_CREDENTIALS, 403, "FORBIDDEN"),
    ):
        response = send_wishlist_operation(server, "POST", headers)
        assert response.status_code == status
        assert response.json()["errors"][0]["extensions"]["code"] == code
        assert server.count_upstream_calls() == {}
    response = send_wishlist_operation(server_with_keys, "POST", BOTH)
    check_wishlist_operation(server_with_keys, response, constants.OWNER_ACCOUNT_ID)


@pytest.mark.parametrize("headers", [BOTH, SECOND_ON_PSN])
def test_a_persisted_operation_that_writes_is_accepted_only_by_post(
    server_with_keys: RunningServer, headers: Headers
) -> None:
    response = send_wishlist_operation(server_with_keys, "GET", headers)
    assert response.status_code == 405
    assert response.headers["allow"] == "POST"
    assert server_with_keys.count_upstream_calls() == {}


def test_own_credentials_change_their_own_wishlist(server_with_keys: RunningServer) -> None:
    response = send_wishlist_operation(server_with_keys, "POST", SECOND_ON_PSN)
    check_wishlist_operation(server_with_keys, response, constants.SECOND_ACCOUNT_ID)


def test_the_graphs_field_executes_no_operation_that_writes(
    server_with_keys: RunningServer,
) -> None:
    query = (
        '{ psnOperation(name: "wcaAddItemToStoreWishlist", '
        'variables: { input: { itemId: "10000001" } }) }'
    )
    assert server_with_keys.execute(query, headers=BOTH).error["code"] == "FORBIDDEN"
    assert server_with_keys.count_upstream_calls() == {}


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
    server_with_keys: RunningServer, status: int, body: Any, code: str
) -> None:
    server_with_keys.inject_fault("graphql/v1/op", status=status, body=body)
    answer = server_with_keys.execute(
        f'{{ psnOperation(name: "{WISHLIST_OPERATION}") }}', headers=BOTH
    )
    assert answer.partial_data == {"psnOperation": None}
    assert answer.error["code"] == code


def test_a_graphql_response_with_errors_is_returned_as_data(
    server_with_keys: RunningServer,
) -> None:
    body = {"errors": [{"message": "no"}], "data": None}
    server_with_keys.inject_fault("graphql/v1/op", status=400, body=body)
    query = f'{{ psnOperation(name: "{WISHLIST_OPERATION}") }}'
    assert server_with_keys.fetch_data(query, headers=BOTH) == {"psnOperation": body}


MALFORMED_HEADERS: list[list[tuple[str, str | bytes]]] = [
    [("Authorization", b"Bearer k\xe9y")],
    [("Authorization", b"Bearer \xf0\x9f\x94\x91")],
    [("Authorization", b"\xff\xfe")],
    [("Authorization", "Bearer key-wrong"), ("Authorization", "Bearer key-of-the-reader")],
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
    server_with_keys: RunningServer, path: str, headers: list[tuple[str, str | bytes]]
) -> None:
    raw: Any = [(name, text.encode() if isinstance(text, str) else text) for name, text in headers]
    response = server_with_keys.request("GET", path, headers=raw)
    assert response.status_code in (400, 401, 431)
    assert response.json()["errors"][0]["extensions"]["code"]
    assert server_with_keys.psn.log == []


def test_the_probes_need_no_key(server_with_keys: RunningServer) -> None:
    for path in ("/livez", "/readyz"):
        assert server_with_keys.request("GET", path).status_code == 200
