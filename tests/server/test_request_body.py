"""Limits on reading a request's body."""

import asyncio
from typing import Any

import pytest
from starlette.requests import Request

from server import request_body
from server.middleware.request_checks import MAX_BODY_BYTES
from server.request_body import BodyReader
from server.request_error import RequestRejected

BLOCK_SIZE = 64 * 1024


def make_request(*messages: Any) -> Request:
    """Return a request that sends these messages, and then nothing."""
    left = iter(messages)

    async def receive() -> Any:
        found = next(left, None)
        return found or await asyncio.Event().wait()

    return Request({"type": "http", "method": "POST", "headers": []}, receive)


def make_body_message(content: bytes, *, more: bool = True) -> dict[str, Any]:
    return {"type": "http.request", "body": content, "more_body": more}


def read_body(*messages: Any) -> bytes:
    return asyncio.run(BodyReader().read(make_request(*messages)))


def read_rejected(*messages: Any) -> RequestRejected:
    bodies = BodyReader()
    with pytest.raises(RequestRejected) as found:
        asyncio.run(bodies.read(make_request(*messages)))
    assert not bodies.pending
    return found.value


def test_a_body_may_arrive_in_parts() -> None:
    assert (
        read_body(
            make_body_message(b"on"), make_body_message(b""), make_body_message(b"e", more=False)
        )
        == b"one"
    )


def test_a_body_may_be_as_large_as_the_limit_and_no_larger() -> None:
    blocks = [make_body_message(bytes(BLOCK_SIZE))] * (MAX_BODY_BYTES // BLOCK_SIZE)
    assert len(read_body(*blocks, make_body_message(b"", more=False))) == MAX_BODY_BYTES

    over = read_rejected(*blocks, make_body_message(b"1"))
    assert (over.status, over.headers) == (413, {"Connection": "close"})


def test_a_body_that_is_late_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_body, "BODY_TIMEOUT_SECONDS", 0.01)

    late = read_rejected(make_body_message(b"{"))

    assert (late.status, late.headers) == (408, {"Connection": "close"})


def test_a_body_of_a_disconnected_client_is_rejected() -> None:
    assert read_rejected(make_body_message(b"{"), {"type": "http.disconnect"}).status == 400


def test_over_the_limit_the_longest_awaited_body_is_rejected() -> None:
    async def read_three() -> list[Any]:
        bodies = BodyReader(max_concurrent=2)
        stuck = [asyncio.create_task(bodies.read(make_request())) for _ in range(2)]
        await asyncio.sleep(0)  # so that both are waited for
        came = await bodies.read(make_request(make_body_message(b"3", more=False)))
        first = await asyncio.wait_for(asyncio.gather(stuck[0], return_exceptions=True), 5)
        assert not stuck[1].done()
        stuck[1].cancel()
        return [came, *first]

    came, given_up = asyncio.run(read_three())

    assert came == b"3"
    assert (given_up.status, given_up.extensions) == (503, {"code": "OVERLOADED"})
