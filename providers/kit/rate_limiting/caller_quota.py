"""How many upstream calls one caller may cause, whatever the sources themselves allow."""

import math
import time
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from providers.errors import RateLimited
from providers.kit.rate_limiting.rate_limiter import Rate
from providers.kit.rate_limiting.redis_rate_limiter import CommonPace
from providers.kit.shared.shared_store import PREFIX, Shared

Spend = Callable[[str], Awaitable[None]]


class CallerSpent(RateLimited):
    """A caller's own share is spent: the source was not asked, and others may ask it."""


@dataclass
class Account:
    """The calls one caller has caused in the window that ends now: here, or wherever he asks."""

    rate: Rate
    common: CommonPace | None
    spent: deque[float] = field(default_factory=deque[float])

    async def spend(self, source: str) -> None:
        """Book one call, or refuse it."""
        now = time.monotonic()
        while self.spent and self.spent[0] <= now - self.rate.seconds:
            self.spent.popleft()
        wait = self._wait(now)
        if wait <= 0:
            self.spent.append(now)
            wait = await self._elsewhere(now)
        if wait > 0:
            message = "You have spent your own share of calls for now."
            raise CallerSpent(message, source=source, retry_after=math.ceil(wait))

    def _wait(self, now: float) -> float:
        if self.rate.calls is None or len(self.spent) < self.rate.calls:
            return 0
        return self.spent[-self.rate.calls] + self.rate.seconds - now

    async def _elsewhere(self, now: float) -> float:
        """How long to wait for what was spent in all processes together."""
        if self.common is None:
            return 0
        turn = await self.common.turn(self.rate.calls, self.rate.seconds, now)
        if turn is None or turn.wait <= 0:
            return 0
        self.spent.remove(now)
        return turn.wait


class CallerBudget:
    """Every caller's account, the least recently used forgotten first."""

    def __init__(self, rate: Rate, shared: Shared | None = None, capacity: int = 10_000) -> None:
        self._rate = rate
        self._wire = shared.wire if shared else None
        self._capacity = capacity
        self._accounts: OrderedDict[str, Account] = OrderedDict()

    def spend_for(self, *names: str) -> Spend | None:
        """What an operation of a caller by these names calls for each upstream call.

        Each name pays for all of it, so that none is got rid of by bringing another along; None
        without a limit.
        """
        if self._rate.calls is None:
            return None
        accounts = [self._account(name) for name in names]

        async def spend(source: str) -> None:
            for account in accounts:
                await account.spend(source)

        return spend

    def _account(self, name: str) -> Account:
        if name not in self._accounts:
            self._accounts[name] = Account(self._rate, self._common(name))
        self._accounts.move_to_end(name)
        while len(self._accounts) > self._capacity:
            self._accounts.popitem(last=False)
        return self._accounts[name]

    def _common(self, caller: str) -> CommonPace | None:
        return CommonPace(self._wire, f"{PREFIX}caller", caller) if self._wire else None
