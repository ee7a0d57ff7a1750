"""Fixtures for tests with several processes."""

import pytest

from providers.kit.shared import lease
from providers.kit.shared.redis_connection import RedisConnection


@pytest.fixture
def followers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the leases that a process waits for, from the moment it starts to wait."""
    names: list[str] = []

    async def wait_for_release(
        redis: RedisConnection, name: str, holder_token: bytes | None, max_seconds: float
    ) -> bool:
        names.append(name)
        return await lease.wait_for_release(redis, name, holder_token, max_seconds)

    monkeypatch.setattr("providers.kit.caching.single_flight.wait_for_release", wait_for_release)
    return names
