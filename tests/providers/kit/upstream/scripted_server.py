"""An upstream on a real socket that sends the bytes a test specifies."""

import asyncio
import ssl
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import TypeVar

import httpx
import uvloop

from providers.kit.rate_limiting.rate_limiter import Rate
from providers.kit.request_context import RequestContext, set_current
from providers.kit.upstream.transport.http_transport import HttpTransport, create_tls_context
from providers.kit.upstream.upstream_client import SharedServices, UpstreamClient
from server.services import create_transport

T = TypeVar("T")


@dataclass
class ScriptedServer:
    """A server that runs one step of its script per request, the last one for all further ones."""

    script: "list[Step]"
    requests: list[bytes] = field(default_factory=list[bytes])
    connections: int = 0
    port: int = 0
    request_received: asyncio.Event = field(default_factory=asyncio.Event)
    connection_closed: asyncio.Event = field(default_factory=asyncio.Event)
    host: str = "127.0.0.1"
    tls: ssl.SSLContext | None = None

    def build_url(self, path: str = "/thing") -> str:
        scheme = "https" if self.tls else "http"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{host}:{self.port}{path}"

    @asynccontextmanager
    async def serve(self) -> AsyncGenerator[None]:
        """Accept connections during the block."""
        server = await asyncio.start_server(self._handle_connection, self.host, 0, ssl=self.tls)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield
        finally:
            server.close()

    async def _handle_connection(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.connections += 1
        connection = ServerConnection(reader, writer)
        try:
            while (request := await connection.read_request()) is not None:
                self.requests.append(request)
                self.request_received.set()
                step = self.script[min(len(self.requests), len(self.script)) - 1]
                await step(connection)
        except ConnectionError:
            pass
        finally:
            self.connection_closed.set()
            writer.close()


@dataclass
class ServerConnection:
    """The server's side of one connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def read_request(self) -> bytes | None:
        """Read the next request, and return its head; None at the end of the connection."""
        try:
            head = await self.reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return None
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                await self.reader.readexactly(int(line.partition(b":")[2]))
        return head

    async def send(self, content: bytes) -> None:
        self.writer.write(content)
        await self.writer.drain()

    async def wait_until_closed(self) -> None:
        """Wait until the other side has closed."""
        while await self.reader.read(1024):
            pass


Step = Callable[[ServerConnection], Awaitable[None]]


def make_send_step(content: bytes, *, then_close: bool = False) -> Step:
    """Make a step that sends these bytes, and then closes the connection if told to."""

    async def step(connection: ServerConnection) -> None:
        await connection.send(content)
        if then_close:
            connection.writer.close()

    return step


def build_response(body: bytes = b"{}", *headers: str, status: str = "200 OK") -> bytes:
    """Build a well-formed response."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


@cache
def get_tls() -> ssl.SSLContext:
    """Return a context that all tests share, because creating one takes a while."""
    return create_tls_context()


def run_with_server(
    server: ScriptedServer,
    scenario: Callable[[UpstreamClient], Awaitable[T]],
    *,
    deadline: float = 8,
    concurrency: int = 8,
) -> T:
    """Run a scenario with the application's HTTP client; check that no request stays open."""

    async def run_scenario() -> T:
        transport = create_transport()
        set_current(RequestContext(deadline=time.monotonic() + deadline))
        async with server.serve(), transport:
            upstream = UpstreamClient(
                SharedServices(transport), "SOURCE", "scope", Rate(None), concurrency
            )
            try:
                return await scenario(upstream)
            finally:
                if isinstance(transport, HttpTransport):
                    assert transport.active_count == 0

    return uvloop.run(run_scenario())


def run_with_transport(
    server: ScriptedServer,
    scenario: Callable[[httpx.AsyncClient], Awaitable[T]],
    transport: HttpTransport | None = None,
    timeout: httpx.Timeout | None = None,
) -> T:
    """Run a scenario with our own transport; check that no request stays open."""

    async def run_scenario() -> T:
        used = transport or HttpTransport(get_tls())
        async with server.serve(), httpx.AsyncClient(transport=used, timeout=timeout) as http:
            http.base_url = server.build_url("")
            try:
                return await scenario(http)
            finally:
                assert used.active_count == 0

    return uvloop.run(run_scenario())
