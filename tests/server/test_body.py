"""A body is there whole and in time, or it is cut off."""

import asyncio
from typing import Any

import pytest
from starlette.requests import Request

from server import request_body
from server.middleware.request_checks import LARGEST_BODY
from server.request_body import Bodies
from server.request_error import Refused

BLOCK = 64 * 1024


def request_of(*messages: Any) -> Request:
    """A request that sends these, and then nothing."""
    left = iter(messages)

    async def receive() -> Any:
        found = next(left, None)
        return found or await asyncio.Event().wait()

    return Request({"type": "http", "method": "POST", "headers": []}, receive)


def part(content: bytes, *, more: bool = True) -> dict[str, Any]:
    return {"type": "http.request", "body": content, "more_body": more}


def read(*messages: Any) -> bytes:
    return asyncio.run(Bodies().read(request_of(*messages)))


def refused(*messages: Any) -> Refused:
    bodies = Bodies()
    with pytest.raises(Refused) as found:
        asyncio.run(bodies.read(request_of(*messages)))
    assert not bodies.awaited
    return found.value


def test_a_body_may_come_in_parts() -> None:
    assert read(part(b"on"), part(b""), part(b"e", more=False)) == b"one"


def test_a_body_may_be_as_large_as_the_limit_and_no_larger() -> None:
    blocks = [part(bytes(BLOCK))] * (LARGEST_BODY // BLOCK)
    assert len(read(*blocks, part(b"", more=False))) == LARGEST_BODY

    over = refused(*blocks, part(b"1"))
    assert (over.status, over.headers) == (413, {"Connection": "close"})


def test_a_body_that_is_late_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_body, "SECONDS", 0.01)

    late = refused(part(b"{"))

    assert (late.status, late.headers) == (408, {"Connection": "close"})


def test_a_body_whose_sender_went_away_is_none() -> None:
    assert refused(part(b"{"), {"type": "http.disconnect"}).status == 400


def test_of_too_many_bodies_the_longest_awaited_makes_room() -> None:
    async def of_three() -> list[Any]:
        bodies = Bodies(at_once=2)
        stuck = [asyncio.create_task(bodies.read(request_of())) for _ in range(2)]
        await asyncio.sleep(0)  # so that both are waited for
        came = await bodies.read(request_of(part(b"3", more=False)))
        first = await asyncio.wait_for(asyncio.gather(stuck[0], return_exceptions=True), 5)
        assert not stuck[1].done()
        stuck[1].cancel()
        return [came, *first]

    came, given_up = asyncio.run(of_three())

    assert came == b"3"
    assert (given_up.status, given_up.extensions) == (503, {"code": "OVERLOADED"})
