"""What several processes do to each other, made visible to a test."""

import pytest

from providers.kit.shared import lease
from providers.kit.shared.redis_connection import Wire


@pytest.fixture
def followers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names that somebody waits for while another process has them, from when he begins to."""
    names: list[str] = []

    async def outlived(wire: Wire, name: str, holder: bytes | None, seconds: float) -> bool:
        names.append(name)
        return await lease.outlived(wire, name, holder, seconds)

    monkeypatch.setattr("providers.kit.caching.single_flight.outlived", outlived)
    return names
