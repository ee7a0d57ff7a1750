"""A change is sent once: again only where nothing can have been sent, or the token was refused."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from providers.kit.sandbox import Fault
from providers.psn.sandbox import world
from tests.asking import Answer, Server, serving
from tests.server.people.psn import PNG, account, changed, changes, encoded

GROUP = world.DIRECT_GROUP_ID
CHANGES: dict[str, tuple[dict[str, Any], str, str]] = {
    "removePsnFriend": (
        {"handle": world.FRIEND_ACCOUNT_ID},
        "removed { accountId }",
        f"friends/{world.FRIEND_ACCOUNT_ID}[?]",
    ),
    "createPsnMessageGroup": (
        {"inviteeIds": [world.FRIEND_ACCOUNT_ID, world.SECOND_ACCOUNT_ID]},
        "group { groupId }",
        "v1/groups[?]",
    ),
    "sendPsnMessage": ({"groupId": GROUP, "body": "once"}, "messageUid", "/messages[?]"),
    "uploadPsnResource": (
        {"groupId": GROUP, "contentBase64": encoded(PNG)},
        "resourceId",
        "/resources[?]",
    ),
    "sendPsnResource": (
        {"groupId": GROUP, "resourceId": world.IMAGE_RESOURCE_ID},
        "messageUid",
        "/messages[?]",
    ),
}
UNCLEAR: dict[str, dict[str, Any]] = {
    "it fails": {"status": 503},
    "it fails otherwise": {"status": 500, "body": {"error": {}}},
    "the gateway fails": {"status": 504, "body": "<html>"},
    "the gateway had no answer": {"status": 524, "body": "<html>"},
    "it breaks off": {"reset": True},
    "it redirects": {"status": 307, "headers": {"Location": "https://elsewhere.invalid/"}},
    "it cannot be read": {"status": 200, "body": "<html>fine</html>"},
}


@pytest.fixture
def hurried() -> Iterator[Server]:
    """The sandbox with little time for each operation."""
    with serving(TROPHYCASE_DEADLINE="0.4") as running:
        yield running


def attempted(server: Server, name: str) -> Answer:
    """The answer to one of the changes."""
    given, fields, _ = CHANGES[name]
    return changed(server, name, given, fields)


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("how", UNCLEAR)
def test_what_may_have_happened_is_not_repeated(server: Server, name: str, how: str) -> None:
    if (name, how) == ("removePsnFriend", "it cannot be read"):
        return  # its answer has nothing to be read
    server.upstreams.fault(_fault(name, **UNCLEAR[how]))
    answer = attempted(server, name)
    assert answer.partial == {name: None}
    assert answer.error["code"] == "OUTCOME_UNKNOWN"
    assert len(changes(server)) == 1


@pytest.mark.parametrize("name", CHANGES)
def test_what_was_not_answered_in_time_is_not_repeated(hurried: Server, name: str) -> None:
    hurried.upstreams.fault(_fault(name, hang=True))
    answer = attempted(hurried, name)
    assert answer.error["code"] == "OUTCOME_UNKNOWN"
    assert len(changes(hurried)) == 1


@pytest.mark.parametrize("name", CHANGES)
def test_what_the_authoriser_refused_is_sent_again_with_a_new_token(
    server: Server, name: str
) -> None:
    server.data('{ user(accounts: [{ source: PSN, handle: "me" }]) { id } }')
    server.psn.expire_access_tokens()
    assert attempted(server, name).data
    # A friendship is looked at first, and the look has got the new token already.
    assert len(changes(server)) == (1 if name == "removePsnFriend" else 2)
    assert server.psn.calls["POST ca.account.sony.com/api/authz/v3/oauth/token"] == 2


def test_a_token_that_is_refused_for_good_is_the_operators_affair(server: Server) -> None:
    server.upstreams.fault(_fault("sendPsnMessage", status=401))
    assert attempted(server, "sendPsnMessage").error["code"] == "UPSTREAM_UNAUTHENTICATED"
    assert len(changes(server)) <= 2


def test_nothing_was_sent_where_there_was_no_sign_in(server: Server) -> None:
    server.fail("/oauth/", status=503)
    answer = attempted(server, "sendPsnMessage")
    assert answer.error["code"] == "UPSTREAM_UNAVAILABLE"
    assert changes(server) == []


def test_nothing_was_sent_where_there_was_no_connection() -> None:
    with serving(sandbox=False, PSN_MOBILE_URL="http://127.0.0.1:9") as server:
        answer = server.ask(
            f'mutation {{ sendPsnMessage(input: {{ groupId: "{GROUP}", body: "x" }}) '
            "{ messageUid } }",
            headers={
                "x-client-id": world.CLIENT_ID,
                "x-client-secret": world.CLIENT_SECRET,
                "x-npsso": world.SECOND_NPSSO,
            },
        )
        assert answer.error["code"] == "UPSTREAM_UNAVAILABLE"
        assert changes(server) == []


def test_what_never_left_is_sent_again(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    reached = server.upstreams.handle_async_request
    lost: list[str] = []

    async def unreachable_at_first(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/messages") and not lost:
            lost.append(request.method)
            raise httpx.ConnectError("no connection", request=request)
        return await reached(request)

    monkeypatch.setattr(server.upstreams, "handle_async_request", unreachable_at_first)
    assert attempted(server, "sendPsnMessage").data
    assert lost == ["POST"]
    assert len(changes(server)) == 1


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ({"status": 403, "body": {"error": {"code": 2285568 + 14}}}, "FORBIDDEN"),
        ({"status": 404, "body": {"error": {"code": 2285568 + 13}}}, "NOT_FOUND"),
        ({"status": 429, "headers": {"Retry-After": "60"}}, "UPSTREAM_RATE_LIMITED"),
        ({"status": 400, "body": {"error": {"code": 2285568 + 523}}}, "UPSTREAM_RATE_LIMITED"),
    ],
)
def test_a_refusal_is_certain_and_sent_once(
    server: Server, how: dict[str, Any], expected: str
) -> None:
    server.upstreams.fault(_fault("sendPsnMessage", **how))
    assert attempted(server, "sendPsnMessage").error["code"] == expected
    assert len(changes(server)) == 1


def test_a_change_whose_outcome_is_unknown_is_looked_for_afresh(server: Server) -> None:
    messages = "messages(first: 1) { edges { node { body } } }"
    text = f'messageGroup(groupId: "{GROUP}") {{ {messages} }}'
    account(server, text)
    server.psn.log.clear()
    server.upstreams.fault(_fault("sendPsnMessage", reset=True, times=1))
    assert attempted(server, "sendPsnMessage").error["code"] == "OUTCOME_UNKNOWN"
    account(server, text)
    paths = [(request.method, request.url.path) for request in server.psn.log]
    sent, *read = [method for method, path in paths if path.endswith("/messages")]
    assert (sent, read) == ("POST", ["GET"])


def _fault(name: str, **how: Any) -> Fault:
    return Fault(CHANGES[name][2], **how)
