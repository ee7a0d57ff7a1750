"""An API with a key, and the cache in front of it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, Generic, Protocol, TypeVar

from providers.errors import Unauthenticated
from providers.kit.caching.cache import Cache
from providers.kit.caching.cached import Cached
from providers.kit.caching.policy import CachePolicy
from providers.kit.upstream.credential_check import CredentialCheck
from providers.kit.upstream.upstream_client import UpstreamClient

T = TypeVar("T")


class Key(Protocol):
    """The credential of an API with a key."""

    @property
    def scope(self) -> str:
        """The credential's name in cache keys."""
        ...

    def build_rejection(self) -> Unauthenticated:
        """Build the error of a key that the source rejects."""
        ...


class KeyedApi(Protocol):
    """What an API with a key has in common with others."""

    @property
    def credential(self) -> Key:
        """The key, and whose it is."""
        ...

    @property
    def upstream(self) -> UpstreamClient:
        """The client that sends the requests."""
        ...

    async def verify_key(self) -> object:
        """Make the cheapest call that shows whether the source accepts the key."""
        ...


ApiT = TypeVar("ApiT", bound=KeyedApi)


@dataclass(frozen=True)
class KeyedCachedApi(Generic[ApiT]):
    """The API with one credential, and the cached values of that credential's scope."""

    api: ApiT
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

    async def find_uncached(self, policy: CachePolicy[Any], keys: Sequence[str]) -> list[str]:
        """Return the keys without a fresh value, in order; no call is made."""
        flags = await asyncio.gather(
            *(self.cache.has_fresh(policy, self.scope, (key,)) for key in keys)
        )
        return [key for key, is_fresh in zip(keys, flags, strict=True) if not is_fresh]

    def set_cached_nowait(self, policy: CachePolicy[T], value: T, *key: str) -> None:
        """Cache a value that the response to another call contained."""
        self.cache.set_nowait(policy, self.scope, key, value)
