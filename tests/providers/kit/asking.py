"""One upstream that does what a test tells it, reached the way every source is."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

import httpx

from providers.kit.rate_limiting.rate_limiter import Rate
from providers.kit.request_context import Operation, begin
from providers.kit.upstream.upstream_client import Kit, Upstream

T = TypeVar("T")

URL = "https://upstream.example/thing"


class Chunks(httpx.AsyncByteStream):
    """A body that comes in pieces, and may break off."""

    def __init__(self, chunks: Iterable[bytes], then: Exception | None = None) -> None:
        self._chunks = chunks
        self._then = then
        self.given = 0
        self.closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            self.given += len(chunk)
            yield chunk
        if self._then is not None:
            raise self._then

    async def aclose(self) -> None:
        self.closed = True


@dataclass
class Scripted:
    """Answers one after the other, the last one for ever; an exception is raised."""

    answers: list[Any]
    seen: list[httpx.Request] = field(default_factory=list[httpx.Request])
    _called: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def reached(self, count: int) -> None:
        """Wait for so many questions."""
        async with self._called:
            await self._called.wait_for(lambda: len(self.seen) >= count)

    async def answer(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        async with self._called:
            self._called.notify_all()
        answer = self.answers[min(len(self.seen), len(self.answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        if answer == "hang":
            await asyncio.Event().wait()
        assert callable(answer)
        return cast("httpx.Response", answer())


def reply(
    status: int = 200,
    body: bytes = b"{}",
    headers: dict[str, str] | None = None,
    chunks: Iterable[bytes] = (),
) -> Callable[[], httpx.Response]:
    """A fresh answer each time, whose body is not read yet."""
    return lambda: httpx.Response(status, headers=headers, stream=Chunks(chunks or [body]))


def run(
    question: Callable[[Upstream], Awaitable[T]],
    script: Scripted,
    *,
    deadline: float = 30,
    rate: Rate | None = None,
    concurrency: int = 8,
) -> T:
    """What becomes of a question to that upstream."""

    async def asking() -> T:
        begin(Operation(deadline=time.monotonic() + deadline))
        transport = httpx.MockTransport(script.answer)
        async with httpx.AsyncClient(transport=transport) as http:
            upstream = Upstream(Kit(http), "SOURCE", "scope", rate or Rate(None), concurrency)
            return await question(upstream)

    return asyncio.run(asking())
