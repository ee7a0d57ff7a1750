"""Learned limits in a dictionary."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from providers.kit.caching.cached import Cached
from providers.kit.caching.policy import CachePolicy


@dataclass
class StoredLimits:
    values: dict[tuple[str, ...], int] = field(default_factory=dict[tuple[str, ...], int])

    async def get_cached(self, policy: CachePolicy[int], *key: str) -> Cached[int] | None:
        found = self.values.get((policy.name, *key))
        return None if found is None else Cached(found, datetime.now(UTC))

    def set_cached_nowait(self, policy: CachePolicy[int], value: int, *key: str) -> None:
        self.values[(policy.name, *key)] = value
