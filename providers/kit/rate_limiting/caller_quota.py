"""How many upstream calls one caller may cause, whatever the sources themselves allow."""

import math
import time
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from providers.errors import RateLimited
from providers.kit.rate_limiting.rate_limiter import Rate
from providers.kit.rate_limiting.redis_rate_limiter import RedisRateLimiter
from providers.kit.shared.shared_store import KEY_PREFIX, SharedStore

Charge = Callable[[str], Awaitable[None]]


class CallerQuotaExceeded(RateLimited):
    """A caller's own share is spent: the source was not asked, and others may ask it."""


@dataclass
class CallerQuota:
    """The calls one caller has caused in the window that ends now: here, or wherever he asks."""

    rate: Rate
    redis_limiter: RedisRateLimiter | None
    charges: deque[float] = field(default_factory=deque[float])

    async def charge(self, source: str) -> None:
        """Book one call, or refuse it."""
        now = time.monotonic()
        while self.charges and self.charges[0] <= now - self.rate.seconds:
            self.charges.popleft()
        wait = self._get_wait(now)
        if wait <= 0:
            self.charges.append(now)
            wait = await self._charge_redis(now)
        if wait > 0:
            message = "You have spent your own share of calls for now."
            raise CallerQuotaExceeded(message, source=source, retry_after=math.ceil(wait))

    def _get_wait(self, now: float) -> float:
        if self.rate.calls is None or len(self.charges) < self.rate.calls:
            return 0
        return self.charges[-self.rate.calls] + self.rate.seconds - now

    async def _charge_redis(self, now: float) -> float:
        """How long to wait for what was spent in all processes together."""
        if self.redis_limiter is None:
            return 0
        turn = await self.redis_limiter.acquire(self.rate.calls, self.rate.seconds, now)
        if turn is None or turn.wait <= 0:
            return 0
        self.charges.remove(now)
        return turn.wait


class CallerQuotas:
    """Every caller's account, the least recently used forgotten first."""

    def __init__(
        self, rate: Rate, shared_store: SharedStore | None = None, capacity: int = 10_000
    ) -> None:
        self._rate = rate
        self._redis = shared_store.redis if shared_store else None
        self._capacity = capacity
        self._quotas: OrderedDict[str, CallerQuota] = OrderedDict()

    def create_charge(self, *names: str) -> Charge | None:
        """What an operation of a caller by these names calls for each upstream call.

        Each name pays for all of it, so that none is got rid of by bringing another along; None
        without a limit.
        """
        if self._rate.calls is None:
            return None
        quotas = [self._get_quota(name) for name in names]

        async def charge(source: str) -> None:
            for account in quotas:
                await account.charge(source)

        return charge

    def _get_quota(self, name: str) -> CallerQuota:
        if name not in self._quotas:
            self._quotas[name] = CallerQuota(self._rate, self._create_redis_limiter(name))
        self._quotas.move_to_end(name)
        while len(self._quotas) > self._capacity:
            self._quotas.popitem(last=False)
        return self._quotas[name]

    def _create_redis_limiter(self, caller: str) -> RedisRateLimiter | None:
        return RedisRateLimiter(self._redis, f"{KEY_PREFIX}caller", caller) if self._redis else None
