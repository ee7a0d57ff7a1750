"""The way to an upstream over a real socket: what is sent, once, and what every end means."""

import asyncio
import gzip
import math
import socket
import time
from typing import Any

import pytest

from providers.errors import BadResponse, OutcomeUnknown, ProviderError, TimedOut, Unavailable
from providers.kit.upstream.connection_pool import ROOM
from providers.kit.upstream.retry import NothingSent
from providers.kit.upstream.upstream_client import LARGEST_BODY, READ_SECONDS, Reply, Upstream
from tests.providers.kit.wire import Connection, Wire, answers, run, says

GOOD = says(answers(b'{"a":1}'))
HANGS_UP = says(b"", then_close=True)


def reading(wire: Wire, **options: Any) -> Reply:
    return run(wire, lambda upstream: upstream.read(wire.url()), **options)


def writing(wire: Wire, method: str = "POST", **options: Any) -> Reply:
    return run(wire, lambda upstream: upstream.write(wire.url(), method=method), **options)


def failed(wire: Wire, kind: type[ProviderError], **options: Any) -> ProviderError:
    with pytest.raises(kind) as error:
        reading(wire, **options)
    assert str(wire.port) not in str(error.value)
    return error.value


def test_a_request_is_sent_as_it_was_built() -> None:
    wire = Wire([GOOD])

    async def ask(upstream: Upstream) -> Reply:
        url = wire.url("/a%2Fb/%2E%2E%2Fc/d%20e;f='g'/ü?x=1&y=%26")
        return await upstream.read(url, headers={"X-Key": "one"}, params={"q": "a b&c=ü'|"})

    reply = run(wire, ask)

    head, *lines = wire.requests[0].decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    assert (reply.status, reply.body) == (200, b'{"a":1}')
    assert head == "GET /a%2Fb/%2E%2E%2Fc/d%20e;f='g'/%C3%BC?q=a+b%26c%3D%C3%BC%27%7C HTTP/1.1"
    assert headers["x-key"] == "one"
    assert headers["user-agent"] == "trophycase"
    assert headers["accept-encoding"] == "gzip"
    assert headers["host"] == f"127.0.0.1:{wire.port}"
    assert "cookie" not in headers
    assert "referer" not in headers


def test_connections_are_used_again_and_no_more_are_opened_than_may_ask_at_once() -> None:
    wire = Wire([GOOD])

    async def many(upstream: Upstream) -> None:
        await asyncio.gather(*(upstream.read(wire.url()) for _ in range(60)))

    run(wire, many, concurrency=5)

    assert len(wire.requests) == 60
    assert wire.connections <= 5


def test_many_at_once_are_spread_over_small_pools_and_few_share_one() -> None:
    wire = Wire([GOOD])

    async def many(upstream: Upstream) -> list[int]:
        for at_once in (1, 30, 1):
            await asyncio.gather(*(upstream.read(wire.url()) for _ in range(at_once)))
        opened = wire.connections
        for _ in range(5):
            await upstream.read(wire.url())
        return [opened, wire.connections]

    opened, at_last = run(wire, many, concurrency=30)

    assert opened == at_last <= 30
    assert len(wire.pools.pools) == math.ceil(30 / ROOM)


def test_no_cookie_is_kept_and_nobody_is_followed() -> None:
    wire = Wire([says(answers(b"{}", "Set-Cookie: a=secret; Path=/")), GOOD])

    async def twice(upstream: Upstream) -> None:
        await upstream.read(wire.url())
        await upstream.read(wire.url())

    run(wire, twice)

    assert b"secret" not in wire.requests[1]
    assert b"ookie:" not in wire.requests[1]


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Go", "308 Gone"])
def test_nobody_is_followed_elsewhere(status: str) -> None:
    other = Wire([GOOD])
    wire = Wire([says(answers(b"", "Location: /other", status=status))])

    failed(wire, BadResponse)

    assert len(wire.requests) == 1
    assert other.requests == []


def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)

    assert reading(Wire([GOOD])).status == 200


def test_a_compressed_answer_is_inflated_here() -> None:
    body = gzip.compress(b'{"a": 1}')

    assert reading(Wire([says(answers(body, "Content-Encoding: gzip"))])).body == b'{"a": 1}'


@pytest.mark.parametrize(
    "sent",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" + answers(b"{}"),
        b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + answers(b"{}"),
        answers(b"{}", "X-Odd: caf\xe9", "X-Odd: twice"),
        answers(b"{}", "X-Long: " + "x" * 30_000),
        b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\n{}",
    ],
    ids=["chunked", "continue", "hints", "latin", "long", "no reason"],
)
def test_an_answer_of_any_lawful_shape_is_read(sent: bytes) -> None:
    assert reading(Wire([says(sent)])).body == b"{}"


def test_an_answer_without_a_length_ends_with_the_connection() -> None:
    sent = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{}"

    assert reading(Wire([says(sent, then_close=True)])).body == b"{}"


@pytest.mark.parametrize(
    "sent",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    ],
    ids=["length", "chunk", "in a chunk", "no number"],
)
def test_an_answer_that_was_cut_is_asked_for_once_more_and_is_no_answer(sent: bytes) -> None:
    wire = Wire([says(sent, then_close=True)])

    failed(wire, BadResponse)

    assert len(wire.requests) == 2


@pytest.mark.parametrize(
    "sent",
    [b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 2", b"HTTP/1.1 abc OK\r\n\r\n", b"\x16\x03\x01\x00"],
    ids=range(5),
)
def test_an_end_before_any_answer_is_asked_for_once_more(sent: bytes) -> None:
    wire = Wire([says(sent, then_close=True)])

    failed(wire, Unavailable)

    assert len(wire.requests) == 2


def test_a_head_without_end_is_dropped() -> None:
    async def endless(connection: Connection) -> None:
        await connection.send(b"HTTP/1.1 200 OK\r\n")
        while True:
            await connection.send(b"X-More: " + b"x" * 8000 + b"\r\n")

    failed(Wire([endless]), ProviderError, deadline=4)


def test_nobody_there_means_that_nothing_was_sent() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"

        for change in (False, True):

            async def ask(upstream: Upstream, *, change: bool = change) -> Reply:
                return await (upstream.write(url) if change else upstream.read(url))

            with pytest.raises(NothingSent):
                run(Wire([GOOD]), ask)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize(
    "end",
    [
        HANGS_UP,
        says(b"HTTP/1.1 2", then_close=True),
        says(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}", then_close=True),
        says(answers(status="503 Busy")),
    ],
    ids=["hangs up", "in the head", "in the body", "fails"],
)
def test_a_change_is_sent_once_whatever_becomes_of_it(method: str, end: Any) -> None:
    wire = Wire([end])

    with pytest.raises(OutcomeUnknown):
        writing(wire, method)

    assert len(wire.requests) == 1


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_a_change_on_a_connection_used_before_is_sent_once_too(method: str) -> None:
    wire = Wire([GOOD, HANGS_UP, GOOD])

    async def ask(upstream: Upstream) -> None:
        await upstream.read(wire.url())
        with pytest.raises(OutcomeUnknown):
            await upstream.write(wire.url(), method=method)

    run(wire, ask)

    assert len(wire.requests) == 2
    assert wire.connections == 1


@pytest.mark.parametrize("changes", [False, True])
def test_a_connection_that_was_closed_while_idle_is_not_used(changes: bool) -> None:
    wire = Wire([says(answers(b"{}"), then_close=True), GOOD])

    async def ask(upstream: Upstream) -> Reply:
        await upstream.read(wire.url())
        await wire.ended.wait()
        return await (upstream.write if changes else upstream.read)(wire.url())

    assert run(wire, ask).status == 200
    assert len(wire.requests) == 2


def test_whoever_goes_away_leaves_no_answer_behind_for_the_next_one() -> None:
    async def late(connection: Connection) -> None:
        await connection.gone()

    wire = Wire([late, says(answers(b'"second"'))])

    async def ask(upstream: Upstream) -> Reply:
        asking = asyncio.create_task(upstream.read(wire.url()))
        await wire.asked.wait()
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        return await upstream.read(wire.url())

    assert run(wire, ask).body == b'"second"'
    assert wire.connections == 2


def test_whoever_does_not_answer_is_given_up_at_the_deadline_and_hung_up_on() -> None:
    hung_up = asyncio.Event()

    async def silent(connection: Connection) -> None:
        await connection.gone()
        hung_up.set()

    wire = Wire([silent])

    async def ask(upstream: Upstream) -> float:
        began = time.monotonic()
        with pytest.raises(TimedOut):
            await upstream.read(wire.url())
        took = time.monotonic() - began
        await asyncio.wait_for(hung_up.wait(), 5)
        return took

    assert 0.25 < run(wire, ask, deadline=0.3) < READ_SECONDS


def test_an_answer_a_byte_at_a_time_is_given_up_at_the_deadline() -> None:
    async def slow(connection: Connection) -> None:
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while True:
            await connection.send(b"x")
            await asyncio.sleep(0.02)

    failed(Wire([slow]), TimedOut, deadline=0.3)


def test_an_answer_that_is_too_large_is_not_read_to_its_end() -> None:
    sent = 0

    async def flood(connection: Connection) -> None:
        nonlocal sent
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        while True:
            await connection.send(b"x" * 65_536)
            sent += 65_536

    wire = Wire([flood])

    async def ask(upstream: Upstream) -> None:
        with pytest.raises(BadResponse):
            await upstream.read(wire.url())
        await wire.ended.wait()

    run(wire, ask)

    assert sent < 4 * LARGEST_BODY
