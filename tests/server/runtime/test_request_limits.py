"""Limits on a request's head and on pipelined requests, over a real socket."""

import json
import socket

import pytest

from server.graphql_request import NO_UPSTREAM_CALLS
from server.runtime.request_limits import RequestLimits
from tests.server.runtime.minimal_app import RecordingApp, ShortTimeouts
from tests.server.runtime.server_process import wait_until
from tests.server.runtime.threaded_server import read_response, read_until_closed, start_server

GET_REQUEST = "GET /{} HTTP/1.1\r\nHost: a\r\n\r\n"
LAST_REQUEST = "GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
CHUNKED_REQUEST = (
    "POST /body HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n"
)
SIZED_REQUEST = "POST /{} HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n"
HEADER_LINES = f"x-a: {'b' * 4000}\r\n" * 150
LONG_TEXT = "a" * 600_000


class LongLinger(RequestLimits):
    """The protocol with more time than any test has to lose."""

    linger_seconds = 300


def read_status(answer: str) -> int:
    return int(answer.split(maxsplit=2)[1])


def read_error(answer: str) -> dict[str, object]:
    """Return the error in a response of the protocol, which must look like any other response."""
    head, _, body = answer.partition("\r\n\r\n")
    names = {line.partition(":")[0] for line in head.lower().splitlines()[1:]}
    assert {"connection", "content-type", "x-content-type-options", "x-request-id"} <= names
    members = json.loads(body)
    assert members["extensions"] == {"upstream": NO_UPSTREAM_CALLS}
    return members["errors"][0]["extensions"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("GET / HTTP/1.1\r\nHost: a\r\n" + HEADER_LINES, 431),
        ("GET / HTTP/1.1\r\nHost: a\r\nx: " + LONG_TEXT, 431),
        ("GET /" + LONG_TEXT, 414),
        ("GET /?" + LONG_TEXT, 414),
        (LONG_TEXT, 400),
        ("\r\n" * 300_000, 431),
        ("GET /" + "a" * 70_000 + LAST_REQUEST[9:], 414),
        (GET_REQUEST.format("first") + "GET /" + LONG_TEXT, 200),
        (CHUNKED_REQUEST + HEADER_LINES, 431),
        (CHUNKED_REQUEST + "x: " + LONG_TEXT, 431),
    ],
)
def test_an_incomplete_or_oversized_request_is_rejected(text: str, expected: int) -> None:
    with start_server(RecordingApp(), RequestLimits) as server:
        answer = server.send_and_read(text)
        assert read_status(answer) == expected
        assert answer.lower().count("connection: close") == 1
        if expected != 200:
            assert read_error(answer) == {"code": "BAD_USER_INPUT"}


def test_an_application_that_reads_a_body_sees_the_disconnect() -> None:
    app = RecordingApp()
    with start_server(app, RequestLimits) as server:
        server.send_and_read(CHUNKED_REQUEST + HEADER_LINES)
        assert app.disconnected.wait(30)


def test_a_head_within_the_middlewares_limits_is_left_to_it() -> None:
    url, headers = "u" * 65_000, "".join(f"x-{n}: {'v' * 320}\r\n" for n in range(98))
    with start_server(RecordingApp(), RequestLimits) as server:
        answer = server.send_and_read(
            f"GET /{url} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{headers}\r\n"
        )
        assert read_status(answer) == 200


def test_large_bodies_do_not_count_as_heads() -> None:
    app = RecordingApp()
    whole = SIZED_REQUEST.format("body", 1_000_000) + "b" * 1_000_000
    chunks = f"{1000:x}\r\n{'c' * 1000}\r\n" * 1000
    chunked = CHUNKED_REQUEST.replace("2\r\n{}\r\n0\r\n", chunks + "0\r\n\r\n")
    with start_server(app, RequestLimits) as server:
        answer = server.send_and_read(whole + chunked + whole + LAST_REQUEST)
        assert answer.count("a body of 1000000") == 3
        assert answer.endswith("/last")


def test_trailers_are_no_headers() -> None:
    app = RecordingApp()
    with start_server(app, RequestLimits) as server:
        answer = server.send_and_read(
            CHUNKED_REQUEST + "authorization: Bearer key\r\n\r\n" + LAST_REQUEST
        )
        assert "a body of 2" in answer
        assert app.headers == [b"host", b"transfer-encoding"]


def test_pipelined_requests_are_served_in_order() -> None:
    paths = [f"/{number}" for number in range(RequestLimits.max_pipelined)]
    with start_server(app := RecordingApp(), RequestLimits) as server:
        answer = server.send_and_read(
            "".join(GET_REQUEST.format(path[1:]) for path in paths) + LAST_REQUEST
        )
        assert answer.count("HTTP/1.1 200") == len(paths) + 1
        assert app.paths == [*paths, "/last"]


def test_of_too_many_pipelined_requests_the_first_are_served() -> None:
    with start_server(app := RecordingApp(), RequestLimits) as server:
        answer = server.send_and_read(GET_REQUEST.format("many") * 50_000)
        assert answer.count("HTTP/1.1 200") == len(app.paths) == RequestLimits.max_pipelined + 1
        assert answer.count("connection: close") == 1


@pytest.mark.parametrize("following", ["nonsense\r\n\r\n", "GET / HTTP/1.1\r\nHost : a\r\n\r\n"])
def test_garbage_after_a_request_does_not_affect_its_response(following: str) -> None:
    with (
        start_server(app := RecordingApp(), RequestLimits) as server,
        server.connect() as connection,
    ):
        connection.sendall((GET_REQUEST.format("slow") + following).encode())
        app.release.set()
        answer = read_until_closed(connection)
        assert answer.startswith("HTTP/1.1 200")
        assert answer.endswith("/slow")


@pytest.mark.parametrize("paths", [["/slow"], ["/slow", "/next"]])
def test_a_half_closed_connection_receives_every_response(paths: list[str]) -> None:
    with (
        start_server(app := RecordingApp(), RequestLimits) as server,
        server.connect() as connection,
    ):
        connection.sendall("".join(GET_REQUEST.format(path[1:]) for path in paths).encode())
        connection.shutdown(socket.SHUT_WR)
        wait_until(lambda: app.paths == ["/slow"])
        server.send_and_read(LAST_REQUEST)  # by its end the other's is known
        app.release.set()
        answer = read_until_closed(connection)
        assert answer.count("HTTP/1.1 200") == len(paths)
        assert answer.endswith(paths[-1])


def test_a_truncated_body_is_rejected() -> None:
    with (
        start_server(app := RecordingApp(), LongLinger) as server,
        server.connect() as connection,
    ):
        connection.sendall((SIZED_REQUEST.format("body", 3) + "{}").encode())
        connection.shutdown(socket.SHUT_WR)
        answer = read_until_closed(connection)
        assert read_status(answer) == 400
        assert read_error(answer) == {"code": "BAD_USER_INPUT"}
        assert app.disconnected.wait(30)
        wait_until(lambda: not server.connections)


@pytest.mark.slow
def test_a_rejected_client_that_closes_is_not_waited_for() -> None:
    with start_server(RecordingApp(), LongLinger) as server:
        assert read_status(server.send_and_read(CHUNKED_REQUEST + HEADER_LINES)) == 431
        wait_until(lambda: not server.connections)


@pytest.mark.slow
@pytest.mark.parametrize(
    "partial_head", ["G", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: a\r\n"]
)
@pytest.mark.parametrize("before", ["", GET_REQUEST.format("before")])
def test_an_unfinished_head_times_out(before: str, partial_head: str) -> None:
    with start_server(RecordingApp(), ShortTimeouts) as server, server.connect() as connection:
        if before:
            connection.sendall(before.encode())
            read_response(connection, "/before")
        connection.sendall(partial_head.encode())
        answer = read_until_closed(connection)
        assert read_status(answer) == 408
        assert read_error(answer) == {"code": "BAD_USER_INPUT"}


@pytest.mark.slow
def test_a_head_that_arrives_slowly_gets_no_more_time() -> None:
    with start_server(RecordingApp(), ShortTimeouts) as server, server.connect() as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n")
        with pytest.raises(OSError, match=r"reset|Broken pipe"):  # noqa: PT012 - it takes several
            while True:
                connection.sendall(b"x: 1\r\n")
                connection.settimeout(0.05)
                try:
                    connection.recv(1)
                except TimeoutError:
                    continue


@pytest.mark.slow
@pytest.mark.parametrize(
    "text", ["", GET_REQUEST.format("one"), GET_REQUEST.format("one") + "\r\n", "\r\n"]
)
def test_an_idle_connection_is_closed(text: str) -> None:
    with start_server(RecordingApp(), ShortTimeouts, timeout_keep_alive=0.2) as server:
        answer = server.send_and_read(text)
        assert answer.count("HTTP/1.1 200") == text.count("GET")


@pytest.mark.slow
def test_the_rest_of_an_unread_body_is_not_awaited_forever() -> None:
    with start_server(RecordingApp(), ShortTimeouts) as server, server.connect() as connection:
        connection.sendall(SIZED_REQUEST.format("unread", 10**15).encode())
        read_response(connection, "/unread")
        with pytest.raises(OSError, match=r"reset|Broken pipe"):
            _send_forever(connection)


@pytest.mark.parametrize("framing", ["Content-Length: 8000000", "Transfer-Encoding: chunked"])
def test_the_last_response_arrives_while_its_body_is_still_sent(framing: str) -> None:
    head = f"POST /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{framing}\r\n\r\n"
    with start_server(RecordingApp(), LongLinger) as server:
        answer = server.send_and_read(head.encode() + b"7a1200\r\n" + bytes(8_000_000))
        assert answer.startswith("HTTP/1.1 200")
        assert answer.endswith("/last")


@pytest.mark.slow
def test_a_client_that_never_stops_sending_is_disconnected() -> None:
    head = SIZED_REQUEST.format("last", 10**15).replace("Host", "Connection: close\r\nHost")
    with start_server(RecordingApp(), ShortTimeouts) as server, server.connect() as connection:
        connection.sendall(head.encode())
        assert read_until_closed(connection).endswith("/last")
        with pytest.raises(OSError, match=r"reset|Broken pipe"):
            _send_forever(connection)


@pytest.mark.slow
@pytest.mark.parametrize(("body_part", "half_closes"), [("nonsense\r\n", False), ("2\r\n{", True)])
def test_no_100_continue_is_sent_for_a_rejected_body(body_part: str, *, half_closes: bool) -> None:
    head = CHUNKED_REQUEST.partition("2\r\n")[0].replace("Host", "Expect: 100-continue\r\nHost")
    with (
        start_server(app := RecordingApp(), RequestLimits) as server,
        server.connect() as connection,
    ):
        connection.sendall((head + body_part).encode())
        if half_closes:
            connection.shutdown(socket.SHUT_WR)
        answer = read_until_closed(connection).removeprefix("HTTP/1.1 100 Continue\r\n\r\n")
        assert read_status(answer) == 400
        wait_until(lambda: app.answered_paths == ["/body"])


@pytest.mark.slow
def test_no_timeout_is_reported_without_a_started_request() -> None:
    with (
        start_server(app := RecordingApp(), ShortTimeouts) as server,
        server.connect() as connection,
    ):
        connection.sendall(SIZED_REQUEST.format("unread", 2).encode())
        read_response(connection, "/unread")
        connection.sendall(b"{}")
        assert read_until_closed(connection) == ""
        assert app.paths == ["/unread"]


def _send_forever(connection: socket.socket) -> None:
    while True:
        connection.sendall(bytes(4096))
