"""How an attempt to ask can fail, whose fault that is, and whether to try again."""

import time
from dataclasses import dataclass

from providers.errors import (
    BadResponse,
    OutcomeUnknown,
    ProviderError,
    RateLimited,
    TimedOut,
    Unavailable,
)
from providers.kit.rate_limiting.caller_quota import CallerSpent
from providers.kit.request_context import Operation, late
from providers.kit.upstream.circuit_breaker import Breaker

TRIES = 3
SHORTEST_LEFT = 1.0
FAIR_SECONDS = 1.0


class NothingSent(Unavailable):
    """Not even the request left: repeating it cannot do anything twice."""


class Unreached(NothingSent):
    """There was no connection to send it on."""


class BrokenOff(Unavailable):
    """The connection ended before there was an answer."""


class NotAsked(TimedOut):
    """The deadline came before a turn did: the source knows nothing of it."""


class Truncated(BadResponse):
    """An answer that ended before its end."""


def truncated(source: str) -> Truncated:
    """The error of an answer of which the end is missing."""
    return Truncated("The source's answer ended too early.", source=source)


def not_asked(source: str) -> NotAsked:
    """The error of a question whose turn did not come."""
    return NotAsked("There was no turn to ask in time.", source=source)


def unconfirmed(source: str) -> OutcomeUnknown:
    """The error of a change that was sent and not confirmed."""
    message = "The source did not confirm the change: look before you repeat it."
    return OutcomeUnknown(message, source=source)


def may_help(error: ProviderError, attempt: int, operation: Operation) -> bool:
    """Whether another attempt may go better, and has the time to."""
    if isinstance(error, RateLimited):
        wait = None if isinstance(error, CallerSpent) else error.retry_after
        return wait is not None and wait < operation.remaining()
    if isinstance(error, Unavailable):
        # One with a time to wait comes from our own breaker.
        tries = 2 if isinstance(error, BrokenOff) else TRIES
        return error.retry_after is None and _has(operation, SHORTEST_LEFT) and attempt < tries
    if isinstance(error, TimedOut) and not isinstance(error, NotAsked):
        return attempt == 1 and _has(operation, max(SHORTEST_LEFT, whole(operation) / 3))
    return isinstance(error, Truncated) and attempt == 1 and _has(operation, SHORTEST_LEFT)


def whole(operation: Operation) -> float:
    """The seconds an operation had when it began."""
    return operation.remaining() + max(0.0, time.time() - operation.started)


def _has(operation: Operation, seconds: float) -> bool:
    return operation.remaining() >= seconds


@dataclass
class Attempt:
    """One attempt on its way to a host, and what may be blamed on that host when it fails."""

    breaker: Breaker
    source: str
    probes: bool = False
    asked: bool = False
    had_time: bool = False

    def admit(self) -> None:
        """Be refused while the host is left alone, unless this is the one to try it."""
        if self.probes:
            return
        probing = self.breaker.probing
        try:
            self.breaker.check(self.source)
        except Unavailable as error:
            refusal = NothingSent(error.message, source=self.source, retry_after=error.retry_after)
            raise refusal from None
        self.probes = self.breaker.probing and not probing

    def ask(self, operation: Operation) -> None:
        """From here on it is the host's turn; without any time left it is not begun."""
        if operation.remaining() <= 0:
            raise not_asked(self.source)
        self.asked = True
        self.had_time = _has(operation, min(FAIR_SECONDS, whole(operation) / 2))

    def timed_out(self) -> TimedOut:
        """The error of a deadline that has passed, on the host's account only if it had time."""
        if self.had_time:
            self.breaker.failed()
        if self.asked:
            return late(self.source)
        return not_asked(self.source)

    def ended(self) -> None:
        """However it ended: the next one may try the host."""
        if self.probes:
            self.breaker.abandoned()
