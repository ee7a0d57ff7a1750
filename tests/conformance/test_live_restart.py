"""A server is restarted while clients listen: none loses an unlock, and none has one twice."""

import signal
import sys
import threading
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from providers.registry import Source
from tests.conformance.processes import (
    build_environment,
    listen_on_free_port,
    start_sandbox,
)
from tests.conformance.recipes import KEY, fill_in, load_recipes
from tests.conformance.test_live_recipes import NODE_RECIPES, WEB_SOCKET, start_recipe
from tests.harness import operator_settings, sandbox_url_settings
from tests.server.runtime.server_process import Process, read_metric, start_process, wait_until

RECIPES = load_recipes()
CLIENTS = (*NODE_RECIPES, "Python gql")
WAIT_SECONDS = 240  # on a busy machine; a client tries again ever more seldom
FIRST_UNLOCKS, UNLOCKS_WHILE_AWAY, LAST_UNLOCKS = 2, 2, 2


class Upstreams:
    """The upstreams, which last longer than the server, and what is unlocked there."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.count = 0

    def unlock(self, count: int) -> None:
        """Unlock so many trophies."""
        wanted = {"source": Source.PSN.name}
        for _ in range(count):
            response = httpx.post(f"{self.address}/_sandbox/unlocks", json=wanted)
            self.count += len(response.raise_for_status().json()["unlocks"])

    def count_lists(self) -> int:
        """Return how often the server has looked at the account."""
        calls = httpx.get(f"{self.address}/_sandbox/calls").json()[Source.PSN.name]
        return sum(count for name, count in calls.items() if "trophyTitles" in name)


class Listener:
    """A client's output, line by line."""

    def __init__(self, name: str, process: Any) -> None:
        self.name = name
        self.lines: list[str] = []
        self._process = process
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self._process.stdout:
            self.lines.append(line.strip())


@pytest.fixture
def upstreams() -> Iterator[Upstreams]:
    with start_sandbox() as address:
        yield Upstreams(address)


@contextmanager
def start_server(upstreams: Upstreams, folder: Path, port: int) -> Generator[Process]:
    settings = {
        **operator_settings(Source.PSN),
        **sandbox_url_settings(upstreams.address),
        "PSN_RATE": "100000/1",
        "TROPHYCASE_API_KEYS": f"recipes:{KEY}:read",
        "TROPHYCASE_CACHE_URL": f"sqlite:///{folder / 'cache.db'}",
        "TROPHYCASE_LIVE_INTERVAL": "1",
        "TROPHYCASE_STATE_DIR": str(folder),
    }
    environment = build_environment(**settings)
    with start_process("serve", env=environment, port=port) as process:
        yield process


@contextmanager
def start_clients(node: str, address: str) -> Generator[list[Listener]]:
    with ExitStack() as stack:
        listeners: list[Listener] = []
        for name in CLIENTS:
            is_python = name == "Python gql"
            command = [sys.executable, "-"] if is_python else [node, "--input-type=module", "-"]
            code = ("" if is_python else WEB_SOCKET) + fill_in(RECIPES[name], address)
            listeners.append(Listener(name, stack.enter_context(start_recipe(command, code))))
        yield listeners


def wait_for_lines(listeners: list[Listener], count: int) -> None:
    """Wait until each client has printed so many unlocks."""
    try:
        wait_until(lambda: all(len(each.lines) >= count for each in listeners), WAIT_SECONDS)
    except AssertionError:
        raise AssertionError({each.name: each.lines for each in listeners}) from None


def has_subscribed(process: Process, count: int) -> bool:
    text = httpx.get(f"{process.address}/metrics", headers={"authorization": f"Bearer {KEY}"}).text
    return read_metric(text, "operations_in_flight") == count


def test_every_client_goes_on_after_a_restart(
    modules: str, upstreams: Upstreams, tmp_path: Path
) -> None:
    bound, port = listen_on_free_port()
    bound.close()
    with ExitStack() as stack:
        with start_server(upstreams, tmp_path, port) as server:
            listeners = stack.enter_context(start_clients(modules, server.address))
            wait_until(lambda: has_subscribed(server, len(CLIENTS)), WAIT_SECONDS)
            looked = upstreams.count_lists()
            wait_until(lambda: upstreams.count_lists() >= looked + 2, WAIT_SECONDS)
            upstreams.unlock(FIRST_UNLOCKS)
            wait_for_lines(listeners, upstreams.count)
            server.popen.send_signal(signal.SIGTERM)
            assert server.popen.wait(10) == 0
        upstreams.unlock(UNLOCKS_WHILE_AWAY)
        with start_server(upstreams, tmp_path, port) as server:
            wait_until(lambda: has_subscribed(server, len(CLIENTS)), WAIT_SECONDS)
            upstreams.unlock(LAST_UNLOCKS)
            wait_for_lines(listeners, upstreams.count)

    assert {each.name: len(each.lines) for each in listeners} == dict.fromkeys(
        CLIENTS, upstreams.count
    )
    assert all(sorted(each.lines) == sorted(listeners[0].lines) for each in listeners)
