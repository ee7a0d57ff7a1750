"""RetroAchievements' API and the cache in front of it, for one credential."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, TypeVar

from providers.errors import Unauthenticated
from providers.kit.caching.cache import Cache
from providers.kit.caching.cached import Cached
from providers.kit.caching.policy import CachePolicy
from providers.kit.upstream.credential_check import CredentialCheck
from providers.retroachievements.api import RetroAchievementsApi

T = TypeVar("T")


@dataclass(frozen=True)
class CachedApi:
    """The API with one credential, and the cached values of that credential's scope."""

    api: RetroAchievementsApi
    cache: Cache = field(repr=False)

    @property
    def scope(self) -> str:
        """Return the credential's name in cache keys."""
        return self.api.credential.scope

    @cached_property
    def credential_check(self) -> CredentialCheck:
        """The check of the credential before cached values are served to it."""
        return CredentialCheck(self.api.upstream, self.cache, self.api.verify_key)

    async def get_or_load(
        self, policy: CachePolicy[T], key: tuple[str, ...], load: Callable[[], Awaitable[T]]
    ) -> Cached[T]:
        """Return the cached value, or load it; loads of the same key at one time become one."""
        try:
            await self.credential_check.ensure(policy)
            checked_load = partial(self.credential_check.run, load)
            return await self.cache.get_or_load(policy, self.scope, key, checked_load)
        except Unauthenticated:
            # The load may be another's: the operator and a caller with the same key share one.
            raise self.api.credential.build_rejection() from None

    async def get_cached(self, policy: CachePolicy[T], *key: str) -> Cached[T] | None:
        """Return the cached value, or None; no call is made."""
        if not self.credential_check.may_serve(policy):
            return None
        return await self.cache.get(policy, self.scope, key)

    def peek_cached(self, policy: CachePolicy[T], *key: str) -> Cached[T] | None:
        """Return the value cached in this process, or None."""
        if not self.credential_check.may_serve(policy):
            return None
        return self.cache.peek(policy, self.scope, key)

    def set_cached_nowait(self, policy: CachePolicy[T], value: T, *key: str) -> None:
        """Cache a value that the response to another call contained."""
        self.cache.set_nowait(policy, self.scope, key, value)


def replace_value(cached: Cached[Any], value: T) -> Cached[T]:
    """Return another value that the same response contained, with its date."""
    return Cached(value, cached.fetched_at, cached.stale)
