"""Client of one upstream with one credential: rate limited, bounded, and retried where safe."""

import asyncio
import math
import random
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any, Protocol, TypeVar

import httpx
from msgspec import Struct

from providers.errors import (
    BadInput,
    BadResponse,
    CallerUnauthenticated,
    ProviderError,
    RateLimited,
    TimedOut,
    Unavailable,
)
from providers.kit.caching.cache import Cache
from providers.kit.deadline import Deadline
from providers.kit.instrumentation import Instrumentation
from providers.kit.rate_limiting.credential_limiters import (
    CallLimiter,
    CredentialLimiters,
    get_unaccepted_limiter,
)
from providers.kit.rate_limiting.rate_limiter import Budget, Rate, RateLimiter, RateLimiters
from providers.kit.rate_limiting.reported_budget import parse_reported_budget
from providers.kit.request_context import get_current
from providers.kit.shared.durable_records import DurableRecords
from providers.kit.shared.shared_store import SharedStore
from providers.kit.upstream.circuit_breaker import CircuitBreaker
from providers.kit.upstream.credential_registry import CredentialRegistry
from providers.kit.upstream.decode import build_unreadable_error, decode
from providers.kit.upstream.response_body import BodyError, read_body
from providers.kit.upstream.retry import (
    MAX_ATTEMPTS,
    Attempt,
    ConnectFailed,
    RequestNotSent,
    TimedOutBeforeSending,
    build_unconfirmed_error,
    should_retry,
)
from providers.kit.upstream.text_encoding import is_plain_json, to_utf8
from providers.kit.upstream.transport.prepared_request import PreparedRequest, prepare_request
from providers.kit.upstream.transport.received_response import get_fields
from providers.kit.upstream.user_agent import USER_AGENT

T = TypeVar("T")

CONNECT_SECONDS = 2.0
READ_SECONDS = 5.0
TIMEOUT = httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS, pool=CONNECT_SECONDS).as_dict()
DEFAULT_HEADERS = {
    "User-Agent": USER_AGENT,
    "Accept": "application/json",
    "Accept-Encoding": "gzip",
}
MAX_BODY_BYTES = 4 * 1024 * 1024
# Retry budget of one source: a retry takes a token, so an outage is not made worse.
RETRY_TOKENS_PER_CALL = 0.2
MAX_RETRY_TOKENS = 10.0
RECORDING_SECONDS = 1.0  # of what each accepted call shows
MAX_RETRY_AFTER_SECONDS = 86_400.0
# In rate limit headers: a smaller number is seconds to wait, a larger one seconds since 1970.
MAX_RELATIVE_SECONDS = 1e9
FIRST_REDIRECT_STATUS, FIRST_ERROR_STATUS = 300, 400
UNAUTHORIZED = 401
TOO_MANY_REQUESTS = 429
FAILURE_STATUSES = {500, 502, 503, 504}
GATEWAY_STATUSES = {502, 503, 504}


class UpstreamResponse(Struct, frozen=True):
    """A response with its whole body."""

    status: int
    headers: Mapping[str, str]  # names in lower case are found
    body: bytes
    source: str

    def decode(self, target: type[T]) -> T:
        """Decode the body as the declared type. Raise `BadResponse`."""
        return decode(self.json_text, target, self.source)

    @property
    def json_text(self) -> bytes:
        """The body as UTF-8 without a byte order mark."""
        body = self.body
        return body if is_plain_json(body) else to_utf8(body, self.headers.get("content-type", ""))

    @property
    def is_json(self) -> bool:
        """Whether the service itself responded; HTML comes from a proxy in front of it."""
        return "json" in self.headers.get("content-type", "").lower()


class UpstreamAuthenticator(Protocol):
    """Adds a credential to requests, and renews it when it is rejected."""

    async def build_headers(self) -> Mapping[str, str]:
        """Return the headers that contain the credential."""
        ...

    async def renew(self, rejected_headers: Mapping[str, str]) -> bool:
        """Renew the credential after a 401; return whether the request should be sent again."""
        ...


Send = Callable[[PreparedRequest], Awaitable[UpstreamResponse]]


@dataclass
class SharedServices:
    """Services shared by all sources: HTTP client, cache, rate limiters, breakers, metrics."""

    transport: httpx.AsyncBaseTransport = field(repr=False)
    cache: Cache = field(default_factory=Cache)
    rate_limiters: RateLimiters = field(default_factory=RateLimiters)
    circuit_breakers: dict[tuple[str, str], CircuitBreaker] = field(
        default_factory=dict[tuple[str, str], CircuitBreaker]
    )
    retry_tokens: dict[str, float] = field(default_factory=dict[str, float])
    shared_store: SharedStore = field(default_factory=SharedStore)
    records: DurableRecords = field(default_factory=DurableRecords)
    instrumentation: Instrumentation = field(default_factory=Instrumentation)
    credentials: CredentialRegistry = field(default_factory=CredentialRegistry)

    def get_breaker(self, source: str, host: str) -> CircuitBreaker:
        """Return the circuit breaker of a host."""
        try:
            return self.circuit_breakers[source, host]
        except KeyError:
            breaker = self.circuit_breakers[source, host] = CircuitBreaker()
            return breaker

    def __post_init__(self) -> None:
        self.credentials.rejection_listeners.append(
            lambda _source, scope: self.cache.invalidate_scope(scope)
        )


@dataclass
class UpstreamClient:
    """Sends requests to one source with one credential; `scope` is the credential's hash."""

    services: SharedServices
    source: str
    scope: str
    rate: Rate
    concurrency: int
    authenticator: UpstreamAuthenticator | None = None
    is_caller: bool = False
    # Whether the source's headers tell what is left of the rate.
    reports_budget: bool = False
    # When the call began after which it was recorded last that the source accepts the credential,
    # by `time.monotonic`.
    _recorded_at: float = field(default=-math.inf, init=False, repr=False)

    @property
    def is_accepted(self) -> bool:
        """Whether this is the operator's credential, or one that the source has just accepted."""
        credentials = self.services.credentials
        return not self.is_caller or credentials.is_accepted(self.source, self.scope)

    @property
    def is_rejected(self) -> bool:
        """Whether this is a caller's credential that the source has just rejected."""
        credentials = self.services.credentials
        return self.is_caller and credentials.is_rejected(self.source, self.scope)

    @property
    def rate_limiter(self) -> RateLimiter:
        """The rate limiter of this credential."""
        return self.services.rate_limiters.get(self.source, self.scope, self.rate, self.concurrency)

    def _get_limiter(self, *, is_accepted: bool) -> CallLimiter:
        limiters = self.services.rate_limiters
        own = limiters.get(self.source, self.scope, self.rate, self.concurrency)
        if is_accepted:
            return own
        return CredentialLimiters(own, get_unaccepted_limiter(limiters, self.source))

    def get_budget(self) -> Budget | None:
        """Return what is left of this credential's rate; None if it has no limit."""
        return self._peek_rate_limiter().get_budget()

    async def refresh_budget(self) -> None:
        """Read from Redis what other processes have used of the rate."""
        await self._peek_rate_limiter().refresh()

    def _peek_rate_limiter(self) -> RateLimiter:
        return self.services.rate_limiters.peek(
            self.source, self.scope, self.rate, self.concurrency
        )

    def read(
        self,
        url: str,
        *,
        method: str = "GET",
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        json: object = None,
        form: Mapping[str, str] | None = None,
        raw: bool = False,
        blames_host: bool = True,
    ) -> Coroutine[Any, Any, UpstreamResponse]:
        """Send a request that changes nothing, and may therefore be retried.

        Return any 2xx or 4xx response except 429; raise a `ProviderError` for everything else.
        With `raw` return a response of any status. Without `blames_host` a caller chose the
        content: it is sent once, and a failure that the content may have caused does not count
        against the host.
        """
        request = self._build_request(
            method, url, params=params, headers=headers, json=json, form=form
        )
        send = (
            self._send_with_retries
            if blames_host
            else partial(self._attempt, raw=raw, blames_host=False)
        )
        return self._send_authenticated(request, send)

    def write(
        self,
        url: str,
        *,
        method: str = "POST",
        headers: Mapping[str, str] | None = None,
        json: object = None,
        content: bytes | None = None,
        raw: bool = False,
    ) -> Coroutine[Any, Any, UpstreamResponse]:
        """Send a request that changes something, once.

        It is sent again only if nothing had been sent, or if the token was rejected. Raise
        `OutcomeUnknown` if it was sent and not confirmed. `raw` as in `read`.
        """
        request = self._build_request(
            method, url, params=None, headers=headers, json=json, content=content
        )
        return self._send_authenticated(request, partial(self._send_once, raw=raw))

    def _build_request(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None,
        json: object,
        form: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> PreparedRequest:
        try:
            return prepare_request(
                method,
                url,
                params=params,
                headers={**DEFAULT_HEADERS, **(headers or {})},
                json=json,
                form=form,
                content=content,
                timeout=TIMEOUT,
            )
        except httpx.InvalidURL:
            message = "The input does not form a valid URL of the source: use other characters."
            raise BadInput(message, argument="input", source=self.source) from None

    def _send_authenticated(
        self, request: PreparedRequest, send: Send
    ) -> Coroutine[Any, Any, UpstreamResponse]:
        if self.is_caller:
            self.check_not_rejected()
            if not self.is_accepted:
                return self._send_unaccepted(request, send)
        return self._send_and_renew(request, send)

    async def _send_unaccepted(self, request: PreparedRequest, send: Send) -> UpstreamResponse:
        async with self.services.credentials.call_one_first(self.source, self.scope):
            self.check_not_rejected()
            return await self._send_and_renew(request, send)

    def check_not_rejected(self) -> None:
        """Raise `CallerUnauthenticated` for a caller's credential that was just rejected."""
        if self.is_rejected:
            message = "The source does not accept the credential of this request."
            raise CallerUnauthenticated(message, source=self.source)

    async def _send_and_renew(self, request: PreparedRequest, send: Send) -> UpstreamResponse:
        if self.authenticator is None:
            return await send(request)
        auth_headers = await self.authenticator.build_headers()
        request.add_headers(auth_headers)
        response = await send(request)
        if response.status != UNAUTHORIZED or not await self.authenticator.renew(auth_headers):
            return response
        return await send(request.with_headers(await self.authenticator.build_headers()))

    async def _send_once(self, request: PreparedRequest, *, raw: bool) -> UpstreamResponse:
        try:
            return await self._send_with_retries(
                request, raw=raw, blames_host=not raw, retried=ConnectFailed
            )
        except (TimedOut, Unavailable, BadResponse) as error:
            if isinstance(error, RequestNotSent | TimedOutBeforeSending):
                raise
            raise build_unconfirmed_error(self.source) from None

    async def _send_with_retries(
        self,
        request: PreparedRequest,
        *,
        raw: bool = False,
        blames_host: bool = True,
        retried: type[ProviderError] = ProviderError,
    ) -> UpstreamResponse:
        attempt = 0
        while True:
            attempt += 1
            try:
                return await self._attempt(request, raw=raw, blames_host=blames_host)
            except retried as error:
                if attempt >= MAX_ATTEMPTS or not self._may_retry(error, attempt):
                    raise
            # Full jitter: calls that failed together are not retried together.
            await asyncio.sleep(random.uniform(0, 0.4 * attempt))  # noqa: S311 - not a secret

    def _may_retry(self, error: ProviderError, attempt: int) -> bool:
        if not should_retry(error, attempt, get_current()):
            return False
        # A source that asks to wait is not failing; everything else may be an outage.
        return isinstance(error, RateLimited) or self._take_retry_token()

    def _take_retry_token(self) -> bool:
        tokens = self.services.retry_tokens.get(self.source, MAX_RETRY_TOKENS)
        if tokens >= 1:
            self.services.retry_tokens[self.source] = tokens - 1
        return tokens >= 1

    async def _attempt(
        self, request: PreparedRequest, *, raw: bool = False, blames_host: bool = True
    ) -> UpstreamResponse:
        breaker = self.services.get_breaker(self.source, request.target.origin.host)
        context, is_accepted, started_at = get_current(), self.is_accepted, time.monotonic()
        # What an invented credential causes is not believed either.
        attempt = Attempt(breaker, self.source, context, started_at, blames_host and is_accepted)
        limiter = self._get_limiter(is_accepted=is_accepted)
        try:
            with Deadline(context.get_remaining_seconds(started_at)):
                if breaker.failures:
                    attempt.admit()
                if context.charge is not None:
                    limiter.check()  # a call that will not be made is not charged
                    await context.charge(self.source)
                async with limiter.acquire() as acquired_at:
                    response = await self._exchange(request, attempt)
        except TimeoutError:
            raise attempt.record_timeout() from None
        finally:
            if attempt.is_probe:
                breaker.cancel_probe()  # unless it has an outcome
        try:
            return self._check_status(response, attempt, limiter, acquired_at)
        except ProviderError:
            if raw:
                return response
            raise
        finally:
            if self.reports_budget:
                self._learn_budget(response, acquired_at)

    async def _exchange(self, request: PreparedRequest, attempt: Attempt) -> UpstreamResponse:
        now, services, source, response = time.monotonic(), self.services, self.source, None
        instrumentation, host = services.instrumentation, request.target.host
        instrumentation.on_wait(source, now - attempt.started_at)
        attempt.begin_request(now)
        if services.retry_tokens:  # a retry has taken some
            self._add_retry_token()
        with instrumentation.measure_call(source, request.method, host, now) as call:
            if call.headers:
                request = request.with_headers(call.headers)
            try:
                response = await services.transport.handle_async_request(request)
                body = await read_body(response, MAX_BODY_BYTES)
            except (httpx.HTTPError, httpx.InvalidURL, BodyError) as error:
                raise attempt.record_error(error, has_response=response is not None) from None
            call.status = response.status_code
        return UpstreamResponse(response.status_code, get_fields(response), body, source)

    def _check_status(
        self,
        response: UpstreamResponse,
        attempt: Attempt,
        limiter: CallLimiter,
        acquired_at: float,
    ) -> UpstreamResponse:
        if response.status in FAILURE_STATUSES:
            _record_failed_response(response, attempt)
            raise Unavailable("The source is failing.", source=self.source)
        attempt.breaker.record_success()
        if response.status == TOO_MANY_REQUESTS:
            seconds = limiter.pause(parse_retry_after(response.headers), acquired_at)
            message = "The source asks to wait."
            raise RateLimited(message, source=self.source, retry_after=math.ceil(seconds))
        limiter.resume(acquired_at)
        if response.status < FIRST_REDIRECT_STATUS:
            self._record_accepted(acquired_at)
        if FIRST_REDIRECT_STATUS <= response.status < FIRST_ERROR_STATUS:
            raise build_unreadable_error(self.source)
        return response

    def _record_accepted(self, acquired_at: float) -> None:
        if acquired_at >= self._recorded_at + RECORDING_SECONDS:
            self._recorded_at = acquired_at
            self.services.credentials.record_accepted(self.source, self.scope)

    def _learn_budget(self, response: UpstreamResponse, acquired_at: float) -> None:
        headers = response.headers
        reported = parse_reported_budget(headers, parse_retry_after(headers))
        if reported is not None:
            self.rate_limiter.learn_budget(reported, acquired_at)

    def _add_retry_token(self) -> None:
        tokens = self.services.retry_tokens.get(self.source, MAX_RETRY_TOKENS)
        self.services.retry_tokens[self.source] = min(
            MAX_RETRY_TOKENS, tokens + RETRY_TOKENS_PER_CALL
        )


def _record_failed_response(response: UpstreamResponse, attempt: Attempt) -> None:
    # A gateway's page in HTML says that the host is down, whatever was sent to it.
    if response.status in GATEWAY_STATUSES and not response.is_json:
        attempt.breaker.record_failure()
    else:
        attempt.record_failure()


def parse_retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds to wait by `Retry-After` or the `X-RateLimit` headers, at most a day."""
    for name in ("retry-after", "x-ratelimit-next-available", "x-ratelimit-reset"):
        text = headers.get(name, "").strip()
        seconds = _parse_seconds(text, relative=name == "retry-after") if text else None
        if seconds is not None:
            return min(max(seconds, 0.0), MAX_RETRY_AFTER_SECONDS)
    return None


def _parse_seconds(text: str, *, relative: bool) -> float | None:
    try:
        number = float(text)
        if not math.isfinite(number):
            return None
        return number if relative or number < MAX_RELATIVE_SECONDS else number - time.time()
    except ValueError:
        pass
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            return parse(text).timestamp() - time.time()
        except (ValueError, TypeError, OverflowError):
            continue
    return None
