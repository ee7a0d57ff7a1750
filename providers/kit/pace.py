"""How fast one credential may call: so many calls in a window, so many in flight, and pauses."""

import asyncio
import math
import time
from collections import OrderedDict, deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from providers.errors import RateLimited
from providers.kit.operation import current

FIRST_PAUSE = 15.0
LONGEST_PAUSE = 900.0


@dataclass(frozen=True)
class Rate:
    """So many calls in so many seconds; no limit at all when `calls` is None."""

    calls: int | None
    seconds: float = 1

    @classmethod
    def parse(cls, text: str) -> "Rate":
        """Read `300/900`; nothing is no limit."""
        if not text:
            return cls(None)
        calls, _, seconds = text.partition("/")
        rate = cls(int(calls), float(seconds or 1))
        if rate.calls is None or rate.calls < 1 or not 0 < rate.seconds < math.inf:
            raise ValueError(text)
        return rate


@dataclass(frozen=True)
class Budget:
    """What is left of a rate, and when it is whole again."""

    limit: int
    remaining: int
    resets_at: datetime | None


@dataclass
class Gate:
    """One credential's pace at one source, kept in this process.

    A sliding window is exact: never more than `rate.calls` calls in any `rate.seconds`.
    """

    source: str
    rate: Rate
    slots: asyncio.Semaphore
    taken: deque[float] = field(default_factory=deque[float])
    paused_until: float = 0
    pauses: int = 0

    @asynccontextmanager
    async def passing(self) -> AsyncGenerator[None]:
        """Wait for a turn; refuse at once when the turn would come after the deadline."""
        async with self.slots:
            while (wait := self._wait()) > 0:
                if wait >= current().remaining():
                    raise self.refusal(wait)
                await asyncio.sleep(wait)
            self.taken.append(time.monotonic())
            yield

    def refusal(self, wait: float) -> RateLimited:
        """The error of a call that has no turn in time."""
        seconds = max(1, math.ceil(wait))
        message = "The budget for this source is spent for now."
        return RateLimited(message, source=self.source, retry_after=seconds)

    def punish(self, seconds: float | None) -> float:
        """Pause everyone who uses this credential; without a time, 15 seconds and doubling."""
        if seconds is None:
            seconds = min(LONGEST_PAUSE, FIRST_PAUSE * 2**self.pauses)
            self.pauses += 1
        self.paused_until = max(self.paused_until, time.monotonic() + seconds)
        return seconds

    def forgive(self) -> None:
        """A call went well: the next nameless pause starts small again."""
        self.pauses = 0

    def budget(self) -> Budget | None:
        """What is left in the window that ends now."""
        if self.rate.calls is None:
            return None
        self._forget()
        now = time.monotonic()
        ends = max([self.paused_until, *(taken + self.rate.seconds for taken in self.taken)])
        left = 0 if self.paused_until > now else self.rate.calls - len(self.taken)
        resets = datetime.fromtimestamp(time.time() + ends - now, UTC) if ends > now else None
        return Budget(self.rate.calls, max(0, left), resets)

    def _forget(self) -> None:
        horizon = time.monotonic() - self.rate.seconds
        while self.taken and self.taken[0] <= horizon:
            self.taken.popleft()

    def _wait(self) -> float:
        now = time.monotonic()
        if self.paused_until > now:
            return self.paused_until - now
        self._forget()
        if self.rate.calls is None or len(self.taken) < self.rate.calls:
            return 0
        return self.taken[0] + self.rate.seconds - now


class Gates:
    """Every credential's gate, the least recently used forgotten first."""

    def __init__(self, capacity: int = 10_000) -> None:
        self._capacity = capacity
        self._gates: OrderedDict[tuple[str, str], Gate] = OrderedDict()

    def gate(self, source: str, scope: str, rate: Rate, concurrency: int) -> Gate:
        """The gate of this credential at this source."""
        key = (source, scope)
        if key not in self._gates:
            self._gates[key] = Gate(source, rate, asyncio.Semaphore(concurrency))
        self._gates.move_to_end(key)
        while len(self._gates) > self._capacity:
            self._gates.popitem(last=False)
        return self._gates[key]
