"""Transport over several small connection pools.

httpx's pool goes through all connections and all waiting requests whenever a request starts or
ends: with sixty at once that takes several times as long as the request itself. A small pool has
little to go through. The first pool with a free connection is used, so that connections are reused.
"""

import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import cast

import httpx

POOL_SIZE = 4
POOL_LIMITS = httpx.Limits(max_connections=POOL_SIZE, max_keepalive_connections=POOL_SIZE)


@dataclass
class Pool:
    """A pool and the number of its running requests."""

    transport: httpx.AsyncHTTPTransport
    active_requests: int = 0


class PooledBody(httpx.AsyncByteStream):
    """The body of a response, which counts as a running request until it is closed."""

    def __init__(self, stream: httpx.AsyncByteStream, pool: Pool) -> None:
        self._stream = stream
        self._pool: Pool | None = pool

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._stream:
            yield chunk

    async def aclose(self) -> None:
        pool, self._pool = self._pool, None
        try:
            await self._stream.aclose()
        finally:
            if pool is not None:
                pool.active_requests -= 1


@dataclass
class PooledTransport(httpx.AsyncBaseTransport):
    """As many pools as are in use at once; proxies from the environment are ignored."""

    tls: ssl.SSLContext = field(default_factory=lambda: httpx.create_ssl_context(trust_env=False))
    pools: list[Pool] = field(default_factory=list[Pool])

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request through the first pool with a free connection."""
        pool = (
            next((each for each in self.pools if each.active_requests < POOL_SIZE), None)
            or self._add_pool()
        )
        pool.active_requests += 1
        try:
            response = await pool.transport.handle_async_request(request)
        except BaseException:
            pool.active_requests -= 1
            raise
        response.stream = PooledBody(cast("httpx.AsyncByteStream", response.stream), pool)
        return response

    async def aclose(self) -> None:
        """Close the connections of all pools."""
        for pool in self.pools:
            await pool.transport.aclose()

    def _add_pool(self) -> Pool:
        transport = httpx.AsyncHTTPTransport(verify=self.tls, limits=POOL_LIMITS, trust_env=False)
        self.pools.append(Pool(transport))
        return self.pools[-1]
