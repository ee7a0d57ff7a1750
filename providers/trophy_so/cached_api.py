"""Trophy.so's API and the cache in front of it, for one credential."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TypeVar

from providers.errors import Unauthenticated
from providers.kit.caching.cache import Cache
from providers.kit.caching.cached import Cached
from providers.kit.caching.policy import CachePolicy
from providers.kit.upstream.credential_check import CredentialCheck
from providers.trophy_so.api import TrophySoApi

T = TypeVar("T")


@dataclass(frozen=True)
class CachedApi:
    """The API with one credential, and the cached values of that credential's scope."""

    api: TrophySoApi
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
