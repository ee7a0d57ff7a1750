"""Connections whose responses are not read are dropped."""

import socket
import struct
import time

import pytest

from server.runtime.write_timeout import WriteTimeout
from tests.server.runtime.minimal_app import LARGE_SIZE, RecordingApp, ShortTimeouts
from tests.server.runtime.server_process import wait_until
from tests.server.runtime.threaded_server import ListeningServer, start_server

SMALL_BUFFER = 2048
RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # on closing, instead of a regular end
LARGE_REQUEST = b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n"
PARTED_REQUEST = b"GET /parts HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
CLOSING_REQUEST = b"GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
SLOW_REQUEST = b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n"
NEXT_REQUEST = b"GET /next HTTP/1.1\r\nHost: a\r\n\r\n"


def open_unread_connection(server: ListeningServer, text: bytes, buffer: int = 0) -> socket.socket:
    """Open a connection, send a request and read nothing."""
    connection = server.connect(buffer)
    connection.sendall(text)
    return connection


def count_unsent_bytes(server: ListeningServer) -> int:
    return sum(each.unsent_bytes for each in list(server.connections))


@pytest.mark.slow
def test_a_connection_whose_response_is_not_read_is_dropped() -> None:
    with start_server(RecordingApp(), ShortTimeouts) as server:
        connections = [
            open_unread_connection(server, text, SMALL_BUFFER)
            for text in (LARGE_REQUEST, CLOSING_REQUEST)
        ]
        wait_until(lambda: count_unsent_bytes(server) > LARGE_SIZE)
        wait_until(lambda: not server.connections)
        for each in connections:
            each.close()


@pytest.mark.slow
def test_the_next_request_waits_until_the_last_response_is_read() -> None:
    with start_server(app := RecordingApp(), WriteTimeout) as server:
        with open_unread_connection(
            server, LARGE_REQUEST + NEXT_REQUEST + NEXT_REQUEST
        ) as connection:
            wait_until(lambda: count_unsent_bytes(server) > 0)
            assert app.paths == ["/large"]
            received = b""
            while received.count(b"/next") < 2:
                received += connection.recv(1024 * 1024)
            assert len(received) > LARGE_SIZE
        assert app.paths == ["/large", "/next", "/next"]


@pytest.mark.slow
def test_a_client_that_disconnects_without_reading_is_removed() -> None:
    with start_server(app := RecordingApp(), WriteTimeout) as server:
        with open_unread_connection(server, LARGE_REQUEST + NEXT_REQUEST):
            wait_until(lambda: count_unsent_bytes(server) > 0)
        wait_until(lambda: not server.connections)
        assert app.paths == ["/large"]


@pytest.mark.slow
def test_a_disconnect_with_pipelined_requests_fails_no_response() -> None:
    with start_server(app := RecordingApp(), WriteTimeout) as server:
        with open_unread_connection(
            server, NEXT_REQUEST + SLOW_REQUEST + NEXT_REQUEST
        ) as connection:
            wait_until(lambda: app.paths == ["/next", "/slow"])
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        wait_until(lambda: not server.connections)
        app.release.set()
        wait_until(lambda: app.answered_paths == ["/next", "/slow"])
        assert app.paths == app.answered_paths


class SlowReader(ShortTimeouts):
    """The protocol with checks that a slow reader on a busy machine passes."""

    check_interval_seconds = 1.0
    min_progress_bytes = 1024


@pytest.mark.slow
def test_a_response_that_is_read_slowly_is_sent_to_its_end() -> None:
    with (
        start_server(RecordingApp(), SlowReader) as server,
        open_unread_connection(server, CLOSING_REQUEST, SMALL_BUFFER) as connection,
    ):
        started_at, received = time.monotonic(), 0
        while time.monotonic() - started_at < 3 * SlowReader.check_interval_seconds:
            received += len(connection.recv(SMALL_BUFFER))
            time.sleep(0.01)  # which is what makes it slow
        assert count_unsent_bytes(server) > 0
        while block := connection.recv(LARGE_SIZE):
            received += len(block)
        assert received > LARGE_SIZE


class Patient(ShortTimeouts):
    """The protocol without checks of progress."""

    check_interval_seconds = 3600


@pytest.mark.slow
def test_parts_that_the_application_holds_back_are_unsent_as_well() -> None:
    with start_server(app := RecordingApp(), Patient) as server:
        connections = [
            open_unread_connection(server, PARTED_REQUEST, SMALL_BUFFER) for _ in range(5)
        ]
        wait_until(lambda: len(app.answered_paths) == 3)  # to connections that were dropped
        wait_until(lambda: len(server.connections) == 2)
        assert LARGE_SIZE < count_unsent_bytes(server) <= ShortTimeouts.max_unsent_bytes
        received = 0
        while block := connections[-1].recv(LARGE_SIZE):
            received += len(block)
        assert received > LARGE_SIZE
        for each in connections:
            each.close()


@pytest.mark.slow
def test_over_the_limit_of_unsent_bytes_the_oldest_connection_is_dropped() -> None:
    with start_server(app := RecordingApp(), Patient) as server:
        connections = [
            open_unread_connection(server, LARGE_REQUEST, SMALL_BUFFER) for _ in range(5)
        ]
        wait_until(lambda: len(app.answered_paths) == len(connections))
        wait_until(lambda: len(server.connections) == 2)
        assert 0 < count_unsent_bytes(server) <= ShortTimeouts.max_unsent_bytes
        for each in connections:
            each.close()
