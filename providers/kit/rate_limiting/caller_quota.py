"""Caller quotas: how many upstream calls one caller may cause, whatever the sources allow."""

import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from cachetools import LRUCache

from providers.errors import RateLimited
from providers.kit.rate_limiting.rate_limiter import Rate
from providers.kit.rate_limiting.shared_limiters import create_shared_limiter
from providers.kit.rate_limiting.shared_rate_limiter import SharedRateLimiter
from providers.kit.rate_limiting.sliding_window import SlidingWindow
from providers.kit.shared.shared_store import SharedStore

Charge = Callable[[str], Awaitable[None]]


class CallerQuotaExceeded(RateLimited):
    """The caller's own quota is used up; the source was not called, and other callers may."""


@dataclass
class CallerQuota:
    """The calls that one caller has caused in the window, in all processes that share a store."""

    rate: Rate
    shared_limiter: SharedRateLimiter | None
    window: SlidingWindow = field(init=False)

    def __post_init__(self) -> None:
        self.window = SlidingWindow(self.rate.seconds)

    async def charge(self, source: str) -> None:
        """Charge one call, or raise `CallerQuotaExceeded`."""
        now = time.monotonic()
        self.window.drop_expired(now)
        wait = self._get_wait(now)
        if wait <= 0:
            self.window.add(now)
            wait = await self._charge_shared(now)
        if wait > 0:
            message = "Your quota of upstream calls is used up: try again after `retryAfter`."
            raise CallerQuotaExceeded(message, source=source, retry_after=math.ceil(wait))

    def _get_wait(self, now: float) -> float:
        free_at = None if self.rate.calls is None else self.window.get_next_free(self.rate.calls)
        return 0 if free_at is None else free_at - now

    async def _charge_shared(self, now: float) -> float:
        """Charge the call over all processes; return the seconds to wait if that is refused."""
        if self.shared_limiter is None:
            return 0
        acquisition = await self.shared_limiter.acquire(self.rate.calls, self.rate.seconds, now)
        if acquisition is None or acquisition.wait <= 0:
            return 0
        self.window.remove(now)
        return acquisition.wait


class CallerQuotas:
    """The quotas of at most `capacity` callers; the least recently used is evicted first."""

    def __init__(
        self, rate: Rate, shared_store: SharedStore | None = None, capacity: int = 10_000
    ) -> None:
        self._rate = rate
        self._shared_store = shared_store
        self._quotas: LRUCache[str, CallerQuota] = LRUCache(capacity)

    def create_charge(self, *names: str) -> Charge | None:
        """Return the function that charges an upstream call; None if there is no limit.

        A caller with several names, such as a key and a credential, is charged under each of them:
        adding a name does not give a new quota.
        """
        if self._rate.calls is None:
            return None
        quotas = [self._get_quota(name) for name in names]

        async def charge(source: str) -> None:
            for quota in quotas:
                await quota.charge(source)

        return charge

    def _get_quota(self, name: str) -> CallerQuota:
        quota = self._quotas.get(name)
        if quota is None:
            shared_limiter = create_shared_limiter(self._shared_store, "caller", name)
            quota = self._quotas[name] = CallerQuota(self._rate, shared_limiter)
        return quota
