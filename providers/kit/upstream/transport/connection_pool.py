"""The connections to one host: kept open for reuse, bounded, and given out in order of request."""

import asyncio
import ssl
from collections import deque

import httpx

from providers.kit.upstream.transport.connection import Connection, Timeouts
from providers.kit.upstream.transport.origin import Origin

MAX_CONNECTIONS = 256
# As long as most servers keep an idle connection: a new one costs several round trips.
KEEP_ALIVE_SECONDS = 15.0
# Shorter than any server does. A write that its connection is closed under is not sent again.
MAX_IDLE_SECONDS_OF_WRITES = 5.0


class ConnectionPool:
    """At most 256 connections to one host, in one event loop.

    The connection that was used last is used first. While all are in use, requests wait in a queue.
    """

    def __init__(self, origin: Origin, tls: ssl.SSLContext) -> None:
        self._loop = asyncio.get_running_loop()
        self._origin = origin
        self._tls = tls
        self._connections: set[Connection] = set()
        self._opening_count = 0
        self._idle: deque[Connection] = deque()
        # None as the result is the permission to open a connection.
        self._waiters: deque[asyncio.Future[Connection | None]] = deque()
        self._cleanup: asyncio.TimerHandle | None = None

    @property
    def active_count(self) -> int:
        """The number of connections that are in use or being opened."""
        return self._opening_count + len(self._connections) - len(self._idle)

    def take_idle(self, *, is_read: bool) -> Connection | None:
        """Return a connection that is open and free for one request, or None."""
        max_idle_seconds = KEEP_ALIVE_SECONDS if is_read else MAX_IDLE_SECONDS_OF_WRITES
        while self._idle:
            connection = self._check_usable(self._idle.pop(), max_idle_seconds)
            if connection is not None:
                return connection
        return None

    async def acquire(self, timeouts: Timeouts, *, is_read: bool) -> Connection:
        """Return a connection for one request; it comes back by itself.

        Raise `httpx.PoolTimeout`, or what opening a connection raises.
        """
        max_idle_seconds = KEEP_ALIVE_SECONDS if is_read else MAX_IDLE_SECONDS_OF_WRITES
        connection = self.take_idle(is_read=is_read)
        while connection is None and self._is_full:
            connection = await self._wait(timeouts.get("pool"))
            if connection is None:
                return await self._open(timeouts)
            connection = self._check_usable(connection, max_idle_seconds)
        if connection is None:
            self._opening_count += 1
            return await self._open(timeouts)
        return connection

    def close(self) -> None:
        """Close all connections; running requests fail."""
        for connection in list(self._connections):
            connection.close()

    @property
    def _is_full(self) -> bool:
        return self._opening_count + len(self._connections) >= MAX_CONNECTIONS

    async def _open(self, timeouts: Timeouts) -> Connection:
        """Open a connection that is already counted."""
        try:
            connection = await self._origin.connect(self._tls, timeouts.get("connect"))
        except BaseException:
            self._opening_count -= 1
            self._permit_another()
            raise
        self._opening_count -= 1
        self._connections.add(connection)
        connection.on_free = self._take_back
        return connection

    async def _wait(self, seconds: float | None) -> Connection | None:
        """Wait for a connection, or for the permission to open one."""
        waiter: asyncio.Future[Connection | None] = self._loop.create_future()
        self._waiters.append(waiter)
        try:
            async with asyncio.timeout(seconds):
                return await waiter
        except BaseException as error:
            self._give_back(waiter)
            if isinstance(error, TimeoutError):
                raise httpx.PoolTimeout("All connections to the host are in use.") from None
            raise

    def _give_back(self, waiter: "asyncio.Future[Connection | None]") -> None:
        """Take back what a request was given that did not wait any more."""
        if waiter.cancelled():
            if waiter in self._waiters:
                self._waiters.remove(waiter)
            return
        connection = waiter.result()
        if connection is not None:
            self._take_back(connection)
        else:
            self._opening_count -= 1
            self._permit_another()

    def _take_back(self, connection: Connection) -> None:
        if not connection.is_open:
            self._connections.discard(connection)
            if connection in self._idle:
                self._idle.remove(connection)
            self._permit_another()
        elif not (self._waiters and self._serve_first_waiter(connection)):
            self._idle.append(connection)
            if self._cleanup is None:
                self._schedule_cleanup()

    def _permit_another(self) -> None:
        if self._waiters and not self._is_full and self._serve_first_waiter(None):
            self._opening_count += 1

    def _serve_first_waiter(self, connection: Connection | None) -> bool:
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(connection)
                return True
        return False

    def _schedule_cleanup(self) -> None:
        self._cleanup = self._loop.call_later(KEEP_ALIVE_SECONDS, self._close_expired)

    def _close_expired(self) -> None:
        self._cleanup = None
        expired_since = self._loop.time() - KEEP_ALIVE_SECONDS
        while self._idle and self._idle[0].idle_since <= expired_since:
            self._idle.popleft().close()
        if self._idle:
            self._schedule_cleanup()

    def _check_usable(self, connection: Connection, max_idle_seconds: float) -> Connection | None:
        """Return a free connection; close it and return None if a request may fail on it."""
        is_expired = connection.idle_since <= self._loop.time() - max_idle_seconds
        if connection.is_open and (is_expired or connection.has_news()):
            connection.close()
        return connection if connection.is_open else None
