"""How fast one credential may call: so many calls in a window, so many in flight, and pauses."""

import asyncio
import math
import time
from collections import OrderedDict, deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice

from providers.errors import RateLimited
from providers.kit.rate_limiting.redis_rate_limiter import PROBE_LOOK, CommonPace, Turn
from providers.kit.request_context import current
from providers.kit.shared.shared_store import PREFIX, Shared

FIRST_PAUSE = 15.0
LONGEST_PAUSE = 900.0
TICK = 1e-6
LOOKED_THROUGH = 10


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
        rate = cls(int(calls), float(seconds))
        if rate.calls is None or rate.calls < 1 or not 0 < rate.seconds < math.inf:
            raise ValueError(text)
        return rate


@dataclass(frozen=True)
class Budget:
    """What is left of a rate, and when it is whole again."""

    limit: int
    remaining: int
    resets_at: datetime | None


@dataclass(frozen=True)
class Known:
    """What the last answer about the common window said, and when."""

    at: float
    used: int
    others: int
    whole_at: float
    sharers: int


@dataclass
class Gate:
    """One credential's pace at one source: of this process, or common to several.

    A sliding window is exact: never more than `rate.calls` calls in any `rate.seconds`. After a
    pause one call goes ahead, and the others only when it went well.
    """

    source: str
    rate: Rate
    slots: asyncio.Semaphore
    taken: deque[float] = field(default_factory=deque[float])
    paused_until: float = 0
    pauses: int = 0
    paused_since: float = 0
    probing: bool = False
    common: CommonPace | None = None
    known: Known | None = None
    holders: int = 0

    @property
    def idle(self) -> bool:
        """Whether nothing would be forgotten with it: no turn, no pause, and nobody inside."""
        self._forget()
        waits = self.paused_until > time.monotonic() or self.pauses > 0
        return not (self.taken or self.holders or waits)

    @asynccontextmanager
    async def passing(self) -> AsyncGenerator[float]:
        """Wait for a turn, and give its time; refuse at once one that comes after the deadline."""
        self.check()
        self.holders += 1
        try:
            async with self._inside() as stamp:
                yield stamp
        finally:
            self.holders -= 1

    def check(self) -> None:
        """Refuse at once what surely has no turn before the deadline; no turn is taken."""
        now = time.monotonic()
        # What the others have used of a common window, only taking a turn tells.
        self._check(self.paused_until - now if self.common else self._wait())

    @asynccontextmanager
    async def _inside(self) -> AsyncGenerator[float]:
        async with self.slots:
            while (wait := await self._turn(stamp := time.monotonic())) > 0:
                self._check(wait)
                await asyncio.sleep(wait)
            probes = self.probing = self.paused_until > 0
            try:
                yield stamp
            finally:
                if probes:
                    self._probed()

    def refusal(self, wait: float) -> RateLimited:
        """The error of a call that has no turn in time."""
        seconds = max(1, math.ceil(wait))
        message = "The budget for this source is spent for now."
        return RateLimited(message, source=self.source, retry_after=seconds)

    def punish(self, seconds: float | None, passed: float | None = None) -> float:
        """Pause everyone who uses this credential; without a time, 15 seconds and doubling.

        Calls that had `passed` before a pause began, and are turned away without a time, are no
        reason for another.
        """
        now = time.monotonic()
        if self.common is not None:
            age = None if passed is None else now - passed
            self.common.punish(seconds, age, FIRST_PAUSE, LONGEST_PAUSE)
        if seconds is None:
            if passed is not None and passed < self.paused_since:
                return max(0.0, self.paused_until - now)
            seconds = min(LONGEST_PAUSE, FIRST_PAUSE * 2**self.pauses)
            self.pauses += 1
        self.paused_since = now
        self.paused_until = max(self.paused_until, now + seconds)
        return seconds

    def forgive(self, passed: float | None = None) -> None:
        """A call went well: all may pass, and the next nameless pause starts small again."""
        now = time.monotonic()
        if passed is not None and passed < self.paused_since:
            return
        if self.common is not None and (self.paused_until or self.pauses):
            self.common.forgive(None if passed is None else now - passed)
        self.pauses = 0
        if self.paused_until <= now:
            self.paused_until = 0

    def budget(self) -> Budget | None:
        """What is left in the window that ends now, as far as the last call has told."""
        if self.rate.calls is None:
            return None
        self._forget()
        now, known = time.monotonic(), self.known
        ends = [self.paused_until, *(taken + self.rate.seconds for taken in self.taken)]
        used = len(self.taken)
        if known is not None and known.whole_at > now:
            ends.append(known.whole_at)
            used = max(used, known.used)
        left = 0 if self.paused_until > now else self.rate.calls - used
        end = max(ends, default=0)
        resets = datetime.fromtimestamp(time.time() + end - now, UTC) if end > now else None
        return Budget(self.rate.calls, max(0, left), resets)

    async def learn(self) -> None:
        """Learn what the other processes have used."""
        if self.common is not None:
            turn = await self.common.standing(self.rate.seconds)
            if turn is not None:
                paused = self.paused_until
                self._learn(turn)
                self.paused_until = max(paused, self.paused_until)

    def retell(self) -> None:
        """Tell a Redis that was away which turns were taken here."""
        self._forget()
        if self.common is not None:
            self.common.retell(self.rate.seconds, time.monotonic(), self.taken)

    def _check(self, wait: float) -> None:
        if 0 < wait >= current().remaining():
            raise self.refusal(wait)

    async def _turn(self, stamp: float) -> float:
        """Take a turn, or tell how long it is until there may be one."""
        if self.paused_until > stamp:
            return self.paused_until - stamp
        self._forget()
        turn = None
        if self.common is not None:
            turn = await self.common.turn(self.rate.calls, self.rate.seconds, stamp)
        wait = self._wait() if turn is None else turn.wait
        if wait <= 0:
            self.taken.append(stamp)
        if turn is not None:
            self._learn(turn)
        return wait

    def _learn(self, turn: Turn) -> None:
        now = time.monotonic()
        others = max(0, turn.used - len(self.taken))
        self.known = Known(now, turn.used, others, now + turn.whole_in, turn.sharers)
        self.paused_until = 0 if turn.paused is None else now + turn.paused

    def _probed(self) -> None:
        self.probing = False
        if self.common is not None:
            self.common.probed()

    def _forget(self) -> None:
        horizon = time.monotonic() - self.rate.seconds
        while self.taken and self.taken[0] <= horizon:
            self.taken.popleft()

    def _wait(self) -> float:
        now = time.monotonic()
        if self.paused_until > now:
            return self.paused_until - now
        if self.paused_until and self.probing:
            return PROBE_LOOK
        self._forget()
        if self.rate.calls is None:
            return 0
        mine = self._share(self.rate.calls, now)
        if len(self.taken) < mine:
            return 0
        first = self.taken[-mine] if mine > 0 else self.known.at if self.known else now
        return max(TICK, first + self.rate.seconds - now)

    def _share(self, calls: int, now: float) -> int:
        """How many of the calls are mine when the others cannot be asked any more."""
        if self.known is None:
            return calls
        recent = now < self.known.at + self.rate.seconds
        others = self.known.others if recent else 0
        return min(max(1, calls // self.known.sharers), calls - others)


class Gates:
    """Every credential's gate; those that keep nobody waiting are forgotten first."""

    def __init__(self, capacity: int = 10_000, shared: Shared | None = None) -> None:
        self._capacity = capacity
        self._wire = shared.wire if shared else None
        self._gates: OrderedDict[tuple[str, str], Gate] = OrderedDict()
        if self._wire is not None:
            self._wire.returned.append(self._retell)

    def __len__(self) -> int:
        return len(self._gates)

    def gate(self, source: str, scope: str, rate: Rate, concurrency: int) -> Gate:
        """The gate of this credential at this source."""
        gate = self._gates[source, scope] = self.look(source, scope, rate, concurrency)
        self._gates.move_to_end((source, scope))
        if len(self._gates) > self._capacity:
            self._make_room()
        return gate

    def look(self, source: str, scope: str, rate: Rate, concurrency: int) -> Gate:
        """The same to be looked at and not to be passed, so that none is made for that."""
        known = self._gates.get((source, scope))
        slots = asyncio.Semaphore(concurrency)
        return known or Gate(source, rate, slots, common=self._common(source, scope))

    def _make_room(self) -> None:
        # An invented credential makes a gate as well; it must not push out one that holds back.
        for key in list(islice(self._gates, LOOKED_THROUGH)):
            if self._gates[key].idle:
                del self._gates[key]
                return
            self._gates.move_to_end(key)

    def _common(self, source: str, scope: str) -> CommonPace | None:
        return CommonPace(self._wire, f"{PREFIX}pace", source, scope) if self._wire else None

    def _retell(self) -> None:
        for gate in self._gates.values():
            gate.retell()
