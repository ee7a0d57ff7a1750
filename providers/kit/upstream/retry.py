"""How an attempt fails, whether that counts against the host, and whether to retry."""

import time

import httpx
from msgspec import Struct

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
from providers.kit.upstream.decode import build_unreadable_error
from providers.kit.upstream.response_body import BodyError, BodyTruncated

MAX_ATTEMPTS = 3
MIN_REMAINING_SECONDS = 1.0  # a retry is not worth it with less
CONNECT_ERRORS = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
MIN_RESPONSE_SECONDS = 1.0  # a host that had less to respond is not blamed for a timeout


class RequestNotSent(Unavailable):
    """The request was not sent, so a retry cannot do anything twice."""


class ConnectFailed(RequestNotSent):
    """No connection could be opened."""


class ConnectionBroken(Unavailable):
    """The connection ended before a response."""


class TimedOutBeforeSending(TimedOut):
    """The deadline passed before the rate limiter allowed the call."""


class TruncatedResponse(BadResponse):
    """The response ended before its announced length."""


def build_truncated_error(source: str) -> TruncatedResponse:
    """Build the error of a response that ended too early."""
    return TruncatedResponse("The source's response ended too early.", source=source)


def build_not_sent_error(source: str) -> TimedOutBeforeSending:
    """Build the error of a call that was not sent before the deadline."""
    return TimedOutBeforeSending(
        "The request could not be sent to the source in time.", source=source
    )


def build_unconfirmed_error(source: str) -> OutcomeUnknown:
    """Build the error of a write that was sent and not confirmed."""
    message = "The source did not confirm the change: check its state before you repeat it."
    return OutcomeUnknown(message, source=source)


def should_retry(error: ProviderError, attempt: int, context: RequestContext) -> bool:
    """Return whether another attempt may succeed in the remaining time."""
    if isinstance(error, RateLimited):
        wait = None if isinstance(error, CallerQuotaExceeded) else error.retry_after
        return wait is not None and wait < context.get_remaining_seconds()
    if isinstance(error, Unavailable):
        # One with `retry_after` comes from our circuit breaker, which allows no retry.
        max_attempts = 2 if isinstance(error, ConnectionBroken) else MAX_ATTEMPTS
        return (
            error.retry_after is None
            and _has_remaining(context, MIN_REMAINING_SECONDS)
            and attempt < max_attempts
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
    """Return the seconds that the request had when it began."""
    return context.get_remaining_seconds() + max(0.0, time.time() - context.started_at)


def _has_remaining(context: RequestContext, seconds: float) -> bool:
    return context.get_remaining_seconds() >= seconds


class Attempt(Struct, eq=False):
    """One attempt to call a host, and whether its failure counts for the circuit breaker.

    Times are of `time.monotonic`.
    """

    breaker: CircuitBreaker
    source: str
    context: RequestContext
    started_at: float
    blames_host: bool = True  # not if a caller chose the content of the request
    is_probe: bool = False
    was_sent: bool = False
    had_enough_time: bool = False

    def admit(self) -> None:
        """Raise `RequestNotSent` while the breaker is open, unless this attempt is its probe."""
        if self.is_probe:
            return
        try:
            self.is_probe = self.breaker.admit(self.source)
        except Unavailable as error:
            raise RequestNotSent(
                error.message, source=self.source, retry_after=error.retry_after
            ) from None

    def begin_request(self, now: float) -> None:
        """Mark the request as sent, and count it.

        Raise `RequestNotSent`, `TimedOutBeforeSending` if no time is left, or `TooCostly`.
        """
        if self.breaker.failures:
            self.admit()  # the breaker may have opened while this attempt waited
        remaining = self.context.get_remaining_seconds(now)
        if remaining <= 0:
            raise build_not_sent_error(self.source)
        self.was_sent = True
        self.had_enough_time = (
            remaining >= MIN_RESPONSE_SECONDS or remaining >= get_total_seconds(self.context) / 2
        )
        self.context.count_call(self.source)

    def record_failure(self) -> None:
        """Count a failure that the content of the request may have caused."""
        if self.blames_host:
            self.breaker.record_failure()

    def record_error(self, error: Exception, *, has_response: bool) -> ProviderError:
        """Return the error of a request that failed in the transport or in reading the body."""
        if isinstance(error, BodyError):
            is_truncated = isinstance(error, BodyTruncated)
            build_error = build_truncated_error if is_truncated else build_unreadable_error
            return build_error(self.source)
        if isinstance(error, CONNECT_ERRORS):
            self.breaker.record_failure()
            return ConnectFailed("The source cannot be reached.", source=self.source)
        if isinstance(error, httpx.TimeoutException):
            self.record_failure()
            return build_timeout_error(self.source)
        self.breaker.record_failure()
        if has_response:
            return build_truncated_error(self.source)
        return ConnectionBroken("The source broke the connection.", source=self.source)

    def record_timeout(self) -> TimedOut:
        """Return the error of a passed deadline; it counts only if the host had enough time."""
        if self.had_enough_time:
            self.record_failure()
        if self.was_sent:
            return build_timeout_error(self.source)
        return build_not_sent_error(self.source)
