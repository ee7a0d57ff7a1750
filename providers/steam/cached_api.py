"""Steam's API and the cache in front of it, for one credential."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from providers.errors import BadResponse, Unavailable
from providers.kit.caching.policy import CachePolicy
from providers.kit.upstream.keyed_cached_api import KeyedCachedApi
from providers.steam.api import SteamApi
from providers.steam.cache_policies import FAILING_METHODS, REFUSED_METHODS
from providers.steam.errors import MethodRefused, build_method_refused
from providers.steam.methods import Method

T = TypeVar("T")


@dataclass(frozen=True)
class CachedApi(KeyedCachedApi[SteamApi]):
    """Steam with one credential, and the cached values of that credential's scope."""

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
