"""The part of a source's rate that polling with one credential may use."""

import math
import time
from dataclasses import dataclass, field

from providers.errors import TooCostly
from providers.kit.rate_limiting.rate_limiter import Rate
from providers.kit.rate_limiting.sliding_window import SlidingWindow

# So many calls may follow each other at once; the others are spread over the window.
BURST_SHARE = 0.2
# So much of it goes to asking who is there.
PRESENCE_SHARE = 0.2
# A rate of which less than this is left for polling is exceeded for one poll, and then made up for.
CALLS_OF_A_POLL = 4
MIN_WAIT = 0.01  # seconds; what is left of a token by rounding is no time


class PollShareUsed(TooCostly):
    """The part of the rate for polling is used up; requests may still call the source.

    Not as when the source fails: then the cache would serve what it has.
    """


@dataclass
class PollBudget:
    """Never more than a share of the rate's calls in any window, spread evenly over it.

    `share` is in percent; at least one call is allowed. Without a rate there is no limit. Times are
    of `time.monotonic`.
    """

    rate: Rate
    share: int
    allowed: int | None = field(init=False)
    _window: SlidingWindow = field(init=False)
    _tokens: float = field(init=False)
    _filled_at: float = field(init=False)

    def __post_init__(self) -> None:
        calls = self.rate.calls
        self.allowed = None if calls is None else max(1, calls * self.share // 100)
        self._window = SlidingWindow(self.rate.seconds)
        self._tokens = self._burst
        self._filled_at = time.monotonic()

    @property
    def _burst(self) -> float:
        return max(1.0, (self.allowed or 1) * BURST_SHARE)

    @property
    def presence_seconds(self) -> float:
        """The seconds between two calls that together take a fifth of the share."""
        if self.allowed is None:
            return 0
        return self.rate.seconds / (self.allowed * PRESENCE_SHARE)

    def get_wait(self, calls: int = 1) -> float:
        """Return the seconds until so many calls are allowed, or a full burst if that is less."""
        if self.allowed is None:
            return 0
        now = time.monotonic()
        self._fill(now)
        calls = min(calls, int(self._burst))
        per_second = self.allowed / self.rate.seconds
        waits = [(calls - self._tokens) / per_second]
        free_at = self._window.get_next_free(max(1, self.allowed - calls + 1))
        if free_at is not None:
            waits.append(free_at - now)
        wait = max(waits)
        return 0 if wait <= 0 else max(wait, MIN_WAIT)

    async def charge(self, source: str) -> None:
        """Charge one call of a poll, or raise `PollShareUsed` if the window has no more.

        A poll that has begun goes on after the burst, and later ones wait the longer.
        """
        if self.allowed is None:
            return
        now = time.monotonic()
        self._fill(now)
        free_at = self._window.get_next_free(max(self.allowed, CALLS_OF_A_POLL))
        if free_at is not None and free_at - now > MIN_WAIT:
            message = "The part of the rate limit for polling is used up."
            raise PollShareUsed(message, source=source, retry_after=math.ceil(free_at - now))
        self._tokens -= 1
        self._window.add(now)

    def _fill(self, now: float) -> None:
        per_second = (self.allowed or 0) / self.rate.seconds
        self._tokens = min(self._burst, self._tokens + (now - self._filled_at) * per_second)
        self._filled_at = now
        self._window.drop_expired(now)
