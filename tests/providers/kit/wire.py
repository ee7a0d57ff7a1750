"""An upstream on a real socket that answers byte for byte what a test tells it."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

import uvloop

from providers.kit.rate_limiting.rate_limiter import Rate
from providers.kit.request_context import Operation, begin
from providers.kit.upstream.connection_pool import Pools
from providers.kit.upstream.upstream_client import Kit, Upstream
from server.app import http_client

T = TypeVar("T")


@dataclass
class Wire:
    """What came in, and what is to go out: `script` holds what each request in turn is met with."""

    script: list[Callable[["Connection"], Awaitable[None]]]
    requests: list[bytes] = field(default_factory=list[bytes])
    connections: int = 0
    port: int = 0
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    pools: Pools = field(default_factory=Pools)

    def url(self, path: str = "/thing") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    @asynccontextmanager
    async def listening(self) -> AsyncGenerator[None]:
        """While this lasts, somebody is there."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield
        finally:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        connection = Connection(reader, writer)
        try:
            while (request := await connection.request()) is not None:
                self.requests.append(request)
                self.asked.set()
                step = self.script[min(len(self.requests), len(self.script)) - 1]
                await step(connection)
        except ConnectionError:
            pass
        finally:
            self.ended.set()
            writer.close()


@dataclass
class Connection:
    """One connection, from the upstream's side."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def request(self) -> bytes | None:
        """The next request's head, its body read and left aside."""
        try:
            head = await self.reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return None
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                await self.reader.readexactly(int(line.partition(b":")[2]))
        return head

    async def send(self, sent: bytes) -> None:
        self.writer.write(sent)
        await self.writer.drain()

    async def gone(self) -> None:
        """Wait until the other side has closed."""
        while await self.reader.read(1024):
            pass


def says(sent: bytes, *, then_close: bool = False) -> Callable[[Connection], Awaitable[None]]:
    """Send these bytes, and hang up if asked to."""

    async def step(connection: Connection) -> None:
        await connection.send(sent)
        if then_close:
            connection.writer.close()

    return step


def answers(body: bytes = b"{}", *headers: str, status: str = "200 OK") -> bytes:
    """A well formed answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def run(
    wire: Wire,
    question: Callable[[Upstream], Awaitable[T]],
    *,
    deadline: float = 8,
    concurrency: int = 8,
) -> T:
    """What becomes of a question on the server's own way; it leaves no place taken."""

    async def asking() -> T:
        begin(Operation(deadline=time.monotonic() + deadline))
        async with wire.listening(), http_client(wire.pools) as http:
            upstream = Upstream(Kit(http), "SOURCE", "scope", Rate(None), concurrency)
            try:
                return await question(upstream)
            finally:
                assert all(pool.busy == 0 for pool in wire.pools.pools)

    return uvloop.run(asking())
