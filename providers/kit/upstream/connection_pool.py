"""Many connections to upstreams, in pools that stay small.

For every request httpx's pool looks through all of its connections and all who wait, each time one
comes or ends: with sixty at once that takes several times as long as the request itself. A pool of
a few has little to look through. The first pool with room is taken, so that few callers use few
connections, again and again.
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
    """One pool, and how many requests are under way in it."""

    transport: httpx.AsyncHTTPTransport
    active_requests: int = 0


class PooledBody(httpx.AsyncByteStream):
    """An answer's body, which keeps its place in a pool until it is closed."""

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
    """As many pools as there is use for at once, behind one face; no proxy of the environment."""

    tls: ssl.SSLContext = field(default_factory=lambda: httpx.create_ssl_context(trust_env=False))
    pools: list[Pool] = field(default_factory=list[Pool])

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send it through the first pool with room."""
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
        """Close all connections."""
        for pool in self.pools:
            await pool.transport.aclose()

    def _add_pool(self) -> Pool:
        transport = httpx.AsyncHTTPTransport(verify=self.tls, limits=POOL_LIMITS, trust_env=False)
        self.pools.append(Pool(transport))
        return self.pools[-1]
