"""Who may do what: a matrix of keys, scopes and changes, through every door there is."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from providers.psn.sandbox import world
from providers.registry import Source
from tests.asking import Server, configured, serving
from tests.server.credentials.people import (
    NOBODY,
    SECOND_ON_PSN,
    SECOND_ON_RETRO,
    SECOND_ON_TROPHY_SO,
    bearing,
)
from tests.server.people.psn import changes, changing

KEYS = "r:key-read:read,w:key-write:write,b:key-both:write+read"
READ, WRITE, BOTH = bearing("key-read"), bearing("key-write"), bearing("key-both")
WISH = "df73492bad783fcce23c5b647cc1ba39ce286941a8da472fbf36bfed953901fe"
WISHES = "metGetWishlistedItemIds"
RESOURCE = f"/psn/groups/{world.DIRECT_GROUP_ID}/resources/{world.IMAGE_RESOURCE_ID}"
GROUP = world.NAMED_GROUP_ID
READING = "{ viewer { displayName } }"
SENDING = changing("sendPsnMessage", "messageUid createdAt threadId")
MESSAGE = {"input": {"groupId": GROUP, "body": "hello"}}

Headers = Mapping[str, str]


@pytest.fixture
def keyed(state: Path) -> Iterator[Server]:
    """A server with keys, and the operator's accounts."""
    given = {**configured(*Source), "TROPHYCASE_STATE_DIR": str(state)}
    with serving(sandbox=False, **given, TROPHYCASE_API_KEYS=KEYS) as server:
        yield server


@pytest.fixture
def unkeyed(state: Path) -> Iterator[Server]:
    """A server without any keys, and the operator's accounts."""
    given = {**configured(*Source), "TROPHYCASE_STATE_DIR": str(state)}
    with serving(sandbox=False, **given) as server:
        yield server


def passed(server: Server, method: str, headers: Headers, digest: str = WISH) -> httpx.Response:
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


def wished(server: Server, account_id: str = world.OWNER_ACCOUNT_ID) -> bool:
    """Whether the wish has arrived."""
    return "10000001" in server.psn.world.wishlists.get(account_id, [])


@pytest.mark.parametrize("headers", [READ, BOTH])
def test_a_key_that_may_read_reads(keyed: Server, headers: Headers) -> None:
    assert keyed.data(READING, headers=headers)["viewer"]["displayName"] == world.OWNER_ONLINE_ID
    assert keyed.request("GET", RESOURCE, headers=headers).status_code == 200
    assert keyed.request("GET", "/metrics", headers=headers).status_code == 200


@pytest.mark.parametrize("headers", [WRITE, BOTH])
def test_a_key_that_may_write_writes(keyed: Server, headers: Headers) -> None:
    sent = keyed.data(SENDING, MESSAGE, headers)["sendPsnMessage"]
    assert sent["messageUid"]
    assert sent["threadId"] == GROUP
    assert len(changes(keyed)) == 1


def test_a_key_that_may_not_read_begins_a_conversation_and_cannot_look_into_it(
    keyed: Server,
) -> None:
    query = changing("createPsnMessageGroup", "group { groupId mainThreadId name } allInvited")
    given = {"input": {"inviteeIds": [world.FRIEND_ACCOUNT_ID]}}
    answer = keyed.ask(query, given, WRITE)
    assert answer.partial["createPsnMessageGroup"]["group"] == {
        "groupId": world.DIRECT_GROUP_ID,
        "mainThreadId": world.DIRECT_GROUP_ID,
        "name": None,
    }
    assert answer.codes == {"createPsnMessageGroup.group.name": "FORBIDDEN"}


@pytest.mark.parametrize(
    "query",
    [
        READING,
        '{ user(accounts: [{ source: PSN, handle: "me" }]) { displayName } }',
        '{ trophyTitle(nativeId: "NPWR00001_00") { name } }',
        '{ searchAccounts(term: "vega") { totalCount } }',
        f'{{ psnOperation(name: "{WISHES}") }}',
        '{ user(accounts: [{ source: TROPHY_SO, handle: "vega" }]) { displayName } }',
    ],
)
def test_a_key_that_may_not_read_reads_nothing_at_all(keyed: Server, query: str) -> None:
    keyed.data(SENDING, MESSAGE, WRITE)
    keyed.psn.log.clear()
    answer = keyed.ask(query, headers=WRITE)
    assert answer.error_codes == {"FORBIDDEN"}
    assert keyed.psn.log == []


def test_a_key_that_may_not_read_downloads_and_measures_nothing(keyed: Server) -> None:
    response = keyed.request("GET", RESOURCE, headers=WRITE)
    assert response.status_code == 403
    assert response.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert keyed.request("GET", "/metrics", headers=WRITE).status_code == 403


@pytest.mark.parametrize(
    ("name", "given", "fields"),
    [
        ("removePsnFriend", {"handle": world.FRIEND_ONLINE_ID}, "removed { id }"),
        ("createPsnMessageGroup", {"inviteeIds": [world.FRIEND_ACCOUNT_ID]}, "allInvited"),
        ("sendPsnMessage", MESSAGE["input"], "messageUid"),
        ("uploadPsnResource", {"groupId": GROUP, "contentBase64": "iVBORw0KGgo="}, "resourceId"),
        ("sendPsnResource", {"groupId": GROUP, "resourceId": "x"}, "messageUid"),
    ],
)
def test_who_may_not_write_changes_nothing(
    keyed: Server, unkeyed: Server, name: str, given: Any, fields: str
) -> None:
    for server, headers, code in (
        (keyed, READ, "FORBIDDEN"),
        (keyed, NOBODY, "UNAUTHENTICATED"),
        (keyed, SECOND_ON_RETRO, "UNAUTHENTICATED"),
        (keyed, {**READ, **SECOND_ON_RETRO}, "FORBIDDEN"),
        (keyed, {**BOTH, **SECOND_ON_TROPHY_SO}, "FORBIDDEN"),
        (unkeyed, NOBODY, "FORBIDDEN"),
        (unkeyed, SECOND_ON_RETRO, "FORBIDDEN"),
        (unkeyed, bearing("any"), "FORBIDDEN"),
    ):
        answer = server.ask(changing(name, fields), {"input": given}, headers)
        assert answer.error_codes == {code}
        assert server.asked() == {}


@pytest.mark.parametrize("path", [RESOURCE, "/metrics", "/graphql?query={__typename}"])
def test_without_a_key_no_door_is_open_where_there_are_keys(keyed: Server, path: str) -> None:
    response = keyed.request("GET", path)
    assert response.status_code == 401
    assert response.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


def test_without_keys_reading_is_open(unkeyed: Server) -> None:
    assert unkeyed.data(READING)["viewer"]["displayName"] == world.OWNER_ONLINE_ID
    assert unkeyed.request("GET", RESOURCE).status_code == 200
    assert unkeyed.request("GET", "/metrics").status_code == 200


def test_the_sandbox_lets_everybody_write_until_it_has_keys() -> None:
    with serving() as server:
        assert server.data(SENDING, MESSAGE)
    with serving(TROPHYCASE_API_KEYS=KEYS) as server:
        assert server.ask(SENDING, MESSAGE, READ).error["code"] == "FORBIDDEN"
        assert server.data(SENDING, MESSAGE, WRITE)


@pytest.mark.parametrize("keys", [READ, WRITE, NOBODY])
def test_own_credentials_write_to_their_own_account_with_any_key_or_none(
    keyed: Server, keys: Headers
) -> None:
    assert keyed.data(SENDING, MESSAGE, {**SECOND_ON_PSN, **keys})
    newest = keyed.psn.world.lounges[GROUP].messages[-1]
    assert newest.sender == world.SECOND_ACCOUNT_ID
    assert all("1000000000000000001" not in token for token in keyed.psn.state.access)


def test_own_credentials_write_where_there_are_no_keys(unkeyed: Server) -> None:
    assert unkeyed.data(SENDING, MESSAGE, SECOND_ON_PSN)
    newest = unkeyed.psn.world.lounges[GROUP].messages[-1]
    assert newest.sender == world.SECOND_ACCOUNT_ID


def test_a_persisted_operation_that_writes_needs_the_rights_of_a_mutation(
    keyed: Server, unkeyed: Server
) -> None:
    for server, headers, status, code in (
        (keyed, READ, 403, "FORBIDDEN"),
        (keyed, NOBODY, 401, "UNAUTHENTICATED"),
        (unkeyed, NOBODY, 403, "FORBIDDEN"),
    ):
        response = passed(server, "POST", headers)
        assert response.status_code == status
        assert response.json()["errors"][0]["extensions"]["code"] == code
        assert not wished(server)
    assert passed(keyed, "POST", BOTH).status_code == 200
    assert wished(keyed)


@pytest.mark.parametrize("headers", [BOTH, SECOND_ON_PSN])
def test_a_persisted_operation_that_writes_is_accepted_by_post_alone(
    keyed: Server, headers: Headers
) -> None:
    response = passed(keyed, "GET", headers)
    assert response.status_code == 405
    assert response.headers["allow"] == "POST"
    assert not wished(keyed)
    assert not wished(keyed, world.SECOND_ACCOUNT_ID)


def test_own_credentials_wish_for_themselves(keyed: Server) -> None:
    assert passed(keyed, "POST", SECOND_ON_PSN).status_code == 200
    assert wished(keyed, world.SECOND_ACCOUNT_ID)
    assert not wished(keyed)


def test_the_graphs_own_field_runs_no_operation_that_writes(keyed: Server) -> None:
    query = (
        '{ psnOperation(name: "wcaAddItemToStoreWishlist", '
        'variables: { input: { itemId: "10000001" } }) }'
    )
    assert keyed.ask(query, headers=BOTH).error["code"] == "FORBIDDEN"
    assert not wished(keyed)


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
def test_an_operation_that_failed_is_an_error_and_no_data(
    keyed: Server, status: int, body: Any, code: str
) -> None:
    keyed.fail("graphql/v1/op", status=status, body=body)
    answer = keyed.ask(f'{{ psnOperation(name: "{WISHES}") }}', headers=BOTH)
    assert answer.partial == {"psnOperation": None}
    assert answer.error["code"] == code


def test_what_a_graphql_service_says_is_data_its_errors_too(keyed: Server) -> None:
    said = {"errors": [{"message": "no"}], "data": None}
    keyed.fail("graphql/v1/op", status=400, body=said)
    query = f'{{ psnOperation(name: "{WISHES}") }}'
    assert keyed.data(query, headers=BOTH) == {"psnOperation": said}


STRANGE: list[list[tuple[str, str | bytes]]] = [
    [("Authorization", b"Bearer k\xe9y")],
    [("Authorization", b"Bearer \xf0\x9f\x94\x91")],
    [("Authorization", b"\xff\xfe")],
    [("Authorization", "Bearer key-wrong"), ("Authorization", "Bearer key-read")],
    [("Authorization", ""), ("Authorization", "")],
    [("Authorization", "Bearer " + "k" * 10_000)],
    [("Authorization", "Bearer\tkey-read")],
    [("x-npsso", b"\xff" * 64), ("x-client-id", b"\xff")],
    [("x-npsso", world.SECOND_NPSSO), ("x-npsso", world.OWNER_NPSSO)],
    [("x-trophy-so-user-id", b"\xff"), ("x-trophy-so-api-key", b"\xff")],
    [("x-retroachievements-username", b"\xff"), ("x-retroachievements-api-key", b"\xff")],
]


@pytest.mark.parametrize("headers", STRANGE)
@pytest.mark.parametrize("path", ["/graphql?query={__typename}", RESOURCE, "/metrics"])
def test_strange_headers_are_refused_and_nothing_breaks(
    keyed: Server, path: str, headers: list[tuple[str, str | bytes]]
) -> None:
    raw: Any = [(name, text.encode() if isinstance(text, str) else text) for name, text in headers]
    response = keyed.request("GET", path, headers=raw)
    assert response.status_code in (400, 401, 431)
    assert response.json()["errors"][0]["extensions"]["code"]
    assert keyed.psn.log == []


def test_the_probes_are_open_to_everybody(keyed: Server) -> None:
    for path in ("/livez", "/readyz"):
        assert keyed.request("GET", path).status_code == 200
