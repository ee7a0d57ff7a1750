"""WebSockets over real connections: their bounds and their end."""

import socket
import struct
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from server.runtime.connection_limit import ConnectionLimit
from server.runtime.socket_protocol import MAX_FRAGMENTS, MAX_MESSAGE_BYTES, SocketProtocol
from tests.server.runtime.server_process import wait_until
from tests.server.runtime.socket_app import ShortSocket, SocketApp, TwoConnections
from tests.server.runtime.test_handshake import HANDSHAKE, LAST_REQUEST
from tests.server.runtime.threaded_server import (
    ListeningServer,
    read_response,
    read_until_closed,
    start_server,
)

OPTIONS: dict[str, Any] = {
    "ws_max_size": MAX_MESSAGE_BYTES,
    "ws_per_message_deflate": False,
    "ws_ping_interval": None,
}
MASK = bytes(4)


def start(app: SocketApp, http: Any = ConnectionLimit, protocol: Any = SocketProtocol) -> Any:
    return start_server(app, http, ws=protocol, **OPTIONS)


@contextmanager
def open_socket(server: ListeningServer, path: str = "/graphql") -> Generator[ClientConnection]:
    with connect(
        f"ws://127.0.0.1:{server.port}{path}", subprotocols=[Subprotocol("graphql-transport-ws")]
    ) as opened:
        yield opened


@contextmanager
def open_raw_socket(server: ListeningServer) -> Generator[socket.socket]:
    """Open a WebSocket whose frames the test writes; with a small buffer for what it receives."""
    with server.connect(receive_buffer=2048) as connection:
        connection.sendall(HANDSHAKE.format("").encode())
        read_response(connection, "\r\n\r\n")
        yield connection


def encode_frame(first_byte: int, payload: bytes) -> bytes:
    """Encode a client's frame of up to 125 bytes."""
    return struct.pack("BB", first_byte, 0x80 | len(payload)) + MASK + payload


def count_unsent_bytes(server: ListeningServer) -> int:
    return sum(each.unsent_bytes for each in list(server.connections))


def test_messages_are_not_compressed() -> None:
    with start(SocketApp()) as server, open_socket(server) as opened:
        assert opened.subprotocol == "graphql-transport-ws"
        assert "Sec-WebSocket-Extensions" not in (opened.response or opened).headers  # type: ignore[union-attr]
        opened.send("x" * MAX_MESSAGE_BYTES)
        assert len(opened.recv()) == MAX_MESSAGE_BYTES


def test_a_message_over_64_kib_closes_the_socket() -> None:
    with start(app := SocketApp()) as server, open_socket(server) as opened:
        opened.send("x" * (MAX_MESSAGE_BYTES + 1))
        with pytest.raises(ConnectionClosed) as raised:
            opened.recv()
    assert raised.value.rcvd
    assert raised.value.rcvd.code == 1009
    assert app.texts == []


def test_a_message_of_too_many_fragments_closes_the_socket() -> None:
    with start(app := SocketApp()) as server, open_raw_socket(server) as connection:
        connection.sendall(encode_frame(0x01, b"") + encode_frame(0x00, b"") * MAX_FRAGMENTS)
        assert struct.pack("!H", 1009) in read_bytes_until_closed(connection)
    assert app.texts == []


def test_a_message_of_some_fragments_is_one_message() -> None:
    with start(app := SocketApp()) as server, open_socket(server) as opened:
        opened.send(iter(["a", "", "b", "c"]))
        assert opened.recv() == "abc"
    assert app.texts == ["abc"]


def test_a_rejected_handshake_has_its_response() -> None:
    with (
        start(SocketApp()) as server,
        pytest.raises(InvalidStatus) as raised,
        open_socket(server, "/graphql?rejected"),
    ):
        pass
    assert raised.value.response.status_code == 403
    assert raised.value.response.body == b"no"


@pytest.mark.slow
def test_a_client_that_reads_nothing_is_dropped() -> None:
    app = SocketApp()
    with start(app, protocol=ShortSocket) as server, open_raw_socket(server) as connection:
        connection.sendall(encode_frame(0x81, b"flood"))
        wait_until(lambda: not server.connections)
        assert app.has_ended.wait(10)


@pytest.mark.slow
def test_pings_of_a_client_that_reads_nothing_are_not_answered() -> None:
    with start(SocketApp()) as server, open_raw_socket(server) as connection:
        connection.sendall(encode_frame(0x81, b"flood"))
        wait_until(lambda: count_unsent_bytes(server) > 0)
        before = count_unsent_bytes(server)
        for _ in range(200):
            connection.sendall(encode_frame(0x89, b"x" * 125) * 100)
        (protocol,) = server.connections
        wait_until(lambda: protocol.is_write_paused)
        assert count_unsent_bytes(server) <= before


def test_a_client_that_does_not_answer_a_close_is_dropped() -> None:
    app = SocketApp()
    with start(app, protocol=ShortSocket) as server, open_raw_socket(server) as connection:
        connection.sendall(encode_frame(0x81, b"close"))
        assert struct.pack("!H", 4400) in read_bytes_until_closed(connection)
        wait_until(lambda: not server.connections)


@pytest.mark.slow
def test_a_shutdown_waits_for_no_socket() -> None:
    app = SocketApp()
    with start(app, protocol=ShortSocket) as server, open_socket(server) as opened:
        (protocol,) = server.connections
        protocol.loop.call_soon_threadsafe(protocol.shutdown)
        protocol.loop.call_soon_threadsafe(protocol.shutdown)
        with pytest.raises(ConnectionClosed):
            opened.recv(10)
        assert app.has_ended.wait(10)


@pytest.mark.slow
def test_websockets_take_no_place_of_other_connections() -> None:
    with start(SocketApp(), TwoConnections) as server:
        sockets = [open_socket(server) for _ in range(4)]
        opened = [each.__enter__() for each in sockets]
        with server.connect() as first, server.connect() as second:
            for each in (first, second):
                each.sendall(LAST_REQUEST.encode())
                assert read_until_closed(each).endswith("/last")
        for each in opened:
            each.send("still there")
            assert each.recv() == "still there"
            each.close()


def read_bytes_until_closed(connection: socket.socket) -> bytes:
    received = b""
    while block := connection.recv(65_536):
        received += block
    return received
