"""A mutation is sent once; again only if it cannot have been received, or for a new token."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from providers.kit.sandbox import InjectedFault
from providers.psn.sandbox import constants
from tests.harness import GraphQLResponse, RunningServer, run_server
from tests.schema.psn_queries import (
    PNG,
    encode_base64,
    list_write_requests,
    read_account,
    send_mutation,
)

GROUP_ID = constants.DIRECT_GROUP_ID
MUTATIONS: dict[str, tuple[dict[str, Any], str, str]] = {
    "removePsnFriend": (
        {"handle": constants.FRIEND_ACCOUNT_ID},
        "removed { accountId }",
        f"friends/{constants.FRIEND_ACCOUNT_ID}[?]",
    ),
    "createPsnMessageGroup": (
        {"inviteeIds": [constants.FRIEND_ACCOUNT_ID, constants.SECOND_ACCOUNT_ID]},
        "group { groupId }",
        "v1/groups[?]",
    ),
    "sendPsnMessage": ({"groupId": GROUP_ID, "body": "once"}, "messageUid", "/messages[?]"),
    "uploadPsnResource": (
        {"groupId": GROUP_ID, "contentBase64": encode_base64(PNG)},
        "resourceId",
        "/resources[?]",
    ),
    "sendPsnResource": (
        {"groupId": GROUP_ID, "resourceId": constants.IMAGE_RESOURCE_ID},
        "messageUid",
        "/messages[?]",
    ),
}
UNCLEAR_OUTCOMES: dict[str, dict[str, Any]] = {
    "an error": {"status": 503},
    "another error": {"status": 500, "body": {"error": {}}},
    "a gateway error": {"status": 504, "body": "<html>"},
    "a gateway timeout": {"status": 524, "body": "<html>"},
    "a reset connection": {"reset": True},
    "a redirect": {"status": 307, "headers": {"Location": "https://elsewhere.invalid/"}},
    "an unreadable response": {"status": 200, "body": "<html>fine</html>"},
}


@pytest.fixture
def short_deadline() -> Iterator[RunningServer]:
    """Run the sandbox with a short deadline."""
    with run_server(TROPHYCASE_DEADLINE="0.4") as running:
        yield running


def send_one(server: RunningServer, name: str) -> GraphQLResponse:
    """Send one of the mutations, and return the response."""
    input_fields, fields, _ = MUTATIONS[name]
    return send_mutation(server, name, input_fields, fields)


@pytest.mark.slow
@pytest.mark.parametrize("name", MUTATIONS)
@pytest.mark.parametrize("how", UNCLEAR_OUTCOMES)
def test_a_change_with_an_unknown_outcome_is_not_retried(
    server: RunningServer, name: str, how: str
) -> None:
    if (name, how) == ("removePsnFriend", "an unreadable response"):
        return  # its response has no body to be read
    server.upstreams.add_fault(_make_fault(name, **UNCLEAR_OUTCOMES[how]))
    answer = send_one(server, name)
    assert answer.partial_data == {name: None}
    assert answer.error["code"] == "OUTCOME_UNKNOWN"
    assert len(list_write_requests(server)) == 1


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_change_that_timed_out_is_not_retried(short_deadline: RunningServer, name: str) -> None:
    short_deadline.upstreams.add_fault(_make_fault(name, hang=True))
    answer = send_one(short_deadline, name)
    assert answer.error["code"] == "OUTCOME_UNKNOWN"
    assert len(list_write_requests(short_deadline)) == 1


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_change_with_a_rejected_token_is_retried_with_a_new_one(
    server: RunningServer, name: str
) -> None:
    server.fetch_data('{ user(accounts: [{ source: PSN, handle: "me" }]) { id } }')
    server.psn.expire_access_tokens()
    assert send_one(server, name).data
    # The friendship is looked up first, and that call has got the new token already.
    assert len(list_write_requests(server)) == (1 if name == "removePsnFriend" else 2)
    assert server.psn.calls["POST ca.account.sony.com/api/authz/v3/oauth/token"] == 2


def test_a_token_that_is_always_rejected_is_the_operators_error(server: RunningServer) -> None:
    server.upstreams.add_fault(_make_fault("sendPsnMessage", status=401))
    assert send_one(server, "sendPsnMessage").error["code"] == "UPSTREAM_UNAUTHENTICATED"
    assert len(list_write_requests(server)) <= 2


def test_nothing_was_sent_where_there_was_no_sign_in(server: RunningServer) -> None:
    server.inject_fault("/oauth/", status=503)
    answer = send_one(server, "sendPsnMessage")
    assert answer.error["code"] == "UPSTREAM_UNAVAILABLE"
    assert list_write_requests(server) == []


def test_nothing_was_sent_where_there_was_no_connection() -> None:
    with run_server(sandbox=False, PSN_MOBILE_URL="http://127.0.0.1:9") as server:
        answer = server.execute(
            f'mutation {{ sendPsnMessage(input: {{ groupId: "{GROUP_ID}", body: "x" }}) '
            "{ messageUid } }",
            headers={
                "x-client-id": constants.CLIENT_ID,
                "x-client-secret": constants.CLIENT_SECRET,
                "x-npsso": constants.SECOND_NPSSO,
            },
        )
        assert answer.error["code"] == "UPSTREAM_UNAVAILABLE"
        assert list_write_requests(server) == []


def test_a_change_that_was_never_sent_is_retried(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = server.upstreams.handle_async_request
    failed_methods: list[str] = []

    async def unreachable_at_first(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/messages") and not failed_methods:
            failed_methods.append(request.method)
            raise httpx.ConnectError("no connection", request=request)
        return await send(request)

    monkeypatch.setattr(server.upstreams, "handle_async_request", unreachable_at_first)
    assert send_one(server, "sendPsnMessage").data
    assert failed_methods == ["POST"]
    assert len(list_write_requests(server)) == 1


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ({"status": 403, "body": {"error": {"code": 2285568 + 14}}}, "FORBIDDEN"),
        ({"status": 404, "body": {"error": {"code": 2285568 + 13}}}, "NOT_FOUND"),
        ({"status": 429, "headers": {"Retry-After": "60"}}, "UPSTREAM_RATE_LIMITED"),
        ({"status": 400, "body": {"error": {"code": 2285568 + 523}}}, "UPSTREAM_RATE_LIMITED"),
    ],
)
def test_a_rejected_change_is_final_and_sent_once(
    server: RunningServer, how: dict[str, Any], expected: str
) -> None:
    server.upstreams.add_fault(_make_fault("sendPsnMessage", **how))
    assert send_one(server, "sendPsnMessage").error["code"] == expected
    assert len(list_write_requests(server)) == 1


def test_a_change_with_an_unknown_outcome_invalidates_cached_messages(
    server: RunningServer,
) -> None:
    messages = "messages(first: 1) { edges { node { body } } }"
    text = f'messageGroup(groupId: "{GROUP_ID}") {{ {messages} }}'
    read_account(server, text)
    server.psn.log.clear()
    server.upstreams.add_fault(_make_fault("sendPsnMessage", reset=True, times=1))
    assert send_one(server, "sendPsnMessage").error["code"] == "OUTCOME_UNKNOWN"
    read_account(server, text)
    paths = [(request.method, request.url.path) for request in server.psn.log]
    sent, *read = [method for method, path in paths if path.endswith("/messages")]
    assert (sent, read) == ("POST", ["GET"])


def _make_fault(name: str, **how: Any) -> InjectedFault:
    return InjectedFault(MUTATIONS[name][2], **how)
