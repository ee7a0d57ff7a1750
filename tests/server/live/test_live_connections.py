"""The number of sockets, their lifetime, their silence, and their end at a drain."""

from typing import Any

import pytest

from server.descriptor_limits import MAX_LIVE_CONNECTIONS
from server.live import live_connections
from tests.harness import PSN_VEGA, RunningServer, run_server
from tests.resolvers.live.subscriber import wait
from tests.server.live.clients import ACK, UNLOCKS, Socket, Stream, open_socket

KEYS = "one:the-key-of-number-one:read,two:the-key-of-number-two:read"
ONE, TWO = ({"authorization": f"Bearer the-key-of-number-{name}"} for name in ("one", "two"))
OWN = {"x-retroachievements-username": "VegaNorth", "x-retroachievements-api-key": "unknown"}
SLOW_QUERY = "query ($who: [AccountInput!]!) { user(accounts: $who) { displayName } }"
VARIABLES = {"accounts": PSN_VEGA}


def close_all(sockets: list[Socket]) -> None:
    for each in sockets:
        each.disconnect()


def drain(server: RunningServer) -> None:
    connections: live_connections.LiveConnections = server.app.state.live_connections
    connections.start_draining()


@pytest.mark.slow
def test_a_caller_may_have_200_sockets_and_no_more() -> None:
    with run_server(TROPHYCASE_API_KEYS=KEYS) as server:
        sockets = [Socket(server) for _ in range(200)]
        assert all(each.init(ONE) == ACK for each in sockets)
        rejected = Socket(server)
        assert rejected.init(ONE) == 1013
        with open_socket(server, TWO):
            pass
        sockets.pop().disconnect()
        with open_socket(server, ONE):
            close_all(sockets)


def test_callers_whom_no_source_knows_share_twenty_sockets_of_an_address() -> None:
    with run_server(TROPHYCASE_API_KEYS=KEYS) as server:
        sockets = [Socket(server) for _ in range(20)]
        assert all(each.init(OWN) == ACK for each in sockets)
        assert Socket(server).init(OWN) == 1013
        elsewhere = Socket(server, client=("192.0.2.1", 1))
        assert elsewhere.init(OWN) == ACK
        close_all([*sockets, elsewhere])


def test_the_sockets_and_streams_of_all_are_limited(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    connections: live_connections.LiveConnections = server.app.state.live_connections
    assert connections.max_connections <= MAX_LIVE_CONNECTIONS
    monkeypatch.setattr(connections, "max_connections", 2)
    stream = Stream(server, UNLOCKS, variables=VARIABLES)
    with open_socket(server):
        assert Socket(server).receive() == 1013
        assert Stream(server, UNLOCKS, variables=VARIABLES).status == 503
    with open_socket(server):
        stream.disconnect()


def test_a_socket_that_says_nothing_makes_room_for_others(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_connections, "MAX_UNIDENTIFIED", 2)
    first, second, third = (Socket(server) for _ in range(3))

    assert first.receive() == 1013
    assert second.init() == third.init() == ACK
    close_all([second, third])


def test_a_silent_client_is_asked_and_then_taken_to_be_gone(server: RunningServer) -> None:
    began_at = server.clock.now
    socket = Socket(server, shows_pings=True)
    socket.init()
    times: list[float] = []
    while socket.receive() == {"type": "ping"}:
        times.append(round(server.clock.now - began_at))

    assert times == [15, 30, 45, 60]
    assert server.clock.now - began_at == pytest.approx(75)


@pytest.mark.slow
def test_a_socket_that_answers_lasts_an_hour(server: RunningServer) -> None:
    began_at = server.clock.now
    with open_socket(server) as socket:
        socket.subscribe("s", UNLOCKS, variables=VARIABLES)
        assert socket.receive() == 1012

    assert 0.9 * 3_600 <= server.clock.now - began_at <= 3_601


@pytest.mark.slow
def test_a_drain_closes_all_sockets_and_completes_nothing(server: RunningServer) -> None:
    sockets = [Socket(server) for _ in range(20)]
    for each in sockets:
        each.init()
        each.subscribe("s", UNLOCKS, variables=VARIABLES)
    wait(server, 1)
    drain(server)

    wait(server, 1.5)
    assert 0 < sum(each.has_ended for each in sockets) < len(sockets)
    wait(server, 1.6)
    assert all(each.has_ended for each in sockets)
    assert [each.receive() for each in sockets] == [1012] * len(sockets)


def test_a_socket_that_opens_during_a_drain_is_closed(server: RunningServer) -> None:
    drain(server)
    silent, socket = Socket(server), Socket(server)
    assert socket.init() == ACK

    assert [each.receive() for each in (silent, socket)] == [1012, 1012]


def start_slow_query(server: RunningServer) -> Socket:
    """Start a query that takes five seconds, and return its socket a second later."""
    server.inject_fault("m.np.playstation.com", delay=5)
    socket = Socket(server)
    socket.init()
    socket.subscribe("q", SLOW_QUERY, variables={"who": PSN_VEGA})
    wait(server, 1)
    return socket


def test_a_running_query_has_its_result_before_the_drain_closes_its_socket(
    server: RunningServer,
) -> None:
    socket = start_slow_query(server)
    drain(server)

    assert socket.receive()["type"] == "next"
    assert socket.receive() == {"type": "complete", "id": "q"}
    assert socket.receive() == 1012
    socket.wait_for_end()


def test_a_query_of_a_client_that_is_gone_is_executed_to_its_end(
    server: RunningServer,
) -> None:
    socket = start_slow_query(server)
    began_at = server.clock.now
    socket.disconnect()

    assert server.clock.now - began_at > 3
    sent: list[Any] = socket.list_sent()
    assert sent == []
