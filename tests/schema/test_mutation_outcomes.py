"""A change is sent once: again only where nothing can have been sent, or the token was refused."""

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
CHANGES: dict[str, tuple[dict[str, Any], str, str]] = {
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
    "it fails": {"status": 503},
    "it fails otherwise": {"status": 500, "body": {"error": {}}},
    "the gateway fails": {"status": 504, "body": "<html>"},
    "the gateway had no answer": {"status": 524, "body": "<html>"},
    "it breaks off": {"reset": True},
    "it redirects": {"status": 307, "headers": {"Location": "https://elsewhere.invalid/"}},
    "it cannot be read": {"status": 200, "body": "<html>fine</html>"},
}


@pytest.fixture
def hurried() -> Iterator[RunningServer]:
    """The sandbox with little time for each operation."""
    with run_server(TROPHYCASE_DEADLINE="0.4") as running:
        yield running


def attempt_change(server: RunningServer, name: str) -> GraphQLResponse:
    """The answer to one of the changes."""
    given, fields, _ = CHANGES[name]
    return send_mutation(server, name, given, fields)


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("how", UNCLEAR_OUTCOMES)
def test_a_change_with_an_unknown_outcome_is_not_retried(
    server: RunningServer, name: str, how: str
) -> None:
    if (name, how) == ("removePsnFriend", "it cannot be read"):
        return  # its answer has nothing to be read
    server.upstreams.add_fault(_make_fault(name, **UNCLEAR_OUTCOMES[how]))
    answer = attempt_change(server, name)
    assert answer.partial_data == {name: None}
    assert answer.error["code"] == "OUTCOME_UNKNOWN"
    assert len(list_write_requests(server)) == 1


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_that_timed_out_is_not_retried(hurried: RunningServer, name: str) -> None:
    hurried.upstreams.add_fault(_make_fault(name, hang=True))
    answer = attempt_change(hurried, name)
    assert answer.error["code"] == "OUTCOME_UNKNOWN"
    assert len(list_write_requests(hurried)) == 1


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_with_a_rejected_token_is_retried_with_a_new_one(
    server: RunningServer, name: str
) -> None:
    server.fetch_data('{ user(accounts: [{ source: PSN, handle: "me" }]) { id } }')
    server.psn.expire_access_tokens()
    assert attempt_change(server, name).data
    # A friendship is looked at first, and the look has got the new token already.
    assert len(list_write_requests(server)) == (1 if name == "removePsnFriend" else 2)
    assert server.psn.calls["POST ca.account.sony.com/api/authz/v3/oauth/token"] == 2


def test_a_token_that_is_always_rejected_is_the_operators_error(server: RunningServer) -> None:
    server.upstreams.add_fault(_make_fault("sendPsnMessage", status=401))
    assert attempt_change(server, "sendPsnMessage").error["code"] == "UPSTREAM_UNAUTHENTICATED"
    assert len(list_write_requests(server)) <= 2


def test_nothing_was_sent_where_there_was_no_sign_in(server: RunningServer) -> None:
    server.inject_fault("/oauth/", status=503)
    answer = attempt_change(server, "sendPsnMessage")
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
    assert attempt_change(server, "sendPsnMessage").data
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
    assert attempt_change(server, "sendPsnMessage").error["code"] == expected
    assert len(list_write_requests(server)) == 1


def test_a_change_with_an_unknown_outcome_invalidates_cached_messages(
    server: RunningServer,
) -> None:
    messages = "messages(first: 1) { edges { node { body } } }"
    text = f'messageGroup(groupId: "{GROUP_ID}") {{ {messages} }}'
    read_account(server, text)
    server.psn.log.clear()
    server.upstreams.add_fault(_make_fault("sendPsnMessage", reset=True, times=1))
    assert attempt_change(server, "sendPsnMessage").error["code"] == "OUTCOME_UNKNOWN"
    read_account(server, text)
    paths = [(request.method, request.url.path) for request in server.psn.log]
    sent, *read = [method for method, path in paths if path.endswith("/messages")]
    assert (sent, read) == ("POST", ["GET"])


def _make_fault(name: str, **how: Any) -> InjectedFault:
    return InjectedFault(CHANGES[name][2], **how)
