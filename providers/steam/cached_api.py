"""Steam's API and the cache in front of it, for one credential."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, TypeVar

from providers.errors import BadResponse, Unauthenticated, Unavailable
from providers.kit.caching.cache import Cache
from providers.kit.caching.cached import Cached
from providers.kit.caching.policy import CachePolicy
from providers.kit.upstream.credential_check import CredentialCheck
from providers.steam.api import SteamApi
from providers.steam.cache_policies import FAILING_METHODS, REFUSED_METHODS
from providers.steam.errors import MethodRefused, build_method_refused
from providers.steam.methods import Method

T = TypeVar("T")


@dataclass(frozen=True)
class CachedApi:
    """The API with one credential, and the cached values of that credential's scope."""

    api: SteamApi
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

    async def find_uncached(self, policy: CachePolicy[Any], keys: Sequence[str]) -> list[str]:
        """Return the keys without a fresh value, in order; no call is made."""
        is_fresh = await asyncio.gather(
            *(self.cache.has_fresh(policy, self.scope, (key,)) for key in keys)
        )
        return [key for key, fresh in zip(keys, is_fresh, strict=True) if not fresh]

    def set_cached_nowait(self, policy: CachePolicy[T], value: T, *key: str) -> None:
        """Cache a value that the response to another call contained."""
        self.cache.set_nowait(policy, self.scope, key, value)

    async def is_usable(self, method: Method) -> bool:
        """Return whether an undocumented method has not been refused, and not failed lately."""
        policies = (REFUSED_METHODS, FAILING_METHODS)
        known = [await self.cache.get(each, self.scope, (method.path,)) for each in policies]
        return not any(known)

    async def call_undocumented(self, method: Method, call: Callable[[], Awaitable[T]]) -> T:
        """Return the result of a call of an undocumented method.

        Raise `MethodRefused` if a documented one has to serve: because this one is gone, or failed
        while its host may not. Both are remembered, so that it is not called in vain each time.
        """
        if not await self.is_usable(method):
            raise build_method_refused()
        try:
            return await call()
        except MethodRefused:
            self._remember(REFUSED_METHODS, method)
            raise
        except (Unavailable, BadResponse):
            self._remember(FAILING_METHODS, method)
            raise build_method_refused() from None

    def _remember(self, policy: CachePolicy[bool], method: Method) -> None:
        self.cache.set_nowait(policy, self.scope, (method.path,), True)  # noqa: FBT003 - the value


def replace_value(cached: Cached[Any], value: T) -> Cached[T]:
    """Return another value that the same response contained, with its date."""
    return Cached(value, cached.fetched_at, cached.stale)
