"""Rules for every test: no network beyond this machine, a fresh sandbox on request."""

import gc
import ipaddress
import ssl
import sys
from collections.abc import Generator, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from providers.kit.request_context import get_current

_LOCAL_NAMES = (None, "", "localhost")
_OWN_STATE_DIRECTORY = str(Path("~/.local/state/trophycase").expanduser())


def _block_network(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.getaddrinfo":
        _check_host(arguments[0])
    elif event in ("socket.connect", "socket.sendto") and isinstance(arguments[1], tuple):
        _check_host(arguments[1][0])


def _protect_state_directory(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuse to touch the developer's own state directory, which is the server's default."""
    if event in ("open", "os.mkdir") and str(arguments[0]).startswith(_OWN_STATE_DIRECTORY):
        raise PermissionError("a test may not use the developer's own state directory")


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
sys.addaudithook(_protect_state_directory)
# Every HTTP client would read the certificates again, which takes longer than most tests.
pytest.MonkeyPatch().setattr(ssl, "create_default_context", cache(ssl.create_default_context))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage among the thousands of tests, now and later."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(scope="session", autouse=True)
def wait_for_stores() -> Iterator[None]:
    """Wait for Redis or the disk on a busy machine; tests of failures set their own timeouts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("providers.kit.shared.redis_connection.TIMEOUT_SECONDS", 30)
        patch.setattr("providers.kit.shared.file.connection.TIMEOUT_SECONDS", 30)
        yield


@pytest.fixture
def server() -> Iterator[Any]:
    """Run a sandbox server for this test alone."""
    # Not above: the process that only distributes the tests would load the whole server.
    from tests.harness import run_server  # noqa: PLC0415

    with run_server() as running:
        yield running


@pytest.fixture(autouse=True)
def check_request_context() -> Iterator[None]:
    """Fail a test that leaves its request context set: a later one would run out of time."""
    yield
    assert get_current().get_remaining_seconds() > 9
