"""PSN's API and the cache in front of it, for one credential."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, TypeVar

from providers.kit.caching.cache import Cache, FreshValue
from providers.kit.caching.cached import Cached
from providers.kit.caching.policy import CachePolicy
from providers.kit.upstream.credential_check import CredentialCheck
from providers.psn.api import PsnApi

T = TypeVar("T")


@dataclass(frozen=True)
class CachedApi:
    """The API with one credential, and the cached values of that credential's scope."""

    api: PsnApi
    cache: Cache = field(repr=False)

    @cached_property
    def scope(self) -> str:
        """Return the credential's name in cache keys."""
        return self.api.upstream.scope

    @cached_property
    def credential_check(self) -> CredentialCheck:
        """The check of the credential before cached values are served to it."""
        return CredentialCheck(self.api.upstream, self.cache, self.api.check_caller_signed_in)

    def get_or_load(
        self, policy: CachePolicy[T], key: tuple[str, ...], load: Callable[[], Awaitable[T]]
    ) -> Coroutine[Any, Any, Cached[T]]:
        """Return the cached value, or load it; loads of the same key at one time become one."""
        checked_load = partial(self.credential_check.run, load)
        if not self.credential_check.may_serve(policy):
            return self._check_and_load(policy, key, checked_load)
        return self.cache.get_or_load(policy, self.scope, key, checked_load)

    async def _check_and_load(
        self, policy: CachePolicy[T], key: tuple[str, ...], load: Callable[[], Awaitable[T]]
    ) -> Cached[T]:
        await self.credential_check.ensure(policy)
        return await self.cache.get_or_load(policy, self.scope, key, load)

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

    def find_fresh(
        self, policy: CachePolicy[T], key: tuple[str, ...], load: Callable[[], Awaitable[T]]
    ) -> FreshValue[T] | None:
        """Return the value that `get_or_load` would serve at once; None for any other outcome."""
        if not self.credential_check.may_serve(policy):
            return None
        checked_load = partial(self.credential_check.run, load)
        return self.cache.find_fresh(policy, self.scope, key, checked_load)

    def is_loading(self, policy: CachePolicy[Any], *key: str) -> bool:
        """Return whether a load of the key is running in this process."""
        return self.cache.is_loading(policy, self.scope, key)

    async def wait_for_load(self, policy: CachePolicy[Any], *key: str) -> None:
        """Return when no load of the key is running in this process."""
        await self.cache.wait_for_load(policy, self.scope, key)

    async def set_cached(self, policy: CachePolicy[T], value: T, *key: str) -> None:
        """Cache a value that the response to another call contained."""
        await self.cache.set(policy, self.scope, key, value)

    def set_cached_nowait(self, policy: CachePolicy[T], value: T, *key: str) -> None:
        """Cache a value without waiting until other processes can read it."""
        self.cache.set_nowait(policy, self.scope, key, value)

    async def find_uncached(
        self, policy: CachePolicy[T], keys: Sequence[tuple[str, ...]]
    ) -> list[str]:
        """Return the last member of each key for which neither a value nor an absence is cached."""
        flags = await asyncio.gather(
            *(self.cache.has_fresh(policy, self.scope, key) for key in keys)
        )
        return [key[-1] for key, is_cached in zip(keys, flags, strict=True) if not is_cached]

    def invalidate(self, policy: CachePolicy[Any], keys: Iterable[tuple[str, ...]]) -> None:
        """Remove the values of these keys from the cache of every process."""
        for key in keys:
            self.cache.invalidate(policy, self.scope, key)
