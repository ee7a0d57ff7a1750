"""How many upstream calls one caller may cause, whatever the sources themselves allow."""

import asyncio
import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from providers.errors import RateLimited
from providers.kit.pace import Rate
from providers.kit.redis_pace import CommonPace
from providers.kit.shared import PREFIX, Shared


class CallerSpent(RateLimited):
    """A caller's own share is spent: the source was not asked, and others may ask it."""


@dataclass
class Account:
    """The calls one caller has caused in the window that ends now."""

    rate: Rate
    common: CommonPace | None
    spent: deque[float] = field(default_factory=deque[float])
    closed_until: float = 0
    telling: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])

    def spend(self, source: str) -> None:
        """Book one call, or refuse it."""
        now = time.monotonic()
        while self.spent and self.spent[0] <= now - self.rate.seconds:
            self.spent.popleft()
        wait = max(self._wait(now), self.closed_until - now)
        if wait > 0:
            message = "You have spent your own share of calls for now."
            raise CallerSpent(message, source=source, retry_after=math.ceil(wait))
        self.spent.append(now)
        if self.common is not None:
            self._tell(self.common, now)

    def _wait(self, now: float) -> float:
        if self.rate.calls is None or len(self.spent) < self.rate.calls:
            return 0
        return self.spent[-self.rate.calls] + self.rate.seconds - now

    def _tell(self, common: CommonPace, now: float) -> None:
        # Asked for afterwards, not before: one answer late, and nobody waits for it.
        task = asyncio.get_running_loop().create_task(self._learn(common, now))
        self.telling.add(task)
        task.add_done_callback(self.telling.discard)

    async def _learn(self, common: CommonPace, now: float) -> None:
        turn = await common.turn(self.rate.calls, self.rate.seconds, now)
        if turn is not None and turn.wait > 0:
            self.closed_until = time.monotonic() + turn.wait


class CallerBudget:
    """Every caller's account, the least recently used forgotten first."""

    def __init__(self, rate: Rate, shared: Shared | None = None, capacity: int = 10_000) -> None:
        self._rate = rate
        self._wire = shared.wire if shared else None
        self._capacity = capacity
        self._accounts: OrderedDict[str, Account] = OrderedDict()

    def spend_for(self, caller: str) -> Callable[[str], None] | None:
        """What an operation of this caller calls for each upstream call; None without a limit."""
        if self._rate.calls is None:
            return None
        account = self._accounts.get(caller)
        if account is None:
            account = self._accounts[caller] = Account(self._rate, self._common(caller))
        self._accounts.move_to_end(caller)
        while len(self._accounts) > self._capacity:
            self._accounts.popitem(last=False)
        return account.spend

    def _common(self, caller: str) -> CommonPace | None:
        return CommonPace(self._wire, f"{PREFIX}caller", caller) if self._wire else None
