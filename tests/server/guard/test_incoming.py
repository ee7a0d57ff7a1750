"""What a caller may send before it makes a request, how much at once, and how slowly."""

import json
import socket

import pytest

from server.graphql_request import NOTHING_ASKED
from server.runtime.request_limits import Incoming
from tests.server.guard.answering import Answering, Hasty
from tests.server.guard.listening import all_of, listening, taken
from tests.server.operations.running import until

GET = "GET /{} HTTP/1.1\r\nHost: a\r\n\r\n"
LAST = "GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
CHUNKED = "POST /body HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n"
SIZED = "POST /{} HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n"
LINES = f"x-a: {'b' * 4000}\r\n" * 150
ENDLESS = "a" * 600_000


def status(answer: str) -> int:
    return int(answer.split(maxsplit=2)[1])


def told(answer: str) -> dict[str, object]:
    """The error of an answer that the connection itself gave, which looks like any other."""
    head, _, body = answer.partition("\r\n\r\n")
    names = {line.partition(":")[0] for line in head.lower().splitlines()[1:]}
    assert {"connection", "content-type", "x-content-type-options", "x-request-id"} <= names
    members = json.loads(body)
    assert members["extensions"] == {"upstream": NOTHING_ASKED}
    return members["errors"][0]["extensions"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("GET / HTTP/1.1\r\nHost: a\r\n" + LINES, 431),
        ("GET / HTTP/1.1\r\nHost: a\r\nx: " + ENDLESS, 431),
        ("GET /" + ENDLESS, 414),
        ("GET /?" + ENDLESS, 414),
        (ENDLESS, 400),
        ("\r\n" * 300_000, 431),
        ("GET /" + "a" * 70_000 + LAST[9:], 414),
        (GET.format("first") + "GET /" + ENDLESS, 200),
        (CHUNKED + LINES, 431),
        (CHUNKED + "x: " + ENDLESS, 431),
    ],
)
def test_what_never_becomes_a_request_is_cut_off(text: str, expected: int) -> None:
    with listening(Answering(), Incoming) as there:
        answer = there.sent(text)
        assert status(answer) == expected
        assert answer.lower().count("connection: close") == 1
        if expected != 200:
            assert told(answer) == {"code": "BAD_USER_INPUT"}


def test_whoever_waits_for_a_body_hears_that_it_was_cut_off() -> None:
    app = Answering()
    with listening(app, Incoming) as there:
        there.sent(CHUNKED + LINES)
        assert app.gone.wait(30)


def test_as_much_as_the_guard_lets_through_is_left_to_the_guard() -> None:
    url, headers = "u" * 65_000, "".join(f"x-{n}: {'v' * 320}\r\n" for n in range(98))
    with listening(Answering(), Incoming) as there:
        answer = there.sent(f"GET /{url} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{headers}\r\n")
        assert status(answer) == 200


def test_large_bodies_are_no_heads_however_they_come() -> None:
    app = Answering()
    whole = SIZED.format("body", 1_000_000) + "b" * 1_000_000
    chunks = f"{1000:x}\r\n{'c' * 1000}\r\n" * 1000
    chunked = CHUNKED.replace("2\r\n{}\r\n0\r\n", chunks + "0\r\n\r\n")
    with listening(app, Incoming) as there:
        answer = there.sent(whole + chunked + whole + LAST)
        assert answer.count("a body of 1000000") == 3
        assert answer.endswith("/last")


def test_what_comes_behind_a_body_is_no_header() -> None:
    app = Answering()
    with listening(app, Incoming) as there:
        answer = there.sent(CHUNKED + "authorization: Bearer key\r\n\r\n" + LAST)
        assert "a body of 2" in answer
        assert app.headers == [b"host", b"transfer-encoding"]


def test_requests_that_are_sent_at_once_are_answered_in_order() -> None:
    paths = [f"/{number}" for number in range(Incoming.most_queued)]
    with listening(app := Answering(), Incoming) as there:
        answer = there.sent("".join(GET.format(path[1:]) for path in paths) + LAST)
        assert answer.count("HTTP/1.1 200") == len(paths) + 1
        assert app.paths == [*paths, "/last"]


def test_of_too_many_that_are_sent_at_once_the_first_are_answered() -> None:
    with listening(app := Answering(), Incoming) as there:
        answer = there.sent(GET.format("many") * 50_000)
        assert answer.count("HTTP/1.1 200") == len(app.paths) == Incoming.most_queued + 1
        assert answer.count("connection: close") == 1


@pytest.mark.parametrize("behind", ["nonsense\r\n\r\n", "GET / HTTP/1.1\r\nHost : a\r\n\r\n"])
def test_nonsense_behind_a_request_does_not_spoil_its_answer(behind: str) -> None:
    with listening(app := Answering(), Incoming) as there, there.connect() as connection:
        connection.sendall((GET.format("slow") + behind).encode())
        app.go.set()
        answer = all_of(connection)
        assert answer.startswith("HTTP/1.1 200")
        assert answer.endswith("/slow")


@pytest.mark.parametrize("paths", [["/slow"], ["/slow", "/next"]])
def test_whoever_has_no_more_to_say_still_hears_all_answers(paths: list[str]) -> None:
    with listening(app := Answering(), Incoming) as there, there.connect() as connection:
        connection.sendall("".join(GET.format(path[1:]) for path in paths).encode())
        connection.shutdown(socket.SHUT_WR)
        until(lambda: app.paths == ["/slow"])
        there.sent(LAST)  # by its end the other's is known
        app.go.set()
        answer = all_of(connection)
        assert answer.count("HTTP/1.1 200") == len(paths)
        assert answer.endswith(paths[-1])


def test_a_body_that_ends_too_early_is_told() -> None:
    with listening(app := Answering(), Incoming) as there, there.connect() as connection:
        connection.sendall((SIZED.format("body", 3) + "{}").encode())
        connection.shutdown(socket.SHUT_WR)
        answer = all_of(connection)
        assert status(answer) == 400
        assert told(answer) == {"code": "BAD_USER_INPUT"}
        assert app.gone.wait(30)


@pytest.mark.parametrize("begun", ["G", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: a\r\n"])
@pytest.mark.parametrize("before", ["", GET.format("before")])
def test_a_head_that_does_not_end_is_cut_off(before: str, begun: str) -> None:
    with listening(Answering(), Hasty) as there, there.connect() as connection:
        if before:
            connection.sendall(before.encode())
            taken(connection, "/before")
        connection.sendall(begun.encode())
        answer = all_of(connection)
        assert status(answer) == 408
        assert told(answer) == {"code": "BAD_USER_INPUT"}


def test_a_head_that_comes_bit_by_bit_has_no_more_time() -> None:
    with listening(Answering(), Hasty) as there, there.connect() as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n")
        with pytest.raises(OSError, match=r"reset|Broken pipe"):  # noqa: PT012 - it takes several
            while True:
                connection.sendall(b"x: 1\r\n")
                connection.settimeout(0.05)
                try:
                    connection.recv(1)
                except TimeoutError:
                    continue


@pytest.mark.parametrize("text", ["", GET.format("one"), GET.format("one") + "\r\n", "\r\n"])
def test_a_connection_that_asks_nothing_more_is_closed(text: str) -> None:
    with listening(Answering(), Hasty, timeout_keep_alive=0.2) as there:
        answer = there.sent(text)
        assert answer.count("HTTP/1.1 200") == text.count("GET")


def test_the_rest_of_a_body_that_nobody_wanted_is_not_awaited_for_ever() -> None:
    with listening(Answering(), Hasty) as there, there.connect() as connection:
        connection.sendall(SIZED.format("unread", 10**15).encode())
        taken(connection, "/unread")
        with pytest.raises(OSError, match=r"reset|Broken pipe"):
            _send_for_ever(connection)


class Lingering(Incoming):
    """Has time enough for a slow machine."""

    linger_seconds = 30


@pytest.mark.parametrize("framing", ["Content-Length: 8000000", "Transfer-Encoding: chunked"])
def test_a_last_answer_arrives_while_its_body_is_still_sent(framing: str) -> None:
    head = f"POST /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{framing}\r\n\r\n"
    with listening(Answering(), Lingering) as there:
        answer = there.sent(head.encode() + b"7a1200\r\n" + bytes(8_000_000))
        assert answer.startswith("HTTP/1.1 200")
        assert answer.endswith("/last")


def test_who_sends_what_nobody_takes_for_ever_is_left() -> None:
    head = SIZED.format("last", 10**15).replace("Host", "Connection: close\r\nHost")
    with listening(Answering(), Hasty) as there, there.connect() as connection:
        connection.sendall(head.encode())
        assert all_of(connection).endswith("/last")
        with pytest.raises(OSError, match=r"reset|Broken pipe"):
            _send_for_ever(connection)


@pytest.mark.parametrize(("behind", "closes"), [("nonsense\r\n", False), ("2\r\n{", True)])
def test_nobody_is_told_to_go_on_whose_body_is_refused(behind: str, *, closes: bool) -> None:
    head = CHUNKED.partition("2\r\n")[0].replace("Host", "Expect: 100-continue\r\nHost")
    with listening(app := Answering(), Incoming) as there, there.connect() as connection:
        connection.sendall((head + behind).encode())
        if closes:
            connection.shutdown(socket.SHUT_WR)
        answer = all_of(connection).removeprefix("HTTP/1.1 100 Continue\r\n\r\n")
        assert status(answer) == 400
        until(lambda: app.answered == ["/body"])


def test_nobody_is_told_to_be_late_who_has_begun_nothing() -> None:
    with listening(app := Answering(), Hasty) as there, there.connect() as connection:
        connection.sendall(SIZED.format("unread", 2).encode())
        taken(connection, "/unread")
        connection.sendall(b"{}")
        assert all_of(connection) == ""
        assert app.paths == ["/unread"]


def _send_for_ever(connection: socket.socket) -> None:
    while True:
        connection.sendall(bytes(4096))
