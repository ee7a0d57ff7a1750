"""Calls over a real socket: what is sent, connection reuse, and every way a call can end."""

import asyncio
import gzip
import socket
import time
from importlib.metadata import version
from typing import Any

import pytest

from providers.errors import BadResponse, OutcomeUnknown, ProviderError, TimedOut, Unavailable
from providers.kit.upstream.retry import RequestNotSent
from providers.kit.upstream.upstream_client import (
    MAX_BODY_BYTES,
    READ_SECONDS,
    UpstreamClient,
    UpstreamResponse,
)
from tests.providers.kit.upstream.scripted_server import (
    ScriptedServer,
    ServerConnection,
    build_response,
    make_send_step,
    run_with_server,
)

SEND_OK = make_send_step(build_response(b'{"a":1}'))
CLOSE = make_send_step(b"", then_close=True)


def run_read(server: ScriptedServer, **options: Any) -> UpstreamResponse:
    return run_with_server(server, lambda upstream: upstream.read(server.build_url()), **options)


def run_write(server: ScriptedServer, method: str = "POST", **options: Any) -> UpstreamResponse:
    return run_with_server(
        server, lambda upstream: upstream.write(server.build_url(), method=method), **options
    )


def run_and_get_error(
    server: ScriptedServer, error_type: type[ProviderError], **options: Any
) -> ProviderError:
    with pytest.raises(error_type) as error:
        run_read(server, **options)
    assert str(server.port) not in str(error.value)
    return error.value


def test_a_request_is_sent_as_it_was_built() -> None:
    server = ScriptedServer([SEND_OK])

    async def scenario(upstream: UpstreamClient) -> UpstreamResponse:
        url = server.build_url("/a%2Fb/%2E%2E%2Fc/d%20e;f='g'/ü?x=1&y=%26")
        return await upstream.read(url, headers={"X-Key": "one"}, params={"q": "a b&c=ü'|"})

    response = run_with_server(server, scenario)

    head, *lines = server.requests[0].decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    assert (response.status, response.body) == (200, b'{"a":1}')
    assert head == "GET /a%2Fb/%2E%2E%2Fc/d%20e;f='g'/%C3%BC?q=a+b%26c%3D%C3%BC%27%7C HTTP/1.1"
    assert headers["x-key"] == "one"
    assert headers["user-agent"] == f"trophycase/{version('trophycase')}"
    assert headers["accept-encoding"] == "gzip"
    assert headers["host"] == f"127.0.0.1:{server.port}"
    assert "cookie" not in headers
    assert "referer" not in headers


@pytest.mark.slow
def test_connections_are_reused_up_to_the_concurrency_limit() -> None:
    server = ScriptedServer([SEND_OK])

    async def run_many(upstream: UpstreamClient) -> None:
        await asyncio.gather(*(upstream.read(server.build_url()) for _ in range(60)))

    run_with_server(server, run_many, concurrency=5)

    assert len(server.requests) == 60
    assert server.connections <= 5


@pytest.mark.slow
def test_idle_connections_are_reused() -> None:
    server = ScriptedServer([SEND_OK])

    async def run_many(upstream: UpstreamClient) -> list[int]:
        for concurrency in (1, 30, 1):
            await asyncio.gather(*(upstream.read(server.build_url()) for _ in range(concurrency)))
        opened = server.connections
        for _ in range(5):
            await upstream.read(server.build_url())
        return [opened, server.connections]

    opened, opened_at_the_end = run_with_server(server, run_many, concurrency=30)

    assert opened == opened_at_the_end <= 30


def test_cookies_are_not_kept() -> None:
    server = ScriptedServer(
        [make_send_step(build_response(b"{}", "Set-Cookie: a=secret; Path=/")), SEND_OK]
    )

    async def run_twice(upstream: UpstreamClient) -> None:
        await upstream.read(server.build_url())
        await upstream.read(server.build_url())

    run_with_server(server, run_twice)

    assert b"secret" not in server.requests[1]
    assert b"ookie:" not in server.requests[1]


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Go", "308 Gone"])
def test_redirects_are_not_followed(status: str) -> None:
    server = ScriptedServer(
        [make_send_step(build_response(b"", "Location: /other", status=status))]
    )

    run_and_get_error(server, BadResponse)

    assert len(server.requests) == 1


def test_proxy_environment_variables_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)

    assert run_read(ScriptedServer([SEND_OK])).status == 200


def test_a_compressed_response_is_decompressed() -> None:
    body = gzip.compress(b'{"a": 1}')

    assert (
        run_read(
            ScriptedServer([make_send_step(build_response(body, "Content-Encoding: gzip"))])
        ).body
        == b'{"a": 1}'
    )


@pytest.mark.parametrize(
    "sent",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" + build_response(b"{}"),
        b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + build_response(b"{}"),
        build_response(b"{}", "X-Odd: caf\xe9", "X-Odd: twice"),
        build_response(b"{}", "X-Long: " + "x" * 30_000),
        b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\n{}",
    ],
    ids=["chunked", "continue", "hints", "latin", "long", "no reason"],
)
def test_every_valid_response_format_is_read(sent: bytes) -> None:
    assert run_read(ScriptedServer([make_send_step(sent)])).body == b"{}"


def test_a_response_without_a_length_ends_with_the_connection() -> None:
    sent = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{}"

    assert run_read(ScriptedServer([make_send_step(sent, then_close=True)])).body == b"{}"


@pytest.mark.slow
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
def test_a_truncated_response_is_retried_once_and_is_an_error(sent: bytes) -> None:
    server = ScriptedServer([make_send_step(sent, then_close=True)])

    run_and_get_error(server, BadResponse)

    assert len(server.requests) == 2


@pytest.mark.slow
@pytest.mark.parametrize(
    "sent",
    [b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 2", b"HTTP/1.1 abc OK\r\n\r\n", b"\x16\x03\x01\x00"],
    ids=range(5),
)
def test_a_connection_closed_before_the_response_is_retried_once(sent: bytes) -> None:
    server = ScriptedServer([make_send_step(sent, then_close=True)])

    run_and_get_error(server, Unavailable)

    assert len(server.requests) == 2


@pytest.mark.slow
def test_endless_response_headers_are_aborted() -> None:
    async def send_endless_headers(connection: ServerConnection) -> None:
        await connection.send(b"HTTP/1.1 200 OK\r\n")
        while True:
            await connection.send(b"X-More: " + b"x" * 8000 + b"\r\n")

    run_and_get_error(ScriptedServer([send_endless_headers]), ProviderError, deadline=4)


@pytest.mark.slow
def test_a_refused_connection_means_that_nothing_was_sent() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{bound.getsockname()[1]}/"

        for writes in (False, True):

            async def call(upstream: UpstreamClient, *, writes: bool = writes) -> UpstreamResponse:
                return await (upstream.write(url) if writes else upstream.read(url))

            with pytest.raises(RequestNotSent):
                run_with_server(ScriptedServer([SEND_OK]), call)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize(
    "step",
    [
        CLOSE,
        make_send_step(b"HTTP/1.1 2", then_close=True),
        make_send_step(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}", then_close=True),
        make_send_step(build_response(status="503 Busy")),
    ],
    ids=["closed", "closed in the head", "closed in the body", "server error"],
)
def test_a_write_is_sent_once_whatever_its_outcome(method: str, step: Any) -> None:
    server = ScriptedServer([step])

    with pytest.raises(OutcomeUnknown):
        run_write(server, method)

    assert len(server.requests) == 1


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_a_write_on_a_reused_connection_is_sent_once(method: str) -> None:
    server = ScriptedServer([SEND_OK, CLOSE, SEND_OK])

    async def scenario(upstream: UpstreamClient) -> None:
        await upstream.read(server.build_url())
        with pytest.raises(OutcomeUnknown):
            await upstream.write(server.build_url(), method=method)

    run_with_server(server, scenario)

    assert len(server.requests) == 2
    assert server.connections == 1


@pytest.mark.parametrize("writes", [False, True])
def test_a_connection_closed_while_idle_is_not_reused(writes: bool) -> None:
    server = ScriptedServer([make_send_step(build_response(b"{}"), then_close=True), SEND_OK])

    async def scenario(upstream: UpstreamClient) -> UpstreamResponse:
        await upstream.read(server.build_url())
        await server.connection_closed.wait()
        return await (upstream.write if writes else upstream.read)(server.build_url())

    assert run_with_server(server, scenario).status == 200
    assert len(server.requests) == 2


def test_a_cancelled_call_leaves_no_response_for_the_next_one() -> None:
    async def never_respond(connection: ServerConnection) -> None:
        await connection.wait_until_closed()

    server = ScriptedServer([never_respond, make_send_step(build_response(b'"second"'))])

    async def scenario(upstream: UpstreamClient) -> UpstreamResponse:
        task = asyncio.create_task(upstream.read(server.build_url()))
        await server.request_received.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return await upstream.read(server.build_url())

    assert run_with_server(server, scenario).body == b'"second"'
    assert server.connections == 2


@pytest.mark.slow
def test_a_server_that_does_not_respond_times_out_at_the_deadline_and_is_disconnected() -> None:
    disconnected = asyncio.Event()

    async def never_respond(connection: ServerConnection) -> None:
        await connection.wait_until_closed()
        disconnected.set()

    server = ScriptedServer([never_respond])

    async def scenario(upstream: UpstreamClient) -> float:
        started_at = time.monotonic()
        with pytest.raises(TimedOut):
            await upstream.read(server.build_url())
        elapsed = time.monotonic() - started_at
        await asyncio.wait_for(disconnected.wait(), 5)
        return elapsed

    assert 0.25 < run_with_server(server, scenario, deadline=0.3) < READ_SECONDS


@pytest.mark.slow
def test_a_response_sent_byte_by_byte_times_out_at_the_deadline() -> None:
    async def send_slowly(connection: ServerConnection) -> None:
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while True:
            await connection.send(b"x")
            await asyncio.sleep(0.02)

    run_and_get_error(ScriptedServer([send_slowly]), TimedOut, deadline=0.3)


def test_a_response_that_is_too_large_is_aborted() -> None:
    sent = 0

    async def send_endless_body(connection: ServerConnection) -> None:
        nonlocal sent
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        while True:
            await connection.send(b"x" * 65_536)
            sent += 65_536

    server = ScriptedServer([send_endless_body])

    async def scenario(upstream: UpstreamClient) -> None:
        with pytest.raises(BadResponse):
            await upstream.read(server.build_url())
        await server.connection_closed.wait()

    run_with_server(server, scenario)

    assert sent < 4 * MAX_BODY_BYTES
