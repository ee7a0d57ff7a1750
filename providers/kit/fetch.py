"""One upstream as one credential sees it: paced, bounded in time and size, retried with care."""

import asyncio
import math
import random
import time
import zlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Protocol, TypeVar

import httpx

from providers.errors import (
    BadResponse,
    OutcomeUnknown,
    ProviderError,
    RateLimited,
    TimedOut,
    Unavailable,
)
from providers.kit.breaker import Breaker
from providers.kit.cache import Cache
from providers.kit.decode import decode, unreadable
from providers.kit.operation import current, late
from providers.kit.pace import Gate, Gates, Rate

T = TypeVar("T")

CONNECT_SECONDS = 2.0
READ_SECONDS = 5.0
LARGEST_BODY = 4 * 1024 * 1024
TRIES = 3
RETRY_SHARE = 0.2
RETRY_RESERVE = 10.0
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
        return self.kit.http.build_request(
            method,
            url,
            params=params or None,
            headers={"Accept-Encoding": "gzip", "Accept": "application/json", **(headers or {})},
            json=json,
            data=form,
            content=content,
        )

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
        attempt = 0
        while True:
            attempt += 1
            try:
                return await self._attempt(request)
            except ProviderError as error:
                if attempt >= TRIES or not self._worth_repeating(error):
                    raise
            # Full jitter: callers that failed together do not come back together.
            await asyncio.sleep(random.uniform(0, 0.4 * attempt))  # noqa: S311 - no secret

    async def _as_it_is(self, request: httpx.Request) -> Reply:
        return await self._attempt(request, raw=True)

    async def _once(self, request: httpx.Request, *, raw: bool) -> Reply:
        try:
            return await self._attempt(request, raw=raw)
        except (TimedOut, Unavailable, BadResponse) as error:
            if isinstance(error, NothingSent):
                raise
            message = "The source did not confirm the change: look before you repeat it."
            raise OutcomeUnknown(message, source=self.source) from None

    def _worth_repeating(self, error: ProviderError) -> bool:
        remaining = current().remaining()
        if isinstance(error, RateLimited):
            return error.retry_after is not None and error.retry_after < remaining
        if not isinstance(error, Unavailable | TimedOut) or remaining < 1:
            return False
        if isinstance(error, Unavailable) and error.retry_after is not None:
            return False
        reserve = self.kit.retry_reserve.get(self.source, RETRY_RESERVE)
        if reserve < 1:
            return False
        self.kit.retry_reserve[self.source] = reserve - 1
        return True

    async def _attempt(self, request: httpx.Request, *, raw: bool = False) -> Reply:
        breaker = self.kit.breakers.setdefault((self.source, request.url.host), Breaker())
        try:
            async with asyncio.timeout(current().remaining()), self.gate.passing():
                breaker.check(self.source)
                current().called(self.source)
                self._earn_retry()
                reply = await self._exchange(request, breaker)
        except TimeoutError:
            breaker.failed()
            raise late(self.source) from None
        except asyncio.CancelledError:
            breaker.abandoned()
            raise
        try:
            return self._judged(reply, breaker)
        except ProviderError:
            if raw:
                return reply
            raise

    async def _exchange(self, request: httpx.Request, breaker: Breaker) -> Reply:
        try:
            response = await self.kit.http.send(request, stream=True, follow_redirects=False)
            try:
                body = await _body(response, self.source)
            finally:
                await response.aclose()
        except httpx.TimeoutException as error:
            breaker.failed()
            if isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout):
                raise NothingSent("The source cannot be reached.", source=self.source) from None
            raise late(self.source) from None
        except httpx.ConnectError:
            breaker.failed()
            raise NothingSent("The source cannot be reached.", source=self.source) from None
        except (httpx.HTTPError, httpx.InvalidURL):
            breaker.failed()
            raise Unavailable("The source broke off.", source=self.source) from None
        return Reply(response.status_code, response.headers, body, self.source)

    def _judged(self, reply: Reply, breaker: Breaker) -> Reply:
        if reply.status in FAILING:
            breaker.failed()
            raise Unavailable("The source is failing.", source=self.source)
        breaker.succeeded()
        if reply.status == TOO_MANY:
            seconds = self.gate.punish(wait_of(reply.headers))
            message = "The source asks to wait."
            raise RateLimited(message, source=self.source, retry_after=math.ceil(seconds))
        self.gate.forgive()
        if httpx.codes.is_redirect(reply.status):
            raise unreadable(self.source)
        return reply

    def _earn_retry(self) -> None:
        reserve = self.kit.retry_reserve.get(self.source, RETRY_RESERVE)
        self.kit.retry_reserve[self.source] = min(RETRY_RESERVE, reserve + RETRY_SHARE)


class NothingSent(Unavailable):
    """Not even the request left: repeating it cannot do anything twice."""


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
                raise unreadable(source)
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
        return number if relative else number - time.time()
    except ValueError:
        pass
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            return read(text).timestamp() - time.time()
        except (ValueError, TypeError, OverflowError):
            continue
    return None
