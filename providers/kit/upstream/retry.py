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
from providers.kit.rate_limiting.caller_quota import CallerQuotaExceeded
from providers.kit.request_context import RequestContext, build_timeout_error
from providers.kit.upstream.circuit_breaker import CircuitBreaker

MAX_ATTEMPTS = 3
MIN_REMAINING_SECONDS = 1.0
MIN_RESPONSE_SECONDS = 1.0


class RequestNotSent(Unavailable):
    """Not even the request left: repeating it cannot do anything twice."""


class ConnectFailed(RequestNotSent):
    """There was no connection to send it on."""


class ConnectionBroken(Unavailable):
    """The connection ended before there was an answer."""


class TimedOutBeforeSending(TimedOut):
    """The deadline came before a turn did: the source knows nothing of it."""


class TruncatedResponse(BadResponse):
    """An answer that ended before its end."""


def build_truncated_error(source: str) -> TruncatedResponse:
    """The error of an answer of which the end is missing."""
    return TruncatedResponse("The source's answer ended too early.", source=source)


def build_not_sent_error(source: str) -> TimedOutBeforeSending:
    """The error of a question whose turn did not come."""
    return TimedOutBeforeSending("There was no turn to ask in time.", source=source)


def build_unconfirmed_error(source: str) -> OutcomeUnknown:
    """The error of a change that was sent and not confirmed."""
    message = "The source did not confirm the change: look before you repeat it."
    return OutcomeUnknown(message, source=source)


def should_retry(error: ProviderError, attempt: int, context: RequestContext) -> bool:
    """Whether another attempt may go better, and has the time to."""
    if isinstance(error, RateLimited):
        wait = None if isinstance(error, CallerQuotaExceeded) else error.retry_after
        return wait is not None and wait < context.get_remaining_seconds()
    if isinstance(error, Unavailable):
        # One with a time to wait comes from our own breaker.
        tries = 2 if isinstance(error, ConnectionBroken) else MAX_ATTEMPTS
        return (
            error.retry_after is None
            and _has_remaining(context, MIN_REMAINING_SECONDS)
            and attempt < tries
        )
    if isinstance(error, TimedOut) and not isinstance(error, TimedOutBeforeSending):
        return attempt == 1 and _has_remaining(
            context, max(MIN_REMAINING_SECONDS, get_total_seconds(context) / 3)
        )
    return (
        isinstance(error, TruncatedResponse)
        and attempt == 1
        and _has_remaining(context, MIN_REMAINING_SECONDS)
    )


def get_total_seconds(context: RequestContext) -> float:
    """The seconds an operation had when it began."""
    return context.get_remaining_seconds() + max(0.0, time.time() - context.started_at)


def _has_remaining(context: RequestContext, seconds: float) -> bool:
    return context.get_remaining_seconds() >= seconds


@dataclass
class Attempt:
    """One attempt on its way to a host, and what may be blamed on that host when it fails."""

    breaker: CircuitBreaker
    source: str
    is_probe: bool = False
    was_sent: bool = False
    had_enough_time: bool = False

    def admit(self) -> None:
        """Be refused while the host is left alone, unless this is the one to try it."""
        if self.is_probe:
            return
        was_probing = self.breaker.is_probing
        try:
            self.breaker.admit(self.source)
        except Unavailable as error:
            refusal = RequestNotSent(
                error.message, source=self.source, retry_after=error.retry_after
            )
            raise refusal from None
        self.is_probe = self.breaker.is_probing and not was_probing

    def begin_request(self, context: RequestContext) -> None:
        """From here on it is the host's turn; without any time left it is not begun."""
        if context.get_remaining_seconds() <= 0:
            raise build_not_sent_error(self.source)
        self.was_sent = True
        self.had_enough_time = _has_remaining(
            context, min(MIN_RESPONSE_SECONDS, get_total_seconds(context) / 2)
        )

    def record_timeout(self) -> TimedOut:
        """The error of a deadline that has passed, on the host's account only if it had time."""
        if self.had_enough_time:
            self.breaker.record_failure()
        if self.was_sent:
            return build_timeout_error(self.source)
        return build_not_sent_error(self.source)

    def finish(self) -> None:
        """However it ended: the next one may try the host."""
        if self.is_probe:
            self.breaker.cancel_probe()
