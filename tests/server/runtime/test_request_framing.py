"""Ambiguous framing (request smuggling), over a real socket."""

import socket
from collections.abc import Generator

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from server.middleware.request_guard import RequestGuard
from server.runtime.connection_limit import ConnectionLimit
from tests.server.runtime.threaded_server import read_until_closed, start_server

SMUGGLED_REQUEST = "GET /behind HTTP/1.1\r\nHost: a\r\n\r\n"
SMUGGLED_CHUNK = f"{len(SMUGGLED_REQUEST):x}\r\n{SMUGGLED_REQUEST}\r\n0\r\n\r\n"


async def _respond_with_body_size(request: Request) -> Response:
    return PlainTextResponse(f"body of {len(await request.body())}")


@pytest.fixture(scope="module", params=["httptools", "h11", ConnectionLimit])
def port(request: pytest.FixtureRequest) -> Generator[int]:
    """Serve a minimal application behind the guard, with each of the two parsers and our own."""
    routes = [Route("/{path:path}", _respond_with_body_size, methods=["GET", "POST"])]
    app = Starlette(routes=routes, middleware=[Middleware(RequestGuard)])
    with start_server(app, request.param) as server:
        yield server.port


def _send(port: int, text: str) -> str:
    """Send bytes, and return everything received until the server closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(text.encode())
        connection.shutdown(socket.SHUT_WR)
        return read_until_closed(connection)


def test_a_valid_request_is_served(port: int) -> None:
    text = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
    answer = _send(port, text)
    assert answer.startswith("HTTP/1.1 200")
    assert answer.endswith("body of 2")


def test_an_http_1_0_probe_is_served(port: int) -> None:
    answer = _send(port, "GET / HTTP/1.0\r\n\r\n")
    assert answer.startswith("HTTP/1.1 200")
    assert answer.endswith("body of 0")


@pytest.mark.parametrize(
    "framing",
    [
        "Host: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Host: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "Host: a\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\n",
        "Host: a\r\nHost: b\r\nTransfer-Encoding: chunked\r\n",
        "Host: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n",
        "Host: a\r\nContent-Length: +5\r\n",
        "Host: a\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n",
    ],
)
def test_a_smuggled_request_is_never_served(port: int, framing: str) -> None:
    answer = _send(port, f"POST / HTTP/1.1\r\n{framing}\r\n{SMUGGLED_CHUNK}")
    assert answer.startswith("HTTP/1.1 4")
    assert answer.count("HTTP/1.1") == 1
    assert "connection: close" in answer.lower()


@pytest.mark.parametrize(
    "headers",
    ["".join(f"X-{number}: 1\r\n" for number in range(101)), f"X-Long: {'a' * 40_000}\r\n"],
)
def test_a_flood_of_headers_is_rejected(port: int, headers: str) -> None:
    answer = _send(port, f"GET / HTTP/1.1\r\nHost: a\r\n{headers}\r\n")
    assert answer.split(maxsplit=2)[1] in ("400", "431")


def test_a_body_with_a_too_large_content_length_is_rejected_unread(port: int) -> None:
    answer = _send(port, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n{")
    assert answer.startswith("HTTP/1.1 413")
    assert "connection: close" in answer.lower()


@pytest.mark.parametrize("text", ["GET /%0d%0aX HTTP/1.1\r\nHost: a\r\n\r\n", "\x00\x01\r\n\r\n"])
def test_the_next_request_is_served_after_a_malformed_one(port: int, text: str) -> None:
    assert _send(port, text).startswith("HTTP/1.1 400")
    good = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    assert _send(port, good).startswith("HTTP/1.1 200")
