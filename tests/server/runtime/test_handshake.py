"""Exactly one kind of request opens a WebSocket; every other one is answered as HTTP."""

from collections.abc import Generator

import pytest

from server.runtime.connection_limit import ConnectionLimit
from server.runtime.socket_protocol import SocketProtocol
from tests.server.runtime.socket_app import SocketApp
from tests.server.runtime.threaded_server import (
    ListeningServer,
    read_response,
    read_until_closed,
    start_server,
)

HANDSHAKE = (
    "GET /graphql HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
    "Sec-WebSocket-Protocol: graphql-transport-ws\r\n{}\r\n"
)
OPENED = "HTTP/1.1 101"
LAST_REQUEST = "GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
TEXT_FRAME = b"\x81\x82\x00\x00\x00\x00hi"  # masked with zeros
BODY = "GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.fixture
def app() -> SocketApp:
    return SocketApp()


@pytest.fixture
def server(app: SocketApp) -> Generator[ListeningServer]:
    with start_server(app, ConnectionLimit, ws=SocketProtocol) as listening:
        yield listening


@pytest.mark.parametrize("query", ["", "?a=b"])
@pytest.mark.parametrize("at_once", [True, False])
def test_a_complete_handshake_opens_a_websocket(
    server: ListeningServer, query: str, *, at_once: bool
) -> None:
    text = HANDSHAKE.format("").replace("/graphql", f"/graphql{query}")
    with server.connect() as connection:
        for part in [text] if at_once else list(text):
            connection.sendall(part.encode())
        assert read_response(connection, "\r\n\r\n").startswith(OPENED)
        connection.sendall(TEXT_FRAME)
        assert connection.recv(100) == b"\x81\x02hi"


def test_what_follows_a_handshake_at_once_is_a_frame(
    server: ListeningServer, app: SocketApp
) -> None:
    with server.connect() as connection:
        connection.sendall(HANDSHAKE.format("").encode() + TEXT_FRAME)
        received = b""
        while b"hi" not in received:
            received += connection.recv(65_536)
    assert app.texts == ["hi"]


def test_a_websocket_opens_after_other_requests_of_its_connection(server: ListeningServer) -> None:
    with server.connect() as connection:
        connection.sendall(b"GET /first HTTP/1.1\r\nHost: a\r\n\r\n")
        read_response(connection, "/first")
        connection.sendall(HANDSHAKE.format("").encode())
        assert read_response(connection, "\r\n\r\n").startswith(OPENED)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("GET /graphql", "GET /graphql/"),
        ("GET /graphql", "GET /"),
        ("GET /graphql", "GET /GRAPHQL"),
        ("GET /graphql", "GET /graphq%6c"),
        ("GET /graphql", "GET http://a/graphql"),
        ("GET /graphql", "HEAD /graphql"),
        ("GET /graphql", "POST /graphql"),
        ("HTTP/1.1", "HTTP/1.0"),
        ("Upgrade: WebSocket", "Upgrade: h2c"),
        ("Upgrade: WebSocket", "Upgrade: websocket, h2c"),
        ("Upgrade: WebSocket", "Upgrade: h2c\r\nUpgrade: websocket"),
        ("Version: 13", "Version: 8"),
        ("Version: 13", "Versions: 13"),
        ("AAAAAAAAAAAAAAAAAAAAAA==", "AAAA"),
        ("AAAAAAAAAAAAAAAAAAAAAA==", "not base64"),
        ("Sec-WebSocket-Key", "Sec-WebSocket-Keys"),
        ("Connection: keep-alive, Upgrade", "Connection: keep-alive"),
    ],
)
def test_an_incomplete_handshake_is_a_request(
    server: ListeningServer, app: SocketApp, old: str, new: str
) -> None:
    text = HANDSHAKE.format("").replace(old, new, 1)
    received = server.send_and_read(text + ("" if "1.0" in new else LAST_REQUEST))

    assert received.startswith("HTTP/1.1 200")
    assert app.texts == []
    assert len(app.paths) == (1 if "1.0" in new else 2)


@pytest.mark.parametrize(
    ("header", "sent"),
    [
        (f"Content-Length: {len(BODY)}\r\n", BODY),
        ("Transfer-Encoding: chunked\r\n", f"{len(BODY):x}\r\n{BODY}\r\n0\r\n\r\n"),
        ("Content-Length: 0\r\n", ""),
    ],
)
def test_a_handshake_with_a_body_is_a_request_with_this_body(
    server: ListeningServer, app: SocketApp, header: str, sent: str
) -> None:
    received = server.send_and_read(HANDSHAKE.format(header) + sent + LAST_REQUEST)

    assert received.startswith("HTTP/1.1 200")
    assert app.paths == ["/graphql", "/last"]


def test_a_handshake_behind_a_running_request_is_a_request(
    server: ListeningServer, app: SocketApp
) -> None:
    with server.connect() as connection:
        slow = "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n"
        connection.sendall((slow + HANDSHAKE.format("") + LAST_REQUEST).encode())
        app.release.set()
        received = read_until_closed(connection)

    assert OPENED not in received
    assert app.paths == ["/slow", "/graphql", "/last"]


def test_a_handshake_with_too_long_a_header_is_a_request(
    server: ListeningServer, app: SocketApp
) -> None:
    received = server.send_and_read(HANDSHAKE.format(f"X: {'x' * 9_000}\r\n") + LAST_REQUEST)

    assert received.count("HTTP/1.1 200") == 2
    assert app.texts == []


def test_without_a_protocol_for_them_no_websocket_opens(app: SocketApp) -> None:
    with start_server(app, ConnectionLimit, ws="none") as server:
        received = server.send_and_read(HANDSHAKE.format("") + LAST_REQUEST)

    assert OPENED not in received
    assert app.paths == ["/graphql", "/last"]
