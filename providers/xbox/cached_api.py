"""OpenXBL and the cache in front of it, for one credential."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, TypeVar

from providers.errors import BadResponse, Unauthenticated
from providers.kit.caching.cache import Cache
from providers.kit.caching.cached import Cached
from providers.kit.caching.policy import CachePolicy
from providers.kit.upstream.credential_check import CredentialCheck
from providers.xbox.api import XboxApi
from providers.xbox.cache_policies import ROUTES
from providers.xbox.errors import RouteMissing
from providers.xbox.routes import Purpose

T = TypeVar("T")


@dataclass(frozen=True)
class CachedApi:
    """The API with one credential, and the cached values of that credential's scope."""

    api: XboxApi
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
        """Return the value in this process alone, without waiting."""
        if not self.credential_check.may_serve(policy):
            return None
        return self.cache.peek(policy, self.scope, key)

    async def find_uncached(self, policy: CachePolicy[Any], keys: Sequence[str]) -> list[str]:
        """Return the keys without a fresh value, in order; no call is made."""
        is_fresh = await asyncio.gather(
            *(self.cache.has_fresh(policy, self.scope, (key,)) for key in keys)
        )
        return [key for key, fresh in zip(keys, is_fresh, strict=True) if not fresh]

    def set_cached_nowait(self, policy: CachePolicy[T], value: T, *key: str) -> None:
        """Cache a value that the response to another call contained."""
        self.cache.set_nowait(policy, self.scope, key, value)

    async def call(
        self,
        purpose: Purpose,
        target: type[T],
        check: Callable[[T], object] | None = None,
        **parameters: str,
    ) -> T:
        """Return the response of the first route of a purpose that answers as it should.

        `check` raises `BadResponse` for a response that cannot be the answer. The route that
        answered is called first from then on. Raise `RouteMissing` if none of them is there.
        """
        paths = purpose.build_paths(**parameters)
        order = await self._order_routes(purpose)
        failures: list[BadResponse] = []
        for position in order:
            try:
                response = await self.api.get(paths[position], target)
                if check is not None:
                    check(response)
            except BadResponse as error:
                failures.append(error)
                continue
            if position != order[0]:
                self.set_cached_nowait(ROUTES, position, purpose.name)
            return response
        # A route that answers wrongly tells more than those that are not there.
        raise min(failures, key=lambda error: isinstance(error, RouteMissing))

    async def uses_first_route(self, purpose: Purpose) -> bool:
        """Return whether the likeliest route of a purpose is the one that answered last."""
        return (await self._order_routes(purpose))[0] == 0

    async def _order_routes(self, purpose: Purpose) -> list[int]:
        if len(purpose.routes) == 1:
            return [0]
        remembered = await self.get_cached(ROUTES, purpose.name)
        positions = range(len(purpose.routes))
        return sorted(positions, key=lambda each: remembered is None or each != remembered.value)


def replace_value(cached: Cached[Any], value: T) -> Cached[T]:
    """Return another value that the same response contained, with its date."""
    return Cached(value, cached.fetched_at, cached.stale)
