"""Transport of httpx over connections of our own: HTTP/1.1, kept alive, never sending twice."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx

from providers.kit.upstream.transport.connection import Connection, Timeouts
from providers.kit.upstream.transport.connection_pool import ConnectionPool
from providers.kit.upstream.transport.origin import Origin
from providers.kit.upstream.transport.prepared_request import PreparedRequest
from providers.kit.upstream.transport.received_response import ReceivedHttpResponse
from providers.kit.upstream.transport.request_encoding import encode_request
from providers.kit.upstream.transport.response_parser import ReceivedResponse

READ_METHODS = frozenset({"GET", "HEAD"})


def create_tls_context() -> ssl.SSLContext:
    """Create a context that verifies the certificate and the name of the host."""
    context = httpx.create_ssl_context(trust_env=False)
    context.set_alpn_protocols(["http/1.1"])
    return context


class ResponseBody(httpx.AsyncByteStream):
    """The body of a response; closed before its end, it closes the connection."""

    def __init__(
        self, connection: Connection, response: ReceivedResponse, timeouts: Timeouts
    ) -> None:
        self._connection = connection
        self._response = response
        self._timeouts = timeouts

    def __aiter__(self) -> AsyncIterator[bytes]:
        # No generator, of which the event loop would keep account.
        return self

    async def __anext__(self) -> bytes:
        """Return the next part of the body, as soon as it has arrived."""
        response = self._response
        while not response.chunks:
            if response.is_complete:
                raise StopAsyncIteration
            await self._connection.wait(response, self._timeouts)
        return response.take_chunks()

    def take_whole(self) -> bytes | None:
        """Return what was not read yet if all of it has arrived; else None."""
        response = self._response
        return response.take_chunks() if response.is_complete else None

    async def aclose(self) -> None:
        """Give up what has not arrived."""
        self._connection.drop(self._response)


@dataclass
class HttpTransport(httpx.AsyncBaseTransport):
    """Sends requests over HTTP/1.1; proxies from the environment are ignored.

    A request is sent once. If its connection breaks before the response, that is an error: whether
    to send it again is decided where it is known what it does.
    """

    tls: ssl.SSLContext = field(default_factory=create_tls_context)
    _pools: dict[asyncio.AbstractEventLoop, dict[Origin, ConnectionPool]] = field(
        default_factory=dict[asyncio.AbstractEventLoop, dict[Origin, ConnectionPool]]
    )

    @property
    def active_count(self) -> int:
        """The number of connections that are in use or being opened."""
        return sum(pool.active_count for pools in self._pools.values() for pool in pools.values())

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and return its response, whose body is not read yet."""
        content = encode_request(request)
        timeouts: Timeouts = request.extensions.get("timeout", {})
        if isinstance(request, PreparedRequest):
            origin = request.target.origin
        else:
            origin = Origin.from_url(request.url, request.extensions.get("sni_hostname"))
        is_read = request.method in READ_METHODS
        pool = self._get_pool(origin)
        connection = pool.take_idle(is_read=is_read)
        if connection is None:
            connection = await pool.acquire(timeouts, is_read=is_read)
        response = connection.send(content, has_body=request.method != "HEAD")
        while not response.is_head_complete:
            await connection.wait(response, timeouts)
        stream = ResponseBody(connection, response, timeouts)
        return ReceivedHttpResponse(response.status, response.headers, stream)

    async def aclose(self) -> None:
        """Close all connections of the running event loop."""
        for pool in self._pools.pop(asyncio.get_running_loop(), {}).values():
            pool.close()

    def _get_pool(self, origin: Origin) -> ConnectionPool:
        loop = asyncio.get_running_loop()
        try:
            return self._pools[loop][origin]
        except KeyError:
            return self._create_pool(loop, origin)

    def _create_pool(self, loop: asyncio.AbstractEventLoop, origin: Origin) -> ConnectionPool:
        pools = self._pools.get(loop)
        if pools is None:
            open_pools = {
                each: pools for each, pools in self._pools.items() if not each.is_closed()
            }
            pools = {}
            self._pools = {**open_pools, loop: pools}
        pool = pools[origin] = ConnectionPool(origin, self.tls)
        return pool
