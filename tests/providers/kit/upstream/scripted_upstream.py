"""An upstream behind a mock transport that gives the responses a test specifies."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

import httpx

from providers.kit.rate_limiting.rate_limiter import Rate
from providers.kit.request_context import RequestContext, set_current
from providers.kit.upstream.upstream_client import SharedServices, UpstreamClient
from tests.virtual_time import run_on_virtual_time

T = TypeVar("T")

URL = "https://upstream.example/thing"


class ChunkedBody(httpx.AsyncByteStream):
    """A body in chunks, which may end with an error."""

    def __init__(self, chunks: Iterable[bytes], error_at_end: Exception | None = None) -> None:
        self._chunks = chunks
        self._error_at_end = error_at_end
        self.bytes_sent = 0
        self.closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            self.bytes_sent += len(chunk)
            yield chunk
        if self._error_at_end is not None:
            raise self._error_at_end

    async def aclose(self) -> None:
        self.closed = True


@dataclass
class ScriptedUpstream:
    """Gives one response after the other, then the last one forever; raises exceptions."""

    responses: list[Any]
    requests: list[httpx.Request] = field(default_factory=list[httpx.Request])
    _request_received: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def wait_for_requests(self, count: int) -> None:
        """Wait until so many requests have arrived."""
        async with self._request_received:
            await self._request_received.wait_for(lambda: len(self.requests) >= count)

    async def respond(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        async with self._request_received:
            self._request_received.notify_all()
        response = self.responses[min(len(self.requests), len(self.responses)) - 1]
        if isinstance(response, Exception):
            raise response
        if response == "hang":
            await asyncio.Event().wait()
        assert callable(response)
        return cast("httpx.Response", response())


def make_response(
    status: int = 200,
    body: bytes = b"{}",
    headers: dict[str, str] | None = None,
    chunks: Iterable[bytes] = (),
) -> Callable[[], httpx.Response]:
    """Make a factory of responses whose body is not read yet."""
    return lambda: httpx.Response(status, headers=headers, stream=ChunkedBody(chunks or [body]))


def run_with_upstream(
    scenario: Callable[[UpstreamClient], Awaitable[T]],
    upstream_script: ScriptedUpstream,
    *,
    deadline: float = 30,
    rate: Rate | None = None,
    concurrency: int = 8,
) -> T:
    """Run a scenario with a client of that upstream."""

    async def run_scenario() -> T:
        set_current(RequestContext(deadline=time.monotonic() + deadline))
        transport = httpx.MockTransport(upstream_script.respond)
        async with transport:
            upstream = UpstreamClient(
                SharedServices(transport), "SOURCE", "scope", rate or Rate(None), concurrency
            )
            return await scenario(upstream)

    return run_on_virtual_time(run_scenario())
