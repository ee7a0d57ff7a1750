"""Rules for every test: no network beyond this machine, a fresh sandbox on request."""

import ipaddress
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from providers.kit.request_context import get_current
from tests.harness import RunningServer, run_server

_LOCAL_NAMES = (None, "", "localhost")


def _block_network(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.getaddrinfo":
        _check_host(arguments[0])
    elif event in ("socket.connect", "socket.sendto") and isinstance(arguments[1], tuple):
        _check_host(arguments[1][0])


def _check_host(host: Any) -> None:
    name = host.decode() if isinstance(host, bytes) else host
    if name not in _LOCAL_NAMES and not _is_loopback(str(name)):
        raise PermissionError(f"a test may not reach {name}")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


# A busy machine must not fail a test.
settings.register_profile("calm", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("calm")
sys.addaudithook(_block_network)


@pytest.fixture(autouse=True)
def redis_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a busy machine makes late is not lost; tests of what is lost say how long they wait."""
    monkeypatch.setattr("providers.kit.shared.redis_connection.TIMEOUT_SECONDS", 30)


@pytest.fixture
def server() -> Iterator[RunningServer]:
    """The sandbox, fresh for this test."""
    with run_server() as running:
        yield running


@pytest.fixture(autouse=True)
def nothing_is_left_running() -> Iterator[None]:
    """A test that left its operation behind would let a later one run out of time."""
    yield
    assert get_current().get_remaining_seconds() > 9
