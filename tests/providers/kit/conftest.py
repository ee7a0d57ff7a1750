"""Fixtures for tests with several processes."""

import pytest

from providers.kit.shared import lease
from providers.kit.shared.store_backend import StoreBackend


@pytest.fixture
def followers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the leases that a process waits for, from the moment it starts to wait."""
    names: list[str] = []

    async def wait_for_release(
        backend: StoreBackend, name: str, holder_token: bytes | None, max_seconds: float
    ) -> bool:
        names.append(name)
        return await lease.wait_for_release(backend, name, holder_token, max_seconds)

    monkeypatch.setattr("providers.kit.caching.single_flight.wait_for_release", wait_for_release)
    return names
