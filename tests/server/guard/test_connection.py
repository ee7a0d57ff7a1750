"""However many connections there are, one more gets in."""

import resource
from contextlib import ExitStack

import pytest

from server.runtime.connection_limit import MOST, Connection, room
from tests.server.guard.answering import Answering
from tests.server.guard.listening import Listening, all_of, listening, taken
from tests.server.operations.running import until

GET = "GET /{} HTTP/1.1\r\nHost: a\r\n\r\n"
LAST = "GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"


AT_ONCE = 3


class Few(Connection):
    """Three at once."""

    most = AT_ONCE


def are_connected(there: Listening, number: int) -> bool:
    return len(there.connections) == number


def is_turned_away(there: Listening) -> bool:
    try:
        return there.sent(LAST) == ""
    except ConnectionError:  # when the request was there already
        return True


def test_of_too_many_connections_the_longest_idle_makes_room() -> None:
    with listening(Answering(), Few) as there, ExitStack() as kept:
        first, second, third = (kept.enter_context(there.connect()) for _ in range(AT_ONCE))
        first.sendall(GET.format("first").encode())
        taken(first, "/first")
        until(lambda: are_connected(there, AT_ONCE))

        fourth = kept.enter_context(there.connect())

        assert all_of(second) == ""
        for each in (first, third, fourth):
            each.sendall(LAST.encode())
            assert all_of(each).endswith("/last")


def test_a_request_that_is_worked_on_does_not_make_room() -> None:
    with listening(app := Answering(), Few) as there, ExitStack() as kept:
        slow = [kept.enter_context(there.connect()) for _ in range(AT_ONCE)]
        for each in slow:
            each.sendall(GET.format("slow").encode())
        until(lambda: app.paths == ["/slow"] * AT_ONCE)

        assert is_turned_away(there)

        app.go.set()
        for each in slow:
            taken(each, "/slow")
        assert there.sent(LAST).endswith("/last")


@pytest.mark.parametrize(
    ("descriptors", "expected"),
    [(128, 96), (1024, 768), (1_000_000, MOST), (resource.RLIM_INFINITY, MOST)],
)
def test_connections_leave_descriptors_for_everything_else(
    monkeypatch: pytest.MonkeyPatch, descriptors: int, expected: int
) -> None:
    def given(_which: int) -> tuple[int, int]:
        return descriptors, descriptors

    monkeypatch.setattr(resource, "getrlimit", given)
    room.cache_clear()
    try:
        assert room() == expected
    finally:
        room.cache_clear()
