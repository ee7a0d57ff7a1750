"""At the limit of connections a new one is accepted and an idle one closed."""

from contextlib import ExitStack

import pytest

from server.runtime.connection_limit import ConnectionLimit
from tests.server.runtime.minimal_app import RecordingApp
from tests.server.runtime.server_process import wait_until
from tests.server.runtime.threaded_server import (
    ListeningServer,
    read_response,
    read_until_closed,
    start_server,
)

GET_REQUEST = "GET /{} HTTP/1.1\r\nHost: a\r\n\r\n"
LAST_REQUEST = "GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"


CONNECTION_LIMIT = 3


class ThreeConnections(ConnectionLimit):
    """The protocol with at most three connections."""

    max_connections = CONNECTION_LIMIT


def has_connections(server: ListeningServer, number: int) -> bool:
    return len(server.connections) == number


def is_rejected(server: ListeningServer) -> bool:
    try:
        return server.send_and_read(LAST_REQUEST) == ""
    except ConnectionError:  # when the request was there already
        return True


@pytest.mark.slow
def test_the_longest_idle_connection_is_closed_for_a_new_one() -> None:
    with start_server(RecordingApp(), ThreeConnections) as server, ExitStack() as stack:
        first, second, third = (
            stack.enter_context(server.connect()) for _ in range(CONNECTION_LIMIT)
        )
        first.sendall(GET_REQUEST.format("first").encode())
        read_response(first, "/first")
        wait_until(lambda: has_connections(server, CONNECTION_LIMIT))

        fourth = stack.enter_context(server.connect())

        assert read_until_closed(second) == ""
        for each in (first, third, fourth):
            each.sendall(LAST_REQUEST.encode())
            assert read_until_closed(each).endswith("/last")


@pytest.mark.slow
def test_a_connection_with_a_running_request_is_not_closed() -> None:
    with start_server(app := RecordingApp(), ThreeConnections) as server, ExitStack() as stack:
        slow = [stack.enter_context(server.connect()) for _ in range(CONNECTION_LIMIT)]
        for each in slow:
            each.sendall(GET_REQUEST.format("slow").encode())
        wait_until(lambda: app.paths == ["/slow"] * CONNECTION_LIMIT)

        assert is_rejected(server)

        app.release.set()
        for each in slow:
            read_response(each, "/slow")
        assert server.send_and_read(LAST_REQUEST).endswith("/last")
