"""What the request guard rejects, and what it adds to every response."""

import asyncio
import logging
import re

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from server.graphql_request import NO_UPSTREAM_CALLS
from server.middleware.request_guard import RequestGuard, ResponseAborted
from tests.server.middleware.guard_requests import (
    discard_message,
    echo_app,
    receive_disconnect,
    send_request,
)

SECRET = "npsso-of-somebody"


def trust(scope: Scope) -> None:
    """Take any peer for a trusted proxy."""
    scope["state"]["is_peer_trusted"] = True


async def _raise_error(_scope: Scope, _receive: Receive, _send: Send) -> None:
    raise ValueError(SECRET)


async def _raise_after_start(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    raise ValueError(SECRET)


def test_a_valid_request_reaches_the_application() -> None:
    answer = send_request(RequestGuard(echo_app), path="/graphql?query=%0A%7Bid%7D")
    assert answer.status_code == 200
    assert answer.json()["path"] == "/graphql"


def test_every_response_has_the_default_headers() -> None:
    sent = {"x-request-id": "theirs"}
    answer = send_request(RequestGuard(echo_app), headers=sent)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers.get_list("x-request-id") == [answer.json()["id"]]
    assert len(answer.json()["id"]) == 16


@pytest.mark.parametrize(
    "given",
    ["6f1e3a52-8c0d-4b7e-9a1f-0c2d4e6f8a90", "Root=1-67891233-abcdef012345678912345678", "a" * 128],
)
def test_a_trusted_proxy_gives_a_request_its_id(given: str) -> None:
    answer = send_request(RequestGuard(echo_app, check_peer=trust), headers={"x-request-id": given})
    assert answer.headers.get_list("x-request-id") == [answer.json()["id"]] == [given]


@pytest.mark.parametrize("given", ["", "a" * 129, "two words", "a\u00e9", "<script>", "{}"])
def test_an_id_that_is_not_well_formed_is_replaced(given: str) -> None:
    sent = {"x-request-id": given.encode("latin-1")}
    answer = send_request(RequestGuard(echo_app, check_peer=trust), headers=sent)
    assert answer.headers.get_list("x-request-id") == [answer.json()["id"]]
    assert re.fullmatch("[0-9a-f]{16}", answer.json()["id"])


def test_two_ids_are_none() -> None:
    sent = [("x-request-id", "first"), ("x-request-id", "second")]
    answer = send_request(RequestGuard(echo_app, check_peer=trust), headers=sent)
    assert answer.headers["x-request-id"] not in ("first", "second")


def test_a_response_may_set_its_own_cache_control() -> None:
    answer = send_request(
        RequestGuard(PlainTextResponse("page", headers={"Cache-Control": "no-cache"}))
    )
    assert answer.headers.get_list("cache-control") == ["no-cache"]


def test_a_draining_server_responds_and_closes_the_connection() -> None:
    answer = send_request(RequestGuard(echo_app, is_draining=lambda: True))
    assert (answer.status_code, answer.headers["connection"]) == (200, "close")


def test_rejections_are_reported_to_the_callback() -> None:
    codes: list[str] = []
    send_request(
        RequestGuard(echo_app, on_rejected=codes.append), headers={"content-encoding": "br"}
    )
    assert codes == ["BAD_USER_INPUT"]


@pytest.mark.parametrize(
    ("guard", "headers"),
    [
        (RequestGuard(echo_app), {"content-encoding": "br"}),
        (RequestGuard(_raise_error), {}),
    ],
)
def test_a_rejection_reports_that_no_upstream_was_called(
    guard: RequestGuard, headers: dict[str, str]
) -> None:
    answer = send_request(guard, headers=headers)
    assert answer.status_code >= 400
    assert answer.json()["extensions"] == {"upstream": NO_UPSTREAM_CALLS}


def test_an_internal_error_does_not_show_its_text(caplog: pytest.LogCaptureFixture) -> None:
    guard = RequestGuard(_raise_error)
    with caplog.at_level(logging.ERROR):
        answer = send_request(guard)
    assert answer.status_code == 500
    request_id = answer.headers["x-request-id"]
    expected = {"code": "INTERNAL_SERVER_ERROR", "requestId": request_id}
    assert answer.json()["errors"][0]["extensions"] == expected
    assert request_id in caplog.text
    assert SECRET not in answer.text + caplog.text


def test_a_failure_during_a_response_closes_the_connection() -> None:
    guard = RequestGuard(_raise_after_start)
    with pytest.raises(ResponseAborted):
        send_request(guard)


def test_other_scopes_pass_through() -> None:
    seen: list[str] = []

    async def lifespan(scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.append(scope["type"])

    asyncio.run(RequestGuard(lifespan)({"type": "lifespan"}, receive_disconnect, discard_message))
    assert seen == ["lifespan"]
