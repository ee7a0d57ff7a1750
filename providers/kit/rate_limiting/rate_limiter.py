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
from providers.kit.rate_limiting.redis_rate_limiter import (
    PROBE_POLL_SECONDS,
    Acquisition,
    RedisRateLimiter,
)
from providers.kit.request_context import get_current
from providers.kit.shared.shared_store import KEY_PREFIX, SharedStore

FIRST_PAUSE = 15.0
MAX_PAUSE = 900.0
MIN_WAIT = 1e-6
MAX_EVICTION_CHECKS = 10


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
class WindowSnapshot:
    """What the last answer about the common window said, and when."""

    seen_at: float
    used: int
    used_by_others: int
    resets_at: float
    process_count: int


@dataclass
class RateLimiter:
    """One credential's pace at one source: of this process, or common to several.

    A sliding window is exact: never more than `rate.calls` calls in any `rate.seconds`. After a
    pause one call goes ahead, and the others only when it went well.
    """

    source: str
    rate: Rate
    slots: asyncio.Semaphore
    acquisitions: deque[float] = field(default_factory=deque[float])
    paused_until: float = 0
    pause_count: int = 0
    paused_since: float = 0
    is_probing: bool = False
    redis_limiter: RedisRateLimiter | None = None
    last_seen_window: WindowSnapshot | None = None
    holder_count: int = 0

    @property
    def is_idle(self) -> bool:
        """Whether nothing would be forgotten with it: no turn, no pause, and nobody inside."""
        self._drop_expired()
        waits = self.paused_until > time.monotonic() or self.pause_count > 0
        return not (self.acquisitions or self.holder_count or waits)

    @asynccontextmanager
    async def acquire(self) -> AsyncGenerator[float]:
        """Wait for a turn, and give its time; refuse at once one that comes after the deadline."""
        self.check()
        self.holder_count += 1
        try:
            async with self._acquire_slot() as acquired_at:
                yield acquired_at
        finally:
            self.holder_count -= 1

    def check(self) -> None:
        """Refuse at once what surely has no turn before the deadline; no turn is taken."""
        now = time.monotonic()
        # What the others have used of a common window, only taking a turn tells.
        self._check_wait(self.paused_until - now if self.redis_limiter else self._get_wait())

    @asynccontextmanager
    async def _acquire_slot(self) -> AsyncGenerator[float]:
        async with self.slots:
            while (wait := await self._try_acquire(acquired_at := time.monotonic())) > 0:
                self._check_wait(wait)
                await asyncio.sleep(wait)
            is_probe = self.is_probing = self.paused_until > 0
            try:
                yield acquired_at
            finally:
                if is_probe:
                    self._end_probe()

    def build_limit_error(self, wait: float) -> RateLimited:
        """The error of a call that has no turn in time."""
        seconds = max(1, math.ceil(wait))
        message = "The budget for this source is spent for now."
        return RateLimited(message, source=self.source, retry_after=seconds)

    def pause(self, seconds: float | None, acquired_at: float | None = None) -> float:
        """Pause everyone who uses this credential; without a time, 15 seconds and doubling.

        Calls that had `passed` before a pause began, and are turned away without a time, are no
        reason for another.
        """
        now = time.monotonic()
        if self.redis_limiter is not None:
            age = None if acquired_at is None else now - acquired_at
            self.redis_limiter.pause(seconds, age, FIRST_PAUSE, MAX_PAUSE)
        if seconds is None:
            if acquired_at is not None and acquired_at < self.paused_since:
                return max(0.0, self.paused_until - now)
            seconds = min(MAX_PAUSE, FIRST_PAUSE * 2**self.pause_count)
            self.pause_count += 1
        self.paused_since = now
        self.paused_until = max(self.paused_until, now + seconds)
        return seconds

    def resume(self, acquired_at: float | None = None) -> None:
        """A call went well: all may pass, and the next nameless pause starts small again."""
        now = time.monotonic()
        if acquired_at is not None and acquired_at < self.paused_since:
            return
        if self.redis_limiter is not None and (self.paused_until or self.pause_count):
            self.redis_limiter.resume(None if acquired_at is None else now - acquired_at)
        self.pause_count = 0
        if self.paused_until <= now:
            self.paused_until = 0

    def get_budget(self) -> Budget | None:
        """What is left in the window that ends now, as far as the last call has told."""
        if self.rate.calls is None:
            return None
        self._drop_expired()
        now, known = time.monotonic(), self.last_seen_window
        ends = [self.paused_until, *(taken + self.rate.seconds for taken in self.acquisitions)]
        used = len(self.acquisitions)
        if known is not None and known.resets_at > now:
            ends.append(known.resets_at)
            used = max(used, known.used)
        left = 0 if self.paused_until > now else self.rate.calls - used
        end = max(ends, default=0)
        resets = datetime.fromtimestamp(time.time() + end - now, UTC) if end > now else None
        return Budget(self.rate.calls, max(0, left), resets)

    async def refresh(self) -> None:
        """Learn what the other processes have used."""
        if self.redis_limiter is not None:
            acquisition = await self.redis_limiter.peek(self.rate.seconds)
            if acquisition is not None:
                paused = self.paused_until
                self._update_from(acquisition)
                self.paused_until = max(paused, self.paused_until)

    def resync(self) -> None:
        """Tell a Redis that was away which turns were taken here."""
        self._drop_expired()
        if self.redis_limiter is not None:
            self.redis_limiter.resync(self.rate.seconds, time.monotonic(), self.acquisitions)

    def _check_wait(self, wait: float) -> None:
        if 0 < wait >= get_current().get_remaining_seconds():
            raise self.build_limit_error(wait)

    async def _try_acquire(self, acquired_at: float) -> float:
        """Take a turn, or tell how long it is until there may be one."""
        if self.paused_until > acquired_at:
            return self.paused_until - acquired_at
        self._drop_expired()
        acquisition = None
        if self.redis_limiter is not None:
            acquisition = await self.redis_limiter.acquire(
                self.rate.calls, self.rate.seconds, acquired_at
            )
        wait = self._get_wait() if acquisition is None else acquisition.wait
        if wait <= 0:
            self.acquisitions.append(acquired_at)
        if acquisition is not None:
            self._update_from(acquisition)
        return wait

    def _update_from(self, acquisition: Acquisition) -> None:
        now = time.monotonic()
        others = max(0, acquisition.used - len(self.acquisitions))
        self.last_seen_window = WindowSnapshot(
            now, acquisition.used, others, now + acquisition.resets_in, acquisition.process_count
        )
        self.paused_until = 0 if acquisition.pause_left is None else now + acquisition.pause_left

    def _end_probe(self) -> None:
        self.is_probing = False
        if self.redis_limiter is not None:
            self.redis_limiter.end_probe()

    def _drop_expired(self) -> None:
        horizon = time.monotonic() - self.rate.seconds
        while self.acquisitions and self.acquisitions[0] <= horizon:
            self.acquisitions.popleft()

    def _get_wait(self) -> float:
        now = time.monotonic()
        if self.paused_until > now:
            return self.paused_until - now
        if self.paused_until and self.is_probing:
            return PROBE_POLL_SECONDS
        self._drop_expired()
        if self.rate.calls is None:
            return 0
        own_share = self._get_own_share(self.rate.calls, now)
        if len(self.acquisitions) < own_share:
            return 0
        first = (
            self.acquisitions[-own_share]
            if own_share > 0
            else self.last_seen_window.seen_at
            if self.last_seen_window
            else now
        )
        return max(MIN_WAIT, first + self.rate.seconds - now)

    def _get_own_share(self, calls: int, now: float) -> int:
        """How many of the calls are mine when the others cannot be asked any more."""
        if self.last_seen_window is None:
            return calls
        recent = now < self.last_seen_window.seen_at + self.rate.seconds
        others = self.last_seen_window.used_by_others if recent else 0
        return min(max(1, calls // self.last_seen_window.process_count), calls - others)


class RateLimiters:
    """Every credential's gate; those that keep nobody waiting are forgotten first."""

    def __init__(self, capacity: int = 10_000, shared_store: SharedStore | None = None) -> None:
        self._capacity = capacity
        self._redis = shared_store.redis if shared_store else None
        self._limiters: OrderedDict[tuple[str, str], RateLimiter] = OrderedDict()
        if self._redis is not None:
            self._redis.reconnect_listeners.append(self._resync_all)

    def __len__(self) -> int:
        return len(self._limiters)

    def get(self, source: str, scope: str, rate: Rate, concurrency: int) -> RateLimiter:
        """The gate of this credential at this source."""
        gate = self._limiters[source, scope] = self.peek(source, scope, rate, concurrency)
        self._limiters.move_to_end((source, scope))
        if len(self._limiters) > self._capacity:
            self._evict()
        return gate

    def peek(self, source: str, scope: str, rate: Rate, concurrency: int) -> RateLimiter:
        """The same to be looked at and not to be passed, so that none is made for that."""
        known = self._limiters.get((source, scope))
        slots = asyncio.Semaphore(concurrency)
        return known or RateLimiter(
            source, rate, slots, redis_limiter=self._create_redis_limiter(source, scope)
        )

    def _evict(self) -> None:
        # An invented credential makes a gate as well; it must not push out one that holds back.
        for key in list(islice(self._limiters, MAX_EVICTION_CHECKS)):
            if self._limiters[key].is_idle:
                del self._limiters[key]
                return
            self._limiters.move_to_end(key)

    def _create_redis_limiter(self, source: str, scope: str) -> RedisRateLimiter | None:
        return (
            RedisRateLimiter(self._redis, f"{KEY_PREFIX}pace", source, scope)
            if self._redis
            else None
        )

    def _resync_all(self) -> None:
        for gate in self._limiters.values():
            gate.resync()
