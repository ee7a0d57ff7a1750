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
from providers.kit.instrumentation import Observer
from providers.kit.rate_limiting.rate_limiter import Budget, Gate, Gates, Rate
from providers.kit.request_context import current, late
from providers.kit.shared.shared_store import Shared
from providers.kit.upstream.circuit_breaker import Breaker
from providers.kit.upstream.decode import decode, unreadable
from providers.kit.upstream.retry import (
    TRIES,
    Attempt,
    BrokenOff,
    NotAsked,
    NothingSent,
    Unreached,
    may_help,
    truncated,
    unconfirmed,
)

T = TypeVar("T")

CONNECT_SECONDS = 2.0
READ_SECONDS = 5.0
LARGEST_BODY = 4 * 1024 * 1024
RETRY_SHARE = 0.2
RETRY_RESERVE = 10.0
# Below it a number is seconds to wait; above it, seconds since 1970.
LONGEST_RELATIVE = 1e9
UNAUTHORIZED = 401
TOO_MANY = 429
FAILING = {500, 502, 503, 504}


@dataclass(frozen=True)
class Reply:
    """An upstream's answer, read whole."""

    status: int
    headers: httpx.Headers
    body: bytes
    source: str

    def decode(self, kind: type[T]) -> T:
        """The body as a declared struct."""
        return decode(self.body, kind, self.source)

    @property
    def is_json(self) -> bool:
        """Whether the service itself answered; HTML comes from the edge before it."""
        return "json" in self.headers.get("content-type", "").lower()


class Authority(Protocol):
    """Who signs a request: headers to send, and a second chance when they are refused."""

    async def headers(self, url: str) -> Mapping[str, str]:
        """Headers that carry the credential."""
        ...

    async def renew(self, refused: Mapping[str, str]) -> bool:
        """After a 401: whether a new credential is worth one repetition."""
        ...


@dataclass
class Kit:
    """What the server lends to every source."""

    http: httpx.AsyncClient
    cache: Cache = field(default_factory=Cache)
    gates: Gates = field(default_factory=Gates)
    breakers: dict[tuple[str, str], Breaker] = field(default_factory=dict[tuple[str, str], Breaker])
    retry_reserve: dict[str, float] = field(default_factory=dict[str, float])
    shared: Shared = field(default_factory=Shared)
    observer: Observer = field(default_factory=Observer)


@dataclass
class Upstream:
    """The way to one source with one credential."""

    kit: Kit
    source: str
    scope: str
    rate: Rate
    concurrency: int
    authority: Authority | None = None

    @property
    def gate(self) -> Gate:
        """This credential's pace."""
        return self.kit.gates.gate(self.source, self.scope, self.rate, self.concurrency)

    def budget(self) -> Budget | None:
        """What is left of this credential's rate, as far as is known."""
        return self._looked_at().budget()

    async def learn_budget(self) -> None:
        """Learn what other processes have spent of it."""
        await self._looked_at().learn()

    def _looked_at(self) -> Gate:
        return self.kit.gates.look(self.source, self.scope, self.rate, self.concurrency)

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
    ) -> Reply:
        """Ask; a reading may be repeated. Any 2xx or 4xx but 429 comes back as it is.

        A `raw` one is asked once, and whatever the source answers comes back.
        """
        request = self._request(method, url, params=params, headers=headers, json=json, form=form)
        return await self._signed(request, self._as_it_is if raw else self._retried)

    async def write(
        self,
        url: str,
        *,
        method: str = "POST",
        headers: Mapping[str, str] | None = None,
        json: object = None,
        content: bytes | None = None,
        raw: bool = False,
    ) -> Reply:
        """Change something, once: repeated only when nothing was sent or the token was refused."""
        request = self._request(
            method, url, params=None, headers=headers, json=json, content=content
        )
        return await self._signed(request, partial(self._once, raw=raw))

    def _request(
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
            return self.kit.http.build_request(
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

    async def _signed(
        self, request: httpx.Request, send: Callable[[httpx.Request], Awaitable[Reply]]
    ) -> Reply:
        if self.authority is None:
            return await send(request)
        signature = await self.authority.headers(str(request.url))
        request.headers.update(signature)
        reply = await send(request)
        if reply.status != UNAUTHORIZED or not await self.authority.renew(signature):
            return reply
        request.headers.update(await self.authority.headers(str(request.url)))
        return await send(request)

    async def _retried(self, request: httpx.Request) -> Reply:
        return await self._repeated(partial(self._attempt, request), self._worth_repeating)

    async def _as_it_is(self, request: httpx.Request) -> Reply:
        return await self._attempt(request, raw=True)

    async def _once(self, request: httpx.Request, *, raw: bool) -> Reply:
        try:
            return await self._repeated(
                partial(self._attempt, request, raw=raw),
                lambda error, attempt: (
                    isinstance(error, Unreached) and self._worth_repeating(error, attempt)
                ),
            )
        except (TimedOut, Unavailable, BadResponse) as error:
            if isinstance(error, NothingSent | NotAsked):
                raise
            raise unconfirmed(self.source) from None

    async def _repeated(
        self,
        ask: Callable[[], Awaitable[Reply]],
        worth: Callable[[ProviderError, int], bool],
    ) -> Reply:
        attempt = 0
        while True:
            attempt += 1
            try:
                return await ask()
            except ProviderError as error:
                if attempt >= TRIES or not worth(error, attempt):
                    raise
            # Full jitter: callers that failed together do not come back together.
            await asyncio.sleep(random.uniform(0, 0.4 * attempt))  # noqa: S311 - no secret

    def _worth_repeating(self, error: ProviderError, attempt: int) -> bool:
        if not may_help(error, attempt, current()):
            return False
        # Who asks to wait is waited for; everything else may be an outage, not to be made worse.
        return isinstance(error, RateLimited) or self._spend_retry()

    def _spend_retry(self) -> bool:
        reserve = self.kit.retry_reserve.get(self.source, RETRY_RESERVE)
        if reserve >= 1:
            self.kit.retry_reserve[self.source] = reserve - 1
        return reserve >= 1

    async def _attempt(self, request: httpx.Request, *, raw: bool = False) -> Reply:
        breaker = self.kit.breakers.setdefault((self.source, request.url.host), Breaker())
        attempt = Attempt(breaker, self.source)
        try:
            async with asyncio.timeout(current().remaining()), self._turn(attempt) as passed:
                reply = await self._exchange(request, breaker)
        except TimeoutError:
            raise attempt.timed_out() from None
        finally:
            attempt.ended()
        try:
            return self._judged(reply, breaker, passed)
        except ProviderError:
            if raw:
                return reply
            raise

    @asynccontextmanager
    async def _turn(self, attempt: Attempt) -> AsyncGenerator[float]:
        """Be let through by the breaker, the caller's own budget and the gate, in this order."""
        operation, began = current(), time.monotonic()
        attempt.admit()
        if operation.spend is not None:
            self.gate.check()  # a caller does not pay for what will not be asked
            await operation.spend(self.source)
        async with self.gate.passing() as passed:
            self.kit.observer.waited(self.source, time.monotonic() - began)
            attempt.admit()
            attempt.ask(operation)
            yield passed

    async def _exchange(self, request: httpx.Request, breaker: Breaker) -> Reply:
        current().ask(self.source)
        self._earn_retry()
        with self.kit.observer.calling(self.source) as call:
            response, body = await self._answer(request, breaker)
            call.status = response.status_code
        return Reply(response.status_code, response.headers, body, self.source)

    async def _answer(
        self, request: httpx.Request, breaker: Breaker
    ) -> tuple[httpx.Response, bytes]:
        response = None
        try:
            response = await self.kit.http.send(request, stream=True, follow_redirects=False)
            try:
                return response, await _body(response, self.source)
            finally:
                await response.aclose()
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            breaker.failed()
            raise Unreached("The source cannot be reached.", source=self.source) from None
        except httpx.TimeoutException:
            breaker.failed()
            raise late(self.source) from None
        except (httpx.HTTPError, httpx.InvalidURL):
            breaker.failed()
            if response is not None:
                raise truncated(self.source) from None
            raise BrokenOff("The source broke off.", source=self.source) from None

    def _judged(self, reply: Reply, breaker: Breaker, passed: float) -> Reply:
        if reply.status in FAILING:
            breaker.failed()
            raise Unavailable("The source is failing.", source=self.source)
        breaker.succeeded()
        if reply.status == TOO_MANY:
            seconds = self.gate.punish(wait_of(reply.headers), passed)
            message = "The source asks to wait."
            raise RateLimited(message, source=self.source, retry_after=math.ceil(seconds))
        self.gate.forgive(passed)
        if httpx.codes.is_redirect(reply.status):
            raise unreadable(self.source)
        return reply

    def _earn_retry(self) -> None:
        reserve = self.kit.retry_reserve.get(self.source, RETRY_RESERVE)
        self.kit.retry_reserve[self.source] = min(RETRY_RESERVE, reserve + RETRY_SHARE)


async def _body(response: httpx.Response, source: str) -> bytes:
    """Read the body, inflating it here so that a small one cannot grow without bound."""
    encoding = response.headers.get("content-encoding", "identity").lower()
    if encoding not in ("identity", "gzip", ""):
        raise unreadable(source)
    inflate = zlib.decompressobj(wbits=31) if encoding == "gzip" else None
    body = bytearray()
    try:
        async for chunk in response.aiter_raw():
            room = LARGEST_BODY - len(body) + 1
            body += chunk[:room] if inflate is None else inflate.decompress(chunk, room)
            if len(body) > LARGEST_BODY:
                raise unreadable(source)
        if inflate is not None:
            body += inflate.flush()
            if not inflate.eof:
                raise truncated(source)
    except zlib.error:
        raise unreadable(source) from None
    return bytes(body)


def wait_of(headers: httpx.Headers) -> float | None:
    """Seconds an upstream asks us to wait: Retry-After, or the X-RateLimit siblings."""
    for name in ("retry-after", "x-ratelimit-next-available", "x-ratelimit-reset"):
        text = headers.get(name, "").strip()
        seconds = _seconds(text, relative=name == "retry-after") if text else None
        if seconds is not None:
            return min(max(seconds, 0.0), 86_400.0)
    return None


def _seconds(text: str, *, relative: bool) -> float | None:
    try:
        number = float(text)
        if not math.isfinite(number):
            return None
        return number if relative or number < LONGEST_RELATIVE else number - time.time()
    except ValueError:
        pass
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            return read(text).timestamp() - time.time()
        except (ValueError, TypeError, OverflowError):
            continue
    return None
