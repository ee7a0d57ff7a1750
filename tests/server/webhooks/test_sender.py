"""Requests to webhooks over real connections, and to addresses that must not be reached."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Self

import pytest

from server.webhooks.sender import DeliveryFailed, Reply, WebhookSender

LOCAL = frozenset({"127.0.0.1", "hooks.example"})
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def run_receiver(serve: Serve) -> AsyncGenerator[int]:
    """Listen on loopback, and yield the port; at the end all connections are closed."""
    writers: list[asyncio.StreamWriter] = []

    async def serve_and_remember(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        writers.append(writer)
        await serve(reader, writer)

    server = await asyncio.start_server(serve_and_remember, "127.0.0.1", 0)
    try:
        async with server:
            yield server.sockets[0].getsockname()[1]
    finally:
        for writer in writers:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()


def resolve_to(*addresses: str) -> Callable[[str, int], Awaitable[Sequence[str]]]:
    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return addresses

    return resolve


def answer(text: str, received: list[bytes] | None = None) -> Serve:
    """Return a server's side that reads a request and sends these bytes."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
        body = await reader.readexactly(length)
        if received is not None:
            received.append(head + body)
        writer.write(text.encode())
        await writer.drain()
        writer.close()

    return serve


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(coroutine)


async def send(serve: Serve, *, host: str = "127.0.0.1", **options: Any) -> Reply:
    async with run_receiver(serve) as port:
        sender = WebhookSender(LOCAL, **options)
        return await sender.send(f"http://{host}:{port}/hook?a=1", {"webhook-id": "1"}, b"{}")


def test_a_request_arrives_with_its_headers_and_body() -> None:
    received: list[bytes] = []

    reply = run(send(answer("HTTP/1.1 204 No Content\r\n\r\n", received)))

    assert reply == Reply(204)
    (request,) = received
    head, _, body = request.partition(b"\r\n\r\n")
    assert head.startswith(b"POST /hook?a=1 HTTP/1.1\r\n")
    assert b"webhook-id: 1" in head
    assert b"Content-Type: application/json" in head
    assert body == b"{}"


def test_the_connection_goes_to_the_address_that_was_checked() -> None:
    received: list[bytes] = []
    serve = answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", received)

    reply = run(send(serve, host="hooks.example", resolver=resolve_to("127.0.0.1")))

    assert reply.status == 200
    assert b"Host: hooks.example:" in received[0]


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    received: list[bytes] = []
    text = f"HTTP/1.1 {status} Moved\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"

    assert run(send(answer(text, received))).status == status
    assert len(received) == 1


def test_the_wait_that_a_receiver_asks_for_is_returned() -> None:
    text = "HTTP/1.1 429 Slow\r\nRetry-After: 17\r\nContent-Length: 0\r\n\r\n"

    assert run(send(answer(text))) == Reply(429, "17")


def test_a_body_without_end_is_not_read() -> None:
    written = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal written
        await reader.readuntil(b"{}")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        try:
            while True:
                writer.write(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
                written += 0x10000
                await writer.drain()
        except ConnectionError:
            writer.close()

    assert run(send(serve)).status == 200
    assert written < 32 * 1024 * 1024  # what fits into the buffers of the sockets


def test_a_receiver_that_hangs_times_out() -> None:
    async def serve(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.read()

    with pytest.raises(DeliveryFailed) as caught:
        run(send(serve, timeout=0.01))

    assert caught.value.reason == "timeout"


@pytest.mark.parametrize("text", ["", "nonsense\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Le"])
def test_a_broken_response_is_a_failure(text: str) -> None:
    with pytest.raises(DeliveryFailed) as caught:
        run(send(answer(text)))

    assert caught.value.reason == "broken"


def test_a_closed_port_is_a_failure() -> None:
    async def send_to_closed_port() -> None:
        async with run_receiver(answer("")) as port:
            pass
        await WebhookSender(LOCAL).send(f"http://127.0.0.1:{port}/", {}, b"{}")

    with pytest.raises(DeliveryFailed) as caught:
        run(send_to_closed_port())

    assert caught.value.reason == "unreachable"


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["::1"],
        ["10.1.2.3"],
        ["172.16.0.1"],
        ["192.168.1.1"],
        ["169.254.169.254"],
        ["100.100.100.200"],
        ["fd00:ec2::254"],
        ["fe80::1%eth0"],
        ["::ffff:127.0.0.1"],
        ["64:ff9b::7f00:1"],
        ["0.0.0.0"],  # noqa: S104 - an address that is not reached
        ["93.184.216.34", "127.0.0.1"],
    ],
)
def test_an_address_that_is_not_public_is_never_connected_to(addresses: list[str]) -> None:
    sender = WebhookSender(
        LOCAL, resolver=resolve_to(*addresses), transport=lambda: pytest.fail("was opened")
    )

    with pytest.raises(DeliveryFailed) as caught:
        run(sender.send("https://rebound.example/", {}, b"{}"))

    assert caught.value.reason == "not public"


def test_a_name_without_an_address_is_a_failure() -> None:
    async def resolve(_host: str, _port: int) -> Sequence[str]:
        raise OSError("a resolver's text names the host")

    for resolver in (resolve, resolve_to()):
        with pytest.raises(DeliveryFailed) as caught:
            run(WebhookSender(resolver=resolver).send("https://hooks.example/", {}, b"{}"))
        assert caught.value.reason == "unreachable"


def test_the_name_of_the_certificate_is_that_of_the_host() -> None:
    requests: list[Any] = []

    class Recorder:
        async def __aenter__(self) -> Self:
            return self

        async def __aexit__(self, *_: object) -> None:
            pass

        async def handle_async_request(self, request: Any) -> Any:
            requests.append(request)
            raise DeliveryFailed("recorded")

    sender: Any = WebhookSender(resolver=resolve_to("93.184.216.34"), transport=Recorder)  # pyright: ignore[reportArgumentType] - no connection
    with pytest.raises(DeliveryFailed):
        run(sender.send("https://hooks.example/x", {}, b"{}"))

    assert str(requests[0].url) == "https://93.184.216.34/x"
    assert requests[0].extensions["sni_hostname"] == "hooks.example"
    assert requests[0].headers["host"] == "hooks.example"
