"""Connections are kept, bounded, given out in turn, and closed when they are not used."""

import asyncio

import httpx
import pytest
import uvloop

from providers.kit.upstream.transport import connection_pool
from providers.kit.upstream.transport.http_transport import HttpTransport
from tests.providers.kit.upstream.scripted_server import (
    ScriptedServer,
    ServerConnection,
    build_response,
    get_tls,
    make_send_step,
    run_with_transport,
)

SEND_OK = make_send_step(build_response(b"{}"))


@pytest.fixture
def _one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_pool, "MAX_CONNECTIONS", 1)


async def hold(connection: ServerConnection) -> None:
    await connection.wait_until_closed()


@pytest.mark.usefixtures("_one_connection")
def test_waiting_requests_are_sent_in_their_order() -> None:
    server = ScriptedServer([SEND_OK])

    async def send_many(http: httpx.AsyncClient) -> None:
        await asyncio.gather(*(http.get(f"/{number}") for number in range(20)))

    run_with_transport(server, send_many)

    assert [request.split()[1] for request in server.requests] == [
        f"/{number}".encode() for number in range(20)
    ]
    assert server.connections == 1


@pytest.mark.usefixtures("_one_connection")
def test_a_request_waits_for_a_connection_only_for_a_time() -> None:
    server = ScriptedServer([hold, SEND_OK])

    async def wait_too_long(http: httpx.AsyncClient) -> bytes:
        held = asyncio.create_task(http.get("/"))
        await server.request_received.wait()
        with pytest.raises(httpx.PoolTimeout):
            await http.get("/")
        held.cancel()
        await asyncio.gather(held, return_exceptions=True)
        return (await http.get("/")).content

    timeout = httpx.Timeout(None, pool=0.01)
    assert run_with_transport(server, wait_too_long, timeout=timeout) == b"{}"
    assert len(server.requests) == 2


@pytest.mark.usefixtures("_one_connection")
def test_a_cancelled_request_gives_its_turn_to_the_next() -> None:
    server = ScriptedServer([hold, SEND_OK])

    async def cancel_some(http: httpx.AsyncClient) -> list[object]:
        held = asyncio.create_task(http.get("/held"))
        await server.request_received.wait()
        waiting = [asyncio.create_task(http.get(f"/{number}")) for number in range(4)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        held.cancel()
        await asyncio.gather(held, return_exceptions=True)
        waiting[1].cancel()  # it has just been permitted to open a connection
        results = await asyncio.gather(*waiting, return_exceptions=True)
        return [isinstance(result, httpx.Response) for result in results]

    assert run_with_transport(server, cancel_some) == [False, False, True, True]


@pytest.mark.usefixtures("_one_connection")
def test_a_request_that_waited_gets_no_connection_that_was_closed_meanwhile() -> None:
    close_after_response = make_send_step(build_response(b"{}"), then_close=True)
    server = ScriptedServer([close_after_response, SEND_OK])

    async def send_two(http: httpx.AsyncClient) -> list[int]:
        responses = await asyncio.gather(http.get("/"), http.get("/"))
        return [response.status_code for response in responses]

    assert run_with_transport(server, send_two) == [200, 200]


def test_an_idle_connection_is_closed_after_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_pool, "KEEP_ALIVE_SECONDS", 0.01)
    server = ScriptedServer([SEND_OK])

    async def send_and_wait(http: httpx.AsyncClient) -> None:
        await http.get("/")
        await server.connection_closed.wait()
        await http.get("/")

    run_with_transport(server, send_and_wait)
    assert server.connections == 2


@pytest.mark.parametrize(("method", "connections"), [("GET", 1), ("POST", 2)])
def test_a_write_uses_no_connection_that_the_server_may_be_closing(
    method: str, connections: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_pool, "MAX_IDLE_SECONDS_OF_WRITES", 0)
    server = ScriptedServer([SEND_OK])

    async def send_two(http: httpx.AsyncClient) -> None:
        await http.get("/")
        await http.request(method, "/")

    run_with_transport(server, send_two)
    assert server.connections == connections


def test_an_idle_connection_on_which_data_arrive_is_closed() -> None:
    async def send_surplus_later(connection: ServerConnection) -> None:
        await connection.send(build_response(b"{}"))
        await requested_again.wait()
        await connection.send(build_response(b'"not requested"'))
        await connection.wait_until_closed()

    requested_again = asyncio.Event()
    server = ScriptedServer([send_surplus_later, SEND_OK])

    async def send_two(http: httpx.AsyncClient) -> bytes:
        await http.get("/")
        requested_again.set()
        await server.connection_closed.wait()
        return (await http.get("/")).content

    assert run_with_transport(server, send_two) == b"{}"
    assert server.connections == 2


def test_each_event_loop_has_connections_of_its_own() -> None:
    transport = HttpTransport(get_tls())

    async def send() -> int:
        server = ScriptedServer([SEND_OK])
        async with server.serve():
            request = httpx.Request("GET", server.build_url())
            response = await transport.handle_async_request(request)
            await response.aread()
            await transport.handle_async_request(request)
            await transport.aclose()
        return server.connections

    assert [uvloop.run(send()), asyncio.run(send())] == [1, 1]


def test_closing_the_transport_ends_what_is_running() -> None:
    server = ScriptedServer([hold])

    async def close_early(http: httpx.AsyncClient) -> None:
        task = asyncio.create_task(http.get("/"))
        await server.request_received.wait()
        await transport.aclose()
        with pytest.raises(httpx.ReadError):
            await task

    transport = HttpTransport(get_tls())
    run_with_transport(server, close_early, transport)
