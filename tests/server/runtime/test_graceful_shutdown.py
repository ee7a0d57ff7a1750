"""Shutdown on a signal completes running requests."""

import signal
import socket
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing

import httpx
import pytest

from tests.server.runtime.server_process import (
    TIMELINE_QUERY,
    TIMEOUT_SECONDS,
    Process,
    ask,
    read_metric,
    start_process,
    wait_until,
)

pytestmark = pytest.mark.slow

CONCURRENT_REQUESTS = 5
# Long enough for a busy machine to see all of the requests in flight at the same time.
DELAY_FAULT = {"path": "api.trophy.so", "delay": 2.0}


def are_in_flight(process: Process) -> bool:
    text = httpx.get(f"{process.address}/metrics").text
    return read_metric(text, "operations_in_flight") == CONCURRENT_REQUESTS


def start_requests(process: Process, pool: ThreadPoolExecutor) -> list["Future[httpx.Response]"]:
    """Start requests, each of which takes at least two seconds."""
    httpx.post(f"{process.address}/sandbox/faults", json=DELAY_FAULT).raise_for_status()
    futures = [pool.submit(ask, process.address) for _ in range(CONCURRENT_REQUESTS)]
    wait_until(lambda: are_in_flight(process))
    return futures


def open_connection(address: str) -> socket.socket:
    host, _, port = address.removeprefix("http://").partition(":")
    return socket.create_connection((host, int(port)), timeout=TIMEOUT_SECONDS)


def test_running_requests_are_completed_and_no_new_ones_are_accepted() -> None:
    with (
        start_process("serve", "--sandbox") as process,
        ThreadPoolExecutor(CONCURRENT_REQUESTS) as pool,
        httpx.Client(base_url=process.address) as probe,
    ):
        assert probe.get("/readyz").status_code == 200
        futures = start_requests(process, pool)
        process.popen.send_signal(signal.SIGTERM)
        wait_until(lambda: probe.get("/readyz").status_code == 503)
        assert not any(each.done() for each in futures)
        for each in futures:
            answer = each.result()
            assert answer.status_code == 200
            assert len(answer.json()["data"]["viewer"]["achievements"]["edges"]) == 5
        assert process.popen.wait(TIMEOUT_SECONDS) == 0
        with pytest.raises(ConnectionRefusedError):
            open_connection(process.address)
        assert (
            len([line for line in process.list_operation_lines() if line["status"] == 200])
            == CONCURRENT_REQUESTS
        )


def test_new_connections_are_refused_while_running_requests_are_completed() -> None:
    with (
        start_process("serve", "--sandbox") as process,
        ThreadPoolExecutor(CONCURRENT_REQUESTS) as pool,
    ):
        futures = start_requests(process, pool)
        process.popen.send_signal(signal.SIGTERM)
        wait_until(lambda: is_refused(process.address))
        assert not any(each.done() for each in futures)
        assert {each.result().status_code for each in futures} == {200}


def test_idle_connections_do_not_delay_shutdown() -> None:
    with (
        start_process("serve", "--sandbox") as process,
        closing(open_connection(process.address)) as half,
        httpx.Client() as idle,
    ):
        assert idle.get(f"{process.address}/livez").status_code == 200
        half.sendall(b"POST /graphql HTTP/1.1\r\nHost: one")
        process.popen.send_signal(signal.SIGTERM)
        assert process.popen.wait(3) == 0


def test_a_disconnected_caller_does_not_lose_the_sign_in() -> None:
    """Holds that the response with a rotated refresh token is awaited, which is lost otherwise."""
    with start_process("serve", "--sandbox") as process:
        slow = {"path": "oauth/token", "delay": 1.0}
        httpx.post(f"{process.address}/sandbox/faults", json=slow).raise_for_status()
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(f"{process.address}/graphql", json={"query": TIMELINE_QUERY}, timeout=0.3)
        process.popen.send_signal(signal.SIGTERM)
        assert process.popen.wait(TIMEOUT_SECONDS) == 0
        (line,) = process.list_operation_lines()
        assert (line["status"], line["codes"]) == (200, [])


def test_a_keyboard_interrupt_stops_the_server() -> None:
    # What runs in the background ignores the keyboard, and hands that down.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    with start_process("serve", "--sandbox") as process:
        signal.signal(signal.SIGINT, before)
        ask(process.address)
        process.popen.send_signal(signal.SIGINT)
        assert process.popen.wait(TIMEOUT_SECONDS) == 0
        assert all(line["level"] == "info" for line in process.lines)


def test_the_sandbox_alone_ends_at_once() -> None:
    with start_process("sandbox") as process:
        process.popen.send_signal(signal.SIGTERM)
        assert process.popen.wait(TIMEOUT_SECONDS) == 0


def is_refused(address: str) -> bool:
    try:
        open_connection(address).close()
    except ConnectionRefusedError:
        return True
    return False
