"""What the holder of one key sees, and what of it is remembered."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from providers.kit.caching.cache import Cache
from providers.kit.caching.cached import Cached
from providers.kit.caching.policy import CachePolicy
from providers.retroachievements.api import RetroAchievementsApi

T = TypeVar("T")


@dataclass(frozen=True)
class CachedApi:
    """The upstream through one key, and the memory in front of it."""

    api: RetroAchievementsApi
    cache: Cache = field(repr=False)

    async def get_or_load(
        self, policy: CachePolicy[T], key: tuple[str, ...], load: Callable[[], Awaitable[T]]
    ) -> Cached[T]:
        """Answer from this key's own memory, or load."""
        return await self.cache.get_or_load(policy, self.api.credential.scope, key, load)

    def is_cached_locally(self, policy: CachePolicy[Any], key: tuple[str, ...]) -> bool:
        """Whether it is remembered in this process, so that nobody at all has to be asked."""
        return self.cache.peek(policy, self.api.credential.scope, key) is not None

    async def get_cached(self, policy: CachePolicy[T], key: tuple[str, ...]) -> Cached[T] | None:
        """What is remembered, without a question."""
        return await self.cache.get(policy, self.api.credential.scope, key)

    def set_cached_nowait(self, policy: CachePolicy[T], key: tuple[str, ...], value: T) -> None:
        """Remember what another question has brought along."""
        self.cache.set_nowait(policy, self.api.credential.scope, key, value)


def replace_value(cached: Cached[Any], value: T) -> Cached[T]:
    """Another fact that the same answer holds."""
    return Cached(value, cached.fetched_at, cached.stale)
