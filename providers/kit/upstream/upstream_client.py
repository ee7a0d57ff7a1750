"""One upstream as one credential sees it: paced, bounded in time and size, retried with care."""

import asyncio
import math
import random
import time
import zlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Protocol, TypeVar

import httpx

from providers.errors import (
    BadInput,
    BadResponse,
    ProviderError,
    RateLimited,
    TimedOut,
    Unavailable,
)
from providers.kit.caching.cache import Cache
from providers.kit.instrumentation import Instrumentation
from providers.kit.rate_limiting.rate_limiter import Budget, Rate, RateLimiter, RateLimiters
from providers.kit.request_context import build_timeout_error, get_current
from providers.kit.shared.shared_store import SharedStore
from providers.kit.upstream.circuit_breaker import CircuitBreaker
from providers.kit.upstream.decode import build_unreadable_error, decode
from providers.kit.upstream.retry import (
    MAX_ATTEMPTS,
    Attempt,
    ConnectFailed,
    ConnectionBroken,
    RequestNotSent,
    TimedOutBeforeSending,
    build_truncated_error,
    build_unconfirmed_error,
    should_retry,
)

T = TypeVar("T")

CONNECT_SECONDS = 2.0
READ_SECONDS = 5.0
MAX_BODY_BYTES = 4 * 1024 * 1024
RETRY_TOKENS_PER_CALL = 0.2
MAX_RETRY_TOKENS = 10.0
# Below it a number is seconds to wait; above it, seconds since 1970.
MAX_RELATIVE_SECONDS = 1e9
UNAUTHORIZED = 401
TOO_MANY_REQUESTS = 429
FAILURE_STATUSES = {500, 502, 503, 504}


@dataclass(frozen=True)
class UpstreamResponse:
    """An upstream's answer, read whole."""

    status: int
    headers: httpx.Headers
    body: bytes
    source: str

    def decode(self, target: type[T]) -> T:
        """The body as a declared struct."""
        return decode(self.body, target, self.source)

    @property
    def is_json(self) -> bool:
        """Whether the service itself answered; HTML comes from the edge before it."""
        return "json" in self.headers.get("content-type", "").lower()


class UpstreamAuthenticator(Protocol):
    """Who signs a request: headers to send, and a second chance when they are refused."""

    async def build_headers(self, url: str) -> Mapping[str, str]:
        """Headers that carry the credential."""
        ...

    async def renew(self, rejected_headers: Mapping[str, str]) -> bool:
        """After a 401: whether a new credential is worth one repetition."""
        ...


@dataclass
class SharedServices:
    """What the server lends to every source."""

    http_client: httpx.AsyncClient
    cache: Cache = field(default_factory=Cache)
    rate_limiters: RateLimiters = field(default_factory=RateLimiters)
    circuit_breakers: dict[tuple[str, str], CircuitBreaker] = field(
        default_factory=dict[tuple[str, str], CircuitBreaker]
    )
    retry_tokens: dict[str, float] = field(default_factory=dict[str, float])
    shared_store: SharedStore = field(default_factory=SharedStore)
    instrumentation: Instrumentation = field(default_factory=Instrumentation)


@dataclass
class UpstreamClient:
    """The way to one source with one credential."""

    services: SharedServices
    source: str
    scope: str
    rate: Rate
    concurrency: int
    authenticator: UpstreamAuthenticator | None = None

    @property
    def rate_limiter(self) -> RateLimiter:
        """This credential's pace."""
        return self.services.rate_limiters.get(self.source, self.scope, self.rate, self.concurrency)

    def get_budget(self) -> Budget | None:
        """What is left of this credential's rate, as far as is known."""
        return self._peek_rate_limiter().get_budget()

    async def refresh_budget(self) -> None:
        """Learn what other processes have spent of it."""
        await self._peek_rate_limiter().refresh()

    def _peek_rate_limiter(self) -> RateLimiter:
        return self.services.rate_limiters.peek(
            self.source, self.scope, self.rate, self.concurrency
        )

    async def read(
        self,
        url: str,
        *,
        method: str = "GET",
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        json: object = None,
        form: Mapping[str, str] | None = None,
        raw: bool = False,
    ) -> UpstreamResponse:
        """Ask; a reading may be repeated. Any 2xx or 4xx but 429 comes back as it is.

        A `raw` one is asked once, and whatever the source answers comes back.
        """
        request = self._build_request(
            method, url, params=params, headers=headers, json=json, form=form
        )
        return await self._send_authenticated(
            request, self._send_raw if raw else self._send_with_retries
        )

    async def write(
        self,
        url: str,
        *,
        method: str = "POST",
        headers: Mapping[str, str] | None = None,
        json: object = None,
        content: bytes | None = None,
        raw: bool = False,
    ) -> UpstreamResponse:
        """Change something, once: repeated only when nothing was sent or the token was refused."""
        request = self._build_request(
            method, url, params=None, headers=headers, json=json, content=content
        )
        return await self._send_authenticated(request, partial(self._send_once, raw=raw))

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
    ) -> httpx.Request:
        try:
            return self.services.http_client.build_request(
                method,
                url,
                params=params or None,
                headers={
                    "Accept-Encoding": "gzip",
                    "Accept": "application/json",
                    **(headers or {}),
                },
                json=json,
                data=form,
                content=content,
            )
        except httpx.InvalidURL:
            message = "This makes no address that the source could be asked at."
            raise BadInput(message, argument="input", source=self.source) from None

    async def _send_authenticated(
        self, request: httpx.Request, send: Callable[[httpx.Request], Awaitable[UpstreamResponse]]
    ) -> UpstreamResponse:
        if self.authenticator is None:
            return await send(request)
        auth_headers = await self.authenticator.build_headers(str(request.url))
        request.headers.update(auth_headers)
        reply = await send(request)
        if reply.status != UNAUTHORIZED or not await self.authenticator.renew(auth_headers):
            return reply
        request.headers.update(await self.authenticator.build_headers(str(request.url)))
        return await send(request)

    async def _send_with_retries(self, request: httpx.Request) -> UpstreamResponse:
        return await self._retry(partial(self._attempt, request), self._may_retry)

    async def _send_raw(self, request: httpx.Request) -> UpstreamResponse:
        return await self._attempt(request, raw=True)

    async def _send_once(self, request: httpx.Request, *, raw: bool) -> UpstreamResponse:
        try:
            return await self._retry(
                partial(self._attempt, request, raw=raw),
                lambda error, attempt: (
                    isinstance(error, ConnectFailed) and self._may_retry(error, attempt)
                ),
            )
        except (TimedOut, Unavailable, BadResponse) as error:
            if isinstance(error, RequestNotSent | TimedOutBeforeSending):
                raise
            raise build_unconfirmed_error(self.source) from None

    async def _retry(
        self,
        send: Callable[[], Awaitable[UpstreamResponse]],
        is_retryable: Callable[[ProviderError, int], bool],
    ) -> UpstreamResponse:
        attempt = 0
        while True:
            attempt += 1
            try:
                return await send()
            except ProviderError as error:
                if attempt >= MAX_ATTEMPTS or not is_retryable(error, attempt):
                    raise
            # Full jitter: callers that failed together do not come back together.
            await asyncio.sleep(random.uniform(0, 0.4 * attempt))  # noqa: S311 - no secret

    def _may_retry(self, error: ProviderError, attempt: int) -> bool:
        if not should_retry(error, attempt, get_current()):
            return False
        # Who asks to wait is waited for; everything else may be an outage, not to be made worse.
        return isinstance(error, RateLimited) or self._take_retry_token()

    def _take_retry_token(self) -> bool:
        reserve = self.services.retry_tokens.get(self.source, MAX_RETRY_TOKENS)
        if reserve >= 1:
            self.services.retry_tokens[self.source] = reserve - 1
        return reserve >= 1

    async def _attempt(self, request: httpx.Request, *, raw: bool = False) -> UpstreamResponse:
        breaker = self.services.circuit_breakers.setdefault(
            (self.source, request.url.host), CircuitBreaker()
        )
        attempt = Attempt(breaker, self.source)
        try:
            async with (
                asyncio.timeout(get_current().get_remaining_seconds()),
                self._acquire(attempt) as acquired_at,
            ):
                reply = await self._exchange(request, breaker)
        except TimeoutError:
            raise attempt.record_timeout() from None
        finally:
            attempt.finish()
        try:
            return self._check_status(reply, breaker, acquired_at)
        except ProviderError:
            if raw:
                return reply
            raise

    @asynccontextmanager
    async def _acquire(self, attempt: Attempt) -> AsyncGenerator[float]:
        """Be let through by the breaker, the caller's own budget and the gate, in this order."""
        context, started_at = get_current(), time.monotonic()
        attempt.admit()
        if context.charge is not None:
            self.rate_limiter.check()  # a caller does not pay for what will not be asked
            await context.charge(self.source)
        async with self.rate_limiter.acquire() as acquired_at:
            self.services.instrumentation.on_wait(self.source, time.monotonic() - started_at)
            attempt.admit()
            attempt.begin_request(context)
            yield acquired_at

    async def _exchange(self, request: httpx.Request, breaker: CircuitBreaker) -> UpstreamResponse:
        get_current().count_call(self.source)
        self._add_retry_token()
        with self.services.instrumentation.measure_call(self.source) as call:
            response, body = await self._receive(request, breaker)
            call.status = response.status_code
        return UpstreamResponse(response.status_code, response.headers, body, self.source)

    async def _receive(
        self, request: httpx.Request, breaker: CircuitBreaker
    ) -> tuple[httpx.Response, bytes]:
        response = None
        try:
            response = await self.services.http_client.send(
                request, stream=True, follow_redirects=False
            )
            try:
                return response, await _read_body(response, self.source)
            finally:
                await response.aclose()
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            breaker.record_failure()
            raise ConnectFailed("The source cannot be reached.", source=self.source) from None
        except httpx.TimeoutException:
            breaker.record_failure()
            raise build_timeout_error(self.source) from None
        except (httpx.HTTPError, httpx.InvalidURL):
            breaker.record_failure()
            if response is not None:
                raise build_truncated_error(self.source) from None
            raise ConnectionBroken("The source broke off.", source=self.source) from None

    def _check_status(
        self, reply: UpstreamResponse, breaker: CircuitBreaker, acquired_at: float
    ) -> UpstreamResponse:
        if reply.status in FAILURE_STATUSES:
            breaker.record_failure()
            raise Unavailable("The source is failing.", source=self.source)
        breaker.record_success()
        if reply.status == TOO_MANY_REQUESTS:
            seconds = self.rate_limiter.pause(parse_retry_after(reply.headers), acquired_at)
            message = "The source asks to wait."
            raise RateLimited(message, source=self.source, retry_after=math.ceil(seconds))
        self.rate_limiter.resume(acquired_at)
        if httpx.codes.is_redirect(reply.status):
            raise build_unreadable_error(self.source)
        return reply

    def _add_retry_token(self) -> None:
        reserve = self.services.retry_tokens.get(self.source, MAX_RETRY_TOKENS)
        self.services.retry_tokens[self.source] = min(
            MAX_RETRY_TOKENS, reserve + RETRY_TOKENS_PER_CALL
        )


async def _read_body(response: httpx.Response, source: str) -> bytes:
    """Read the body, inflating it here so that a small one cannot grow without bound."""
    encoding = response.headers.get("content-encoding", "identity").lower()
    if encoding not in ("identity", "gzip", ""):
        raise build_unreadable_error(source)
    inflate = zlib.decompressobj(wbits=31) if encoding == "gzip" else None
    body = bytearray()
    try:
        async for chunk in response.aiter_raw():
            room = MAX_BODY_BYTES - len(body) + 1
            body += chunk[:room] if inflate is None else inflate.decompress(chunk, room)
            if len(body) > MAX_BODY_BYTES:
                raise build_unreadable_error(source)
        if inflate is not None:
            body += inflate.flush()
            if not inflate.eof:
                raise build_truncated_error(source)
    except zlib.error:
        raise build_unreadable_error(source) from None
    return bytes(body)


def parse_retry_after(headers: httpx.Headers) -> float | None:
    """Seconds an upstream asks us to wait: Retry-After, or the X-RateLimit siblings."""
    for name in ("retry-after", "x-ratelimit-next-available", "x-ratelimit-reset"):
        text = headers.get(name, "").strip()
        seconds = _parse_seconds(text, relative=name == "retry-after") if text else None
        if seconds is not None:
            return min(max(seconds, 0.0), 86_400.0)
    return None


def _parse_seconds(text: str, *, relative: bool) -> float | None:
    try:
        number = float(text)
        if not math.isfinite(number):
            return None
        return number if relative or number < MAX_RELATIVE_SECONDS else number - time.time()
    except ValueError:
        pass
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            return read(text).timestamp() - time.time()
        except (ValueError, TypeError, OverflowError):
            continue
    return None
