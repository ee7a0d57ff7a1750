"""Rate limiter of one credential: a sliding window, a bound on concurrent calls, and pauses."""

import asyncio
import math
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice

from msgspec import Struct

from providers.errors import RateLimited
from providers.kit.rate_limiting.reported_budget import ReportedBudget
from providers.kit.rate_limiting.shared_limiters import create_shared_limiter
from providers.kit.rate_limiting.shared_rate_limiter import (
    MAX_PAUSE_SECONDS,
    PROBE_POLL_SECONDS,
    Acquisition,
    SharedRateLimiter,
)
from providers.kit.rate_limiting.sliding_window import SlidingWindow
from providers.kit.request_context import get_current
from providers.kit.shared.shared_store import SharedStore

FIRST_PAUSE = 15.0  # seconds, doubling up to MAX_PAUSE
MAX_PAUSE = 900.0
# What is read of a pause counts for so long: then it is read again.
PAUSE_RECHECK_SECONDS = 5.0
MIN_WAIT = 1e-6  # seconds
MAX_EVICTION_CHECKS = 10


@dataclass(frozen=True)
class Rate:
    """At most `calls` in any `seconds`; without `calls` there is no limit.

    `first_pause` is in seconds: how long the first call waits that is told to, but not how long.
    The last `reserve` calls are kept for what a request waits for.
    """

    calls: int | None
    seconds: float = 1
    first_pause: float = FIRST_PAUSE
    reserve: int = 0

    @classmethod
    def parse(cls, text: str) -> "Rate":
        """Parse `300/900`, calls per seconds; an empty text is no limit. Raise `ValueError`."""
        if not text:
            return cls(None)
        calls, _, seconds = text.partition("/")
        rate = cls(int(calls), float(seconds))
        if rate.calls is None or rate.calls < 1 or not 0 < rate.seconds < math.inf:
            raise ValueError(text)
        return rate


@dataclass(frozen=True)
class Budget:
    """What is left of a rate; `resets_at` is when all of it is available again."""

    limit: int
    remaining: int
    resets_at: datetime | None


class ReserveKept(RateLimited):
    """What is left of the rate is kept for calls that a request waits for."""


@dataclass(frozen=True)
class WindowSnapshot:
    """The window of all processes as last seen; times are of `time.monotonic`."""

    seen_at: float
    used: int
    used_by_others: int
    resets_at: float
    process_count: int


@dataclass
class RateLimiter:
    """The calls of one credential to one source, counted in all processes that share a store.

    The window slides: there are never more than `rate.calls` calls in any `rate.seconds`. After a
    pause one call probes, and the others wait for its outcome. Times are of `time.monotonic`.
    """

    source: str
    rate: Rate
    slots: asyncio.Semaphore
    paused_until: float = 0
    own_paused_until: float = 0  # by a response to this process, whatever others say
    pause_read_at: float = -math.inf  # in the shared store
    pause_count: int = 0
    paused_since: float = 0
    is_probing: bool = False
    shared_limiter: SharedRateLimiter | None = None
    last_seen_window: WindowSnapshot | None = None
    reported: ReportedBudget | None = None
    holder_count: int = 0
    window: SlidingWindow = field(init=False)

    def __post_init__(self) -> None:
        self.window = SlidingWindow(self.rate.seconds)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is lost with it: no calls in the window, no pause, no running call."""
        now = time.monotonic()
        self.window.drop_expired(now)
        is_paused = self.paused_until > now or self.pause_count > 0
        return not (self.window.total or self.holder_count or is_paused)

    def acquire(self) -> "AcquiredCall":
        """Wait until a call is allowed, and give the time at which it was; for `async with`.

        Raise `RateLimited` at once if that will not be before the request's deadline.
        """
        return AcquiredCall(self)

    def check(self) -> None:
        """Raise `RateLimited` if no call will be allowed before the deadline; acquire nothing."""
        # What other processes have used is known only after an attempt to acquire.
        now = time.monotonic()
        wait = self._get_known_pause(now) if self.shared_limiter else self._get_wait(now)
        if wait > 0:
            self.check_wait(wait)

    def build_limit_error(self, wait: float) -> RateLimited:
        """Build the error of a call that would have to wait for too many seconds."""
        # What is left of whole seconds may be a little more than they are, as a `float`.
        seconds = max(1, math.ceil(round(wait, 6)))
        message = "The rate limit for this source is used up."
        return RateLimited(message, source=self.source, retry_after=seconds)

    def pause(self, seconds: float | None, acquired_at: float | None = None) -> float:
        """Pause all calls of this credential, and return for how many seconds.

        Without a duration the first pause is that of the rate, and each next one twice as long.
        Then a call that was acquired before the current pause began does not start another.
        """
        now = time.monotonic()
        if self.shared_limiter is not None:
            age = None if acquired_at is None else now - acquired_at
            self.shared_limiter.pause(seconds, age, self.rate.first_pause, MAX_PAUSE)
        if seconds is None:
            if acquired_at is not None and acquired_at < self.paused_since:
                return max(0.0, self.paused_until - now)
            seconds = min(MAX_PAUSE, self.rate.first_pause * 2**self.pause_count)
            self.pause_count += 1
        self.paused_since = now
        self.own_paused_until = max(self.own_paused_until, now + seconds)
        self.paused_until = max(self.paused_until, self.own_paused_until)
        return seconds

    def resume(self, acquired_at: float | None = None) -> None:
        """End the probing and reset the pauses, after a call that succeeded.

        A call that was acquired before the current pause began has no effect.
        """
        if not (self.paused_until or self.pause_count):
            return
        now = time.monotonic()
        if acquired_at is not None and acquired_at < self.paused_since:
            return
        if self.shared_limiter is not None:
            self.shared_limiter.resume(None if acquired_at is None else now - acquired_at)
        self.pause_count = 0
        if self.paused_until <= now:
            self.paused_until = 0

    def get_budget(self) -> Budget | None:
        """Return what is left of the rate, as of the last call; None if there is no limit."""
        if self.rate.calls is None:
            return None
        now, shared = time.monotonic(), self.last_seen_window
        self.window.drop_expired(now)
        used = self.window.total
        ends = [self.paused_until, *(each + self.rate.seconds for each in self.window.times)]
        if shared is not None and shared.resets_at > now:
            ends.append(shared.resets_at)
            used = max(used, shared.used - self._get_reserved_count())
        limit, remaining = self.rate.calls, self.rate.calls - used
        reported = self.reported
        if reported is not None and now < reported.seen_at + self.rate.seconds:
            ends.append(reported.seen_at + self.rate.seconds)
            limit = min(limit, reported.limit)
            remaining = min(remaining, reported.count_remaining(self.window.times))
        end = max(ends)
        resets_at = datetime.fromtimestamp(time.time() + end - now, UTC) if end > now else None
        return Budget(limit, 0 if self.paused_until > now else max(0, remaining), resets_at)

    def learn_budget(self, reported: ReportedBudget, acquired_at: float) -> None:
        """Believe what the source says is left: others may use the same credential.

        When nothing is left all calls are paused, as after a 429. Without a limit of this server's
        own, there is none.
        """
        if self.rate.calls is None:
            return
        self.reported = reported
        if reported.remaining <= 0:
            self.pause(reported.resets_in, acquired_at)

    async def refresh(self) -> None:
        """Read what other processes have used."""
        if self.shared_limiter is not None:
            acquisition = await self.shared_limiter.peek(self.rate.seconds)
            if acquisition is not None:
                self._update_from(acquisition)

    def resync(self) -> None:
        """Write this process's calls to a shared store that was unavailable."""
        now = time.monotonic()
        self.window.drop_expired(now)
        if self.shared_limiter is not None:
            self.shared_limiter.resync(self.rate.seconds, now, self.window.times)

    def check_wait(self, wait: float) -> None:
        """Raise `RateLimited` if so many seconds are too long for the current request."""
        if wait >= get_current().get_remaining_seconds():
            raise self.build_limit_error(wait)

    async def try_acquire(self, acquired_at: float) -> float:
        """Acquire a call and return 0, or return the seconds until the next attempt."""
        pause = self._get_known_pause(acquired_at) if self.paused_until else 0
        if pause > 0:
            return pause
        if self.rate.reserve:
            self._check_reserve()
        self.window.drop_expired(acquired_at)
        if self.shared_limiter is not None:
            return await self._try_acquire_shared(self.shared_limiter, acquired_at)
        wait = self._get_wait(acquired_at)
        if wait <= 0:
            self.window.add(acquired_at)
        return wait

    async def _try_acquire_shared(self, shared: SharedRateLimiter, acquired_at: float) -> float:
        if shared.take_reserved():
            self.window.add(acquired_at)
            return 0
        acquisition = await shared.acquire(self.rate.calls, self.rate.seconds, acquired_at)
        wait = self._get_wait(time.monotonic()) if acquisition is None else acquisition.wait
        if wait <= 0:
            self.window.add(acquired_at)
        if acquisition is not None:
            self._update_from(acquisition)
        return wait

    def _check_reserve(self) -> None:
        if not get_current().is_background:
            return
        budget = self.get_budget()
        if budget is not None and budget.remaining <= self.rate.reserve:
            message = "The rest of the rate limit for this source is kept for requests."
            raise ReserveKept(message, source=self.source)

    def _update_from(self, acquisition: Acquisition) -> None:
        now = time.monotonic()
        used = acquisition.used - self._get_reserved_count()
        used_by_others = max(0, used - self.window.total)
        self.last_seen_window = WindowSnapshot(
            now,
            acquisition.used,
            used_by_others,
            now + acquisition.resets_in,
            acquisition.process_count,
        )
        self.pause_read_at = now
        pause_left = acquisition.pause_left
        learned_until = 0 if pause_left is None else now + min(MAX_PAUSE_SECONDS, pause_left)
        own_until = self.own_paused_until if self.own_paused_until > now else 0
        self.paused_until = max(learned_until, own_until)

    def _get_known_pause(self, now: float) -> float:
        """Return the seconds of a pause that is known; 0 or less for none."""
        is_recent = now < self.pause_read_at + PAUSE_RECHECK_SECONDS
        return (self.paused_until if is_recent else self.own_paused_until) - now

    def _get_reserved_count(self) -> int:
        return self.shared_limiter.reserved_count if self.shared_limiter is not None else 0

    def end_probe(self) -> None:
        """Let another call be the probe."""
        self.is_probing = False
        if self.shared_limiter is not None:
            self.shared_limiter.end_probe()

    def _get_wait(self, now: float) -> float:
        """Return the seconds to wait by what this process knows alone."""
        calls = self.rate.calls
        if self.paused_until > now:
            return self.paused_until - now
        if self.paused_until and self.is_probing:
            return PROBE_POLL_SECONDS
        if calls is None:
            return 0
        own_share = self._get_own_share(calls, now) if self.last_seen_window else calls
        if self.window.total < own_share:
            return 0
        return self._get_window_wait(own_share, now)

    def _get_window_wait(self, own_share: int, now: float) -> float:
        self.window.drop_expired(now)
        if self.window.total < own_share:
            return 0
        free_at = self.window.get_next_free(own_share) if own_share > 0 else None
        if free_at is None:
            # Other processes have used all of it, at a time that is not known exactly.
            seen_at = self.last_seen_window.seen_at if self.last_seen_window else now
            free_at = seen_at + self.rate.seconds
        return max(MIN_WAIT, free_at - now)

    def _get_own_share(self, calls: int, now: float) -> int:
        """Return how many of the calls this process may make alone while it cannot count them."""
        if self.last_seen_window is None:
            return calls
        is_recent = now < self.last_seen_window.seen_at + self.rate.seconds
        used_by_others = self.last_seen_window.used_by_others if is_recent else 0
        return min(max(1, calls // self.last_seen_window.process_count), calls - used_by_others)


class AcquiredCall(Struct, eq=False):
    """A call that a rate limiter allows, from the beginning to the end of a block."""

    limiter: RateLimiter
    is_probe: bool = False

    async def __aenter__(self) -> float:
        """Wait until the call is allowed, and return the time at which it was."""
        limiter = self.limiter
        # Where a slot is free and nothing is reserved, the same is found below.
        if limiter.slots.locked() or limiter.rate.reserve:
            limiter.check()
        limiter.holder_count += 1
        try:
            await limiter.slots.acquire()
        except BaseException:
            limiter.holder_count -= 1
            raise
        try:
            while (wait := await limiter.try_acquire(acquired_at := time.monotonic())) > 0:
                limiter.check_wait(wait)
                await asyncio.sleep(min(wait, PAUSE_RECHECK_SECONDS))
        except BaseException:
            await self.__aexit__()
            raise
        self.is_probe = limiter.is_probing = limiter.paused_until > 0
        return acquired_at

    async def __aexit__(self, *_: object) -> None:
        """Let another call take the place of this one, which has ended."""
        limiter = self.limiter
        if self.is_probe:
            limiter.end_probe()
        limiter.slots.release()
        limiter.holder_count -= 1


class RateLimiters:
    """The rate limiters by source and scope, about `capacity`; only idle ones are evicted."""

    # Not a `cachetools.LRUCache`, which cannot keep an entry that is in use.

    def __init__(self, capacity: int = 10_000, shared_store: SharedStore | None = None) -> None:
        self._capacity = capacity
        self._shared_store = shared_store
        self._limiters: OrderedDict[tuple[str, str], RateLimiter] = OrderedDict()
        if shared_store and shared_store.backend:
            shared_store.backend.reconnect_listeners.append(self._resync_all)

    def __len__(self) -> int:
        return len(self._limiters)

    def get(self, source: str, scope: str, rate: Rate, concurrency: int) -> RateLimiter:
        """Return the rate limiter of a credential at a source; create it if needed."""
        key = (source, scope)
        try:
            self._limiters.move_to_end(key)
            return self._limiters[key]
        except KeyError:
            return self._add(key, rate, concurrency)

    def _add(self, key: tuple[str, str], rate: Rate, concurrency: int) -> RateLimiter:
        limiter = self._limiters[key] = self.peek(*key, rate, concurrency)
        if len(self._limiters) > self._capacity:
            self._evict()
        return limiter

    def peek(self, source: str, scope: str, rate: Rate, concurrency: int) -> RateLimiter:
        """Return the rate limiter for reading its state; do not store one that is created."""
        limiter = self._limiters.get((source, scope))
        return limiter or RateLimiter(
            source,
            rate,
            asyncio.Semaphore(concurrency),
            shared_limiter=self._create_shared_limiter(source, scope),
        )

    def _evict(self) -> None:
        # Anyone can invent a credential, which gets a limiter too. It must not evict one in use.
        for key in list(islice(self._limiters, MAX_EVICTION_CHECKS)):
            if self._limiters[key].is_idle:
                del self._limiters[key]
                return
            self._limiters.move_to_end(key)

    def _create_shared_limiter(self, source: str, scope: str) -> SharedRateLimiter | None:
        return create_shared_limiter(self._shared_store, "pace", source, scope)

    def _resync_all(self) -> None:
        for limiter in self._limiters.values():
            limiter.resync()
