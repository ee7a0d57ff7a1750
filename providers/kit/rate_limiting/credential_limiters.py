"""The rate limiters that a call passes: its credential's own, and one for unknown credentials."""

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

from providers.kit.rate_limiting.rate_limiter import Rate, RateLimiter, RateLimiters

UNACCEPTED_RATE = Rate(30, 60)
UNACCEPTED_CONCURRENCY = 8
MAX_UNACCEPTED_PAUSE = 300.0  # seconds, whatever the source asks for
# No credential's: those are hashes.
UNACCEPTED_SCOPE = "unaccepted"


@dataclass(frozen=True)
class CredentialLimiters:
    """The limiter of a credential and, until its source has accepted it, that of all such ones.

    Anyone can invent credentials, and each has a limiter of its own. The common one bounds how
    many calls they cause together, and takes nothing from credentials that were accepted.
    """

    own: RateLimiter
    unaccepted: RateLimiter | None = None

    def check(self) -> None:
        """Raise `RateLimited` if no call will be allowed before the deadline; acquire nothing."""
        for limiter in self._all:
            limiter.check()

    def acquire(self) -> AbstractAsyncContextManager[float]:
        """Wait until a call is allowed, and give the time at which it was; else `RateLimited`."""
        if self.unaccepted is None:
            return self.own.acquire()
        return self._acquire_both(self.unaccepted)

    @asynccontextmanager
    async def _acquire_both(self, unaccepted: RateLimiter) -> AsyncGenerator[float]:
        self.own.check()  # a call that will not be made takes no place of the others
        async with unaccepted.acquire(), self.own.acquire() as acquired_at:
            yield acquired_at

    def pause(self, seconds: float | None, acquired_at: float) -> float:
        """Pause all calls of this credential, and return for how many seconds."""
        paused_seconds = self.own.pause(seconds, acquired_at)
        if self.unaccepted is not None:
            self.unaccepted.pause(min(paused_seconds, MAX_UNACCEPTED_PAUSE), acquired_at)
        return paused_seconds

    def resume(self, acquired_at: float) -> None:
        """Reset the pauses, after a call that succeeded."""
        for limiter in self._all:
            limiter.resume(acquired_at)

    @property
    def _all(self) -> tuple[RateLimiter, ...]:
        return (self.own,) if self.unaccepted is None else (self.unaccepted, self.own)


def get_unaccepted_limiter(limiters: RateLimiters, source: str) -> RateLimiter:
    """Return the limiter of all calls to a source with credentials it has not accepted yet."""
    return limiters.get(source, UNACCEPTED_SCOPE, UNACCEPTED_RATE, UNACCEPTED_CONCURRENCY)
