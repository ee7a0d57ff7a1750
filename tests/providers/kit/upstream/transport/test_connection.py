"""One request on one connection: every way it can end, and what happens to the connection."""

import asyncio
import re
from collections.abc import AsyncIterator

import httpx
import pytest

from providers.kit.upstream.transport.connection import MAX_BUFFERED_BYTES
from tests.providers.kit.upstream.scripted_server import (
    ScriptedServer,
    ServerConnection,
    Step,
    build_response,
    make_send_step,
    run_with_transport,
)

OK = build_response(b"{}")
SEND_OK = make_send_step(OK)
CHUNK_BYTES = 64 * 1024


async def never_respond(connection: ServerConnection) -> None:
    await connection.wait_until_closed()


async def send_half_a_body(connection: ServerConnection) -> None:
    await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n[1")
    await connection.wait_until_closed()


def count_connections_of_two(server: ScriptedServer) -> int:
    """Send two requests one after the other."""

    async def send_two(http: httpx.AsyncClient) -> None:
        for _ in range(2):
            assert (await http.get("/")).status_code in (200, 204, 304, 404)

    run_with_transport(server, send_two)
    assert len(server.requests) == 2
    return server.connections


@pytest.mark.parametrize(
    ("sent", "connections"),
    [
        (OK, 1),
        (b"HTTP/1.1 204 No\r\n\r\n", 1),
        (b"HTTP/1.1 304 Not\r\nContent-Length: 9\r\n\r\n", 1),
        (b"HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", 1),
        (b"HTTP/1.1 103 Early\r\n\r\n" + OK, 1),
        (build_response(b"{}", "Connection: close"), 2),
        (OK.replace(b"HTTP/1.1", b"HTTP/1.0"), 2),
        (OK + b"garbage", 2),
        (OK + build_response(b'"not requested"'), 2),
    ],
    ids=["ok", "204", "304", "chunked", "hints", "close", "1.0", "garbage", "surplus"],
)
def test_a_connection_is_reused_only_after_a_clean_end(sent: bytes, connections: int) -> None:
    assert count_connections_of_two(ScriptedServer([make_send_step(sent)])) == connections


def test_a_response_to_head_has_no_body() -> None:
    server = ScriptedServer(
        [make_send_step(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"), SEND_OK]
    )

    async def send_head_and_get(http: httpx.AsyncClient) -> list[bytes]:
        return [(await http.head("/")).content, (await http.get("/")).content]

    assert run_with_transport(server, send_head_and_get) == [b"", b"{}"]


def test_a_body_is_sent_with_its_length() -> None:
    server = ScriptedServer([SEND_OK])

    run_with_transport(server, lambda http: http.post("/", json={"a": 1}))

    assert b"content-length: 7\r\n" in server.requests[0].lower()


def test_a_body_arrives_before_its_end() -> None:
    first_read = asyncio.Event()

    async def send_in_two(connection: ServerConnection) -> None:
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n[1")
        await first_read.wait()
        await connection.send(b"2]")

    async def read_parts(http: httpx.AsyncClient) -> list[bytes]:
        parts: list[bytes] = []
        async with http.stream("GET", "/") as response:
            async for part in response.aiter_raw():
                parts.append(part)
                first_read.set()
        return parts

    assert run_with_transport(ScriptedServer([send_in_two]), read_parts) == [b"[1", b"2]"]


def test_a_body_that_is_not_read_to_its_end_closes_the_connection() -> None:
    server = ScriptedServer([send_half_a_body, SEND_OK])

    async def read_one_part(http: httpx.AsyncClient) -> bytes:
        async with http.stream("GET", "/") as response:
            assert await anext(response.aiter_raw()) == b"[1"
        await server.connection_closed.wait()
        return (await http.get("/")).content

    assert run_with_transport(server, read_one_part) == b"{}"
    assert server.connections == 2


@pytest.mark.parametrize("step", [never_respond, send_half_a_body])
def test_a_cancelled_request_closes_its_connection(step: Step) -> None:
    server = ScriptedServer([step, SEND_OK])

    async def cancel_one(http: httpx.AsyncClient) -> bytes:
        task = asyncio.create_task(http.get("/"))
        await server.request_received.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await server.connection_closed.wait()
        return (await http.get("/")).content

    assert run_with_transport(server, cancel_one) == b"{}"
    assert server.connections == 2


@pytest.mark.parametrize("step", [never_respond, send_half_a_body])
def test_without_data_in_time_a_request_fails_and_closes_its_connection(step: Step) -> None:
    server = ScriptedServer([step])

    async def time_out(http: httpx.AsyncClient) -> None:
        with pytest.raises(httpx.ReadTimeout):
            await http.get("/")
        await server.connection_closed.wait()

    run_with_transport(server, time_out, timeout=httpx.Timeout(None, read=0.01))


@pytest.mark.slow
def test_a_server_that_takes_no_data_in_time_is_a_write_timeout() -> None:
    class DeafServer(ScriptedServer):
        async def _handle_connection(
            self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
        ) -> None:
            del reader
            await self.connection_closed.wait()
            writer.close()

    server = DeafServer([])

    async def send_much(http: httpx.AsyncClient) -> None:
        with pytest.raises(httpx.WriteTimeout):
            await http.post("/", content=b"x" * 50_000_000)
        server.connection_closed.set()

    run_with_transport(server, send_much, timeout=httpx.Timeout(None, write=0.05))


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        (b"", httpx.RemoteProtocolError),
        (b"HTTP/1.1 2", httpx.RemoteProtocolError),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n[1", httpx.RemoteProtocolError),
        (b"SSH-2.0-OpenSSH\r\n", httpx.RemoteProtocolError),
        (
            b"HTTP/1.1 101 Switch\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
            httpx.RemoteProtocolError,
        ),
    ],
    ids=range(5),
)
def test_a_connection_that_ends_too_early_is_an_error(
    sent: bytes, error: type[httpx.TransportError]
) -> None:
    server = ScriptedServer([make_send_step(sent, then_close=True)])

    async def fail(http: httpx.AsyncClient) -> None:
        with pytest.raises(error):
            await http.get("/")

    run_with_transport(server, fail)
    assert len(server.requests) == 1


def test_what_has_arrived_is_read_before_the_error() -> None:
    server = ScriptedServer(
        [make_send_step(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n[1", then_close=True)]
    )

    async def read(http: httpx.AsyncClient) -> bytes:
        async with http.stream("GET", "/") as response:
            parts = response.aiter_raw()
            first = await anext(parts)
            with pytest.raises(httpx.RemoteProtocolError):
                await anext(parts)
        return first

    assert run_with_transport(server, read) == b"[1"


def test_a_body_that_is_not_read_is_not_received_either() -> None:
    sent = 0
    total = 200 * CHUNK_BYTES

    async def send_much(connection: ServerConnection) -> None:
        nonlocal sent
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % total)
        while sent < total:
            await connection.send(b"x" * CHUNK_BYTES)
            sent += CHUNK_BYTES

    async def read_slowly(http: httpx.AsyncClient) -> tuple[int, int]:
        async with http.stream("GET", "/") as response:
            parts = response.aiter_raw()
            received = len(await anext(parts))
            before = -1
            while before < sent:
                before = sent
                for _ in range(20):
                    await asyncio.sleep(0)
            largest = 0
            async for part in parts:
                received += len(part)
                largest = max(largest, len(part))
        assert received == total
        return before, largest

    sent_unread, largest_part = run_with_transport(ScriptedServer([send_much]), read_slowly)

    assert sent_unread < total
    assert largest_part <= 3 * MAX_BUFFERED_BYTES


@pytest.mark.parametrize("value", ["a\r\nX-Evil: b", "a\nb", "a\rb", "a\0b"])
def test_a_header_cannot_contain_another_one(value: str) -> None:
    server = ScriptedServer([SEND_OK])

    async def send(http: httpx.AsyncClient) -> None:
        with pytest.raises(httpx.LocalProtocolError):
            await http.get("/", headers={"X-Key": value})

    run_with_transport(server, send)
    assert server.requests == []


def test_a_request_body_in_unknown_parts_is_not_sent() -> None:
    server = ScriptedServer([SEND_OK])

    async def produce() -> AsyncIterator[bytes]:
        yield b"part"

    async def send(http: httpx.AsyncClient) -> None:
        with pytest.raises(httpx.LocalProtocolError):
            await http.post("/", content=produce())

    run_with_transport(server, send)
    assert server.requests == []


def test_headers_are_given_as_they_were_sent() -> None:
    server = ScriptedServer(
        [make_send_step(build_response(b"{}", "X-Odd: caf\xe9", "X-Twice: 1", "x-twice: 2"))]
    )

    response = run_with_transport(server, lambda http: http.get("/"))

    assert re.fullmatch("caf.", response.headers["x-odd"])
    assert response.headers.get_list("X-Twice") == ["1", "2"]
