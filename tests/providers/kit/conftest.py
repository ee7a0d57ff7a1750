"""What several processes do to each other, made visible to a test."""

import pytest

from providers.kit.shared import lease
from providers.kit.shared.redis_connection import RedisConnection


@pytest.fixture
def followers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names that somebody waits for while another process has them, from when he begins to."""
    names: list[str] = []

    async def wait_for_release(
        wire: RedisConnection, name: str, holder: bytes | None, seconds: float
    ) -> bool:
        names.append(name)
        return await lease.wait_for_release(wire, name, holder, seconds)

    monkeypatch.setattr("providers.kit.caching.single_flight.wait_for_release", wait_for_release)
    return names
