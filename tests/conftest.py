"""What holds for every test: a running sandbox on request, and no network beyond this machine."""

import ipaddress
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from providers.kit.request_context import current
from tests.asking import Server, serving

_NOBODY = (None, "", "localhost")


def _refuse_the_network(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.getaddrinfo":
        _refuse(arguments[0])
    elif event in ("socket.connect", "socket.sendto") and isinstance(arguments[1], tuple):
        _refuse(arguments[1][0])


def _refuse(host: Any) -> None:
    name = host.decode() if isinstance(host, bytes) else host
    if name not in _NOBODY and not _is_loopback(str(name)):
        raise PermissionError(f"a test may not reach {name}")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


# A busy machine is no reason to fail.
settings.register_profile("calm", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("calm")
sys.addaudithook(_refuse_the_network)


@pytest.fixture(autouse=True)
def redis_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a busy machine makes late is not lost; tests of what is lost say how long they wait."""
    monkeypatch.setattr("providers.kit.shared.redis_connection.PATIENCE", 30)


@pytest.fixture
def server() -> Iterator[Server]:
    """The sandbox, fresh for this test."""
    with serving() as running:
        yield running


@pytest.fixture(autouse=True)
def nothing_is_left_running() -> Iterator[None]:
    """A test that left its operation behind would let a later one run out of time."""
    yield
    assert current().remaining() > 9
