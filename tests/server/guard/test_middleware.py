"""What the guard refuses, and what it adds to every answer."""

import asyncio
import logging

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from server.graphql_request import NOTHING_ASKED
from server.middleware.request_guard import Broken, Guard
from tests.server.guard.asking import asked, ignored, inside, nothing

SECRET = "npsso-of-somebody"


async def _broken(_scope: Scope, _receive: Receive, _send: Send) -> None:
    raise ValueError(SECRET)


async def _broken_halfway(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    raise ValueError(SECRET)


def test_a_good_request_gets_through() -> None:
    answer = asked(Guard(inside), path="/graphql?query=%0A%7Bid%7D")
    assert answer.status_code == 200
    assert answer.json()["path"] == "/graphql"


def test_every_answer_has_the_guards_own_headers() -> None:
    sent = {"x-request-id": "theirs"}
    answer = asked(Guard(inside), headers=sent)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers.get_list("x-request-id") == [answer.json()["id"]]
    assert len(answer.json()["id"]) == 16


def test_an_answer_may_be_kept_when_it_says_so_itself() -> None:
    answer = asked(Guard(PlainTextResponse("page", headers={"Cache-Control": "no-cache"})))
    assert answer.headers.get_list("cache-control") == ["no-cache"]


def test_a_draining_server_still_answers_and_then_closes() -> None:
    answer = asked(Guard(inside, draining=lambda: True))
    assert (answer.status_code, answer.headers["connection"]) == (200, "close")


def test_refusals_are_told_to_whoever_counts_them() -> None:
    codes: list[str] = []
    asked(Guard(inside, refused=codes.append), headers={"content-encoding": "br"})
    assert codes == ["BAD_USER_INPUT"]


@pytest.mark.parametrize(
    ("guard", "headers"),
    [
        (Guard(inside), {"content-encoding": "br"}),
        (Guard(_broken), {}),
    ],
)
def test_a_refusal_says_that_no_upstream_was_asked(guard: Guard, headers: dict[str, str]) -> None:
    answer = asked(guard, headers=headers)
    assert answer.status_code >= 400
    assert answer.json()["extensions"] == {"upstream": NOTHING_ASKED}


def test_a_bug_is_an_answer_without_its_text(caplog: pytest.LogCaptureFixture) -> None:
    guard = Guard(_broken)
    with caplog.at_level(logging.ERROR):
        answer = asked(guard)
    assert answer.status_code == 500
    request_id = answer.headers["x-request-id"]
    told = {"code": "INTERNAL_SERVER_ERROR", "requestId": request_id}
    assert answer.json()["errors"][0]["extensions"] == told
    assert request_id in caplog.text
    assert SECRET not in answer.text + caplog.text


def test_an_answer_that_breaks_off_closes_the_connection() -> None:
    guard = Guard(_broken_halfway)
    with pytest.raises(Broken):
        asked(guard)


def test_what_is_not_http_passes() -> None:
    seen: list[str] = []

    async def lifespan(scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.append(scope["type"])

    asyncio.run(Guard(lifespan)({"type": "lifespan"}, nothing, ignored))
    assert seen == ["lifespan"]
