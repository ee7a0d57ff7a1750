"""The rate limiters that a call passes: its credential's own, and one for unknown credentials."""

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

from providers.kit.rate_limiting.rate_limiter import Rate, RateLimiter, RateLimiters

UNACCEPTED_RATE = Rate(30, 60)
UNACCEPTED_CONCURRENCY = 8
MAX_UNACCEPTED_PAUSE = 300.0  # seconds, whatever the source asks for
# No credential's: those are hashes.
UNACCEPTED_SCOPE = "unaccepted"


class CallLimiter(Protocol):
    """What a call passes: the limiter of an accepted credential, or those of an unknown one."""

    def check(self) -> None:
        """Raise `RateLimited` if no call will be allowed before the deadline; acquire nothing."""
        ...

    def acquire(self) -> AbstractAsyncContextManager[float]:
        """Wait until a call is allowed, and give the time at which it was; else `RateLimited`."""
        ...

    def pause(self, seconds: float | None, acquired_at: float) -> float:
        """Pause all calls of this credential, and return for how many seconds."""
        ...

    def resume(self, acquired_at: float) -> None:
        """Reset the pauses, after a call that succeeded."""
        ...


@dataclass(frozen=True)
class CredentialLimiters:
    """The limiter of a credential that its source has not accepted yet, and that of all such ones.

    Anyone can invent credentials, and each has a limiter of its own. The common one bounds how
    many calls they cause together, and takes nothing from credentials that were accepted.
    """

    own: RateLimiter
    unaccepted: RateLimiter

    def check(self) -> None:
        """Raise `RateLimited` if no call will be allowed before the deadline; acquire nothing."""
        self.unaccepted.check()
        self.own.check()

    @asynccontextmanager
    async def acquire(self) -> AsyncGenerator[float]:
        """Wait until a call is allowed, and give the time at which it was; else `RateLimited`."""
        self.own.check()  # a call that will not be made takes no place of the others
        async with self.unaccepted.acquire(), self.own.acquire() as acquired_at:
            yield acquired_at

    def pause(self, seconds: float | None, acquired_at: float) -> float:
        """Pause all calls of this credential, and return for how many seconds."""
        paused_seconds = self.own.pause(seconds, acquired_at)
        self.unaccepted.pause(min(paused_seconds, MAX_UNACCEPTED_PAUSE), acquired_at)
        return paused_seconds

    def resume(self, acquired_at: float) -> None:
        """Reset the pauses, after a call that succeeded."""
        self.unaccepted.resume(acquired_at)
        self.own.resume(acquired_at)


def get_unaccepted_limiter(limiters: RateLimiters, source: str) -> RateLimiter:
    """Return the limiter of all calls to a source with credentials it has not accepted yet."""
    return limiters.get(source, UNACCEPTED_SCOPE, UNACCEPTED_RATE, UNACCEPTED_CONCURRENCY)
