"""Answers that nobody takes are not kept."""

import socket
import struct
import time

from server.runtime.response_timeout import Outgoing
from tests.server.guard.answering import LARGE, Answering, Hasty
from tests.server.guard.listening import Listening, listening
from tests.server.operations.running import until

SMALL = 2048
RESETS = struct.pack("ii", 1, 0)  # on closing, instead of saying so
LARGE_ANSWER = b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n"
CLOSING = b"GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
SLOW = b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n"
NEXT = b"GET /next HTTP/1.1\r\nHost: a\r\n\r\n"


def asking(there: Listening, text: bytes, buffer: int = 0) -> socket.socket:
    """A connection that has not read yet what it asks for."""
    connection = there.connect(buffer)
    connection.sendall(text)
    return connection


def unsent(there: Listening) -> int:
    return sum(each.unsent for each in list(there.connections))


def test_an_answer_that_nobody_takes_is_dropped_with_its_connection() -> None:
    with listening(Answering(), Hasty) as there:
        kept = [asking(there, text, SMALL) for text in (LARGE_ANSWER, CLOSING)]
        until(lambda: unsent(there) > LARGE)
        until(lambda: not there.connections)
        for each in kept:
            each.close()


def test_the_next_request_waits_until_the_last_answer_is_taken() -> None:
    with listening(app := Answering(), Outgoing) as there:
        with asking(there, LARGE_ANSWER + NEXT + NEXT) as connection:
            until(lambda: unsent(there) > 0)
            assert app.paths == ["/large"]
            received = b""
            while received.count(b"/next") < 2:
                received += connection.recv(1024 * 1024)
            assert len(received) > LARGE
        assert app.paths == ["/large", "/next", "/next"]


def test_who_goes_away_instead_of_taking_it_is_forgotten() -> None:
    with listening(app := Answering(), Outgoing) as there:
        with asking(there, LARGE_ANSWER + NEXT):
            until(lambda: unsent(there) > 0)
        until(lambda: not there.connections)
        assert app.paths == ["/large"]


def test_who_goes_away_while_more_is_waiting_makes_no_answer_fail() -> None:
    with listening(app := Answering(), Outgoing) as there:
        with asking(there, NEXT + SLOW + NEXT) as connection:
            until(lambda: app.paths == ["/next", "/slow"])
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESETS)
        until(lambda: not there.connections)
        app.go.set()
        until(lambda: app.answered == ["/next", "/slow"])
        assert app.paths == app.answered


class Watched(Hasty):
    """Looks often, but leaves a busy machine the time to take something, and little will do."""

    look_seconds = 1.0
    least_taken = 1024


def test_an_answer_that_is_taken_slowly_is_sent_to_its_end() -> None:
    with listening(Answering(), Watched) as there, asking(there, CLOSING, SMALL) as connection:
        began, received = time.monotonic(), 0
        while time.monotonic() - began < 3 * Watched.look_seconds:
            received += len(connection.recv(SMALL))
            time.sleep(0.01)  # which is what makes it slow
        assert unsent(there) > 0
        while block := connection.recv(LARGE):
            received += len(block)
        assert received > LARGE


def test_of_too_much_that_is_not_taken_the_oldest_is_dropped() -> None:
    class Patient(Hasty):
        look_seconds = 3600

    with listening(app := Answering(), Patient) as there:
        kept = [asking(there, LARGE_ANSWER, SMALL) for _ in range(5)]
        until(lambda: len(app.answered) == len(kept))
        until(lambda: len(there.connections) == 2)
        assert 0 < unsent(there) <= Hasty.most_unsent
        for each in kept:
            each.close()
