"""The server leaves in good order."""

import signal
import socket
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing

import httpx
import pytest

from tests.server.operations.running import (
    SECONDS,
    TIMELINE,
    Process,
    ask,
    counted,
    running,
    until,
)

TOGETHER = 5
DELAYED = {"path": "api.trophy.so", "delay": 1.0}


def in_flight(process: Process) -> bool:
    text = httpx.get(f"{process.address}/metrics").text
    return counted(text, "operations_in_flight") == TOGETHER


def begun(process: Process, pool: ThreadPoolExecutor) -> list["Future[httpx.Response]"]:
    """Requests under way, each of which takes at least a second."""
    httpx.post(f"{process.address}/sandbox/faults", json=DELAYED).raise_for_status()
    asked = [pool.submit(ask, process.address) for _ in range(TOGETHER)]
    until(lambda: in_flight(process))
    return asked


def connected(address: str) -> socket.socket:
    host, _, port = address.removeprefix("http://").partition(":")
    return socket.create_connection((host, int(port)), timeout=SECONDS)


def test_what_is_under_way_is_answered_and_nothing_new_is_taken() -> None:
    with (
        running("serve", "--sandbox") as process,
        ThreadPoolExecutor(TOGETHER) as pool,
        httpx.Client(base_url=process.address) as probe,
    ):
        assert probe.get("/readyz").status_code == 200
        asked = begun(process, pool)
        process.popen.send_signal(signal.SIGTERM)
        until(lambda: probe.get("/readyz").status_code == 503)
        assert not any(each.done() for each in asked)
        for each in asked:
            answer = each.result()
            assert answer.status_code == 200
            assert len(answer.json()["data"]["viewer"]["achievements"]["edges"]) == 5
        assert process.popen.wait(SECONDS) == 0
        with pytest.raises(ConnectionRefusedError):
            connected(process.address)
        assert len([line for line in process.operations() if line["status"] == 200]) == TOGETHER


def test_new_connections_are_refused_while_old_requests_are_answered() -> None:
    with running("serve", "--sandbox") as process, ThreadPoolExecutor(TOGETHER) as pool:
        asked = begun(process, pool)
        process.popen.send_signal(signal.SIGTERM)
        until(lambda: is_refused(process.address))
        assert not any(each.done() for each in asked)
        assert {each.result().status_code for each in asked} == {200}


def test_idle_connections_do_not_hold_it() -> None:
    with (
        running("serve", "--sandbox") as process,
        closing(connected(process.address)) as half,
        httpx.Client() as idle,
    ):
        assert idle.get(f"{process.address}/livez").status_code == 200
        half.sendall(b"POST /graphql HTTP/1.1\r\nHost: one")
        process.popen.send_signal(signal.SIGTERM)
        assert process.popen.wait(3) == 0


def test_a_caller_who_went_away_does_not_cost_the_sign_in() -> None:
    """A rotated refresh token is lost for good when its answer is not waited for."""
    with running("serve", "--sandbox") as process:
        slow = {"path": "oauth/token", "delay": 1.0}
        httpx.post(f"{process.address}/sandbox/faults", json=slow).raise_for_status()
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(f"{process.address}/graphql", json={"query": TIMELINE}, timeout=0.3)
        process.popen.send_signal(signal.SIGTERM)
        assert process.popen.wait(SECONDS) == 0
        (told,) = process.operations()
        assert (told["status"], told["codes"]) == (200, [])


def test_an_interrupt_from_the_keyboard_ends_it_as_well() -> None:
    # What runs in the background ignores the keyboard, and hands that down.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    with running("serve", "--sandbox") as process:
        signal.signal(signal.SIGINT, before)
        ask(process.address)
        process.popen.send_signal(signal.SIGINT)
        assert process.popen.wait(SECONDS) == 1
        assert all(line["level"] == "info" for line in process.lines)


def test_the_sandbox_alone_ends_at_once() -> None:
    with running("sandbox") as process:
        process.popen.send_signal(signal.SIGTERM)
        assert process.popen.wait(SECONDS) == 0


def is_refused(address: str) -> bool:
    try:
        connected(address).close()
    except ConnectionRefusedError:
        return True
    return False
