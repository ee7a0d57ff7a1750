"""The open WebSockets and event streams: their number, their lifetime, and their end at a drain."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import TypeVar

from server.authentication import Caller
from server.concurrency_limit import make_overloaded
from server.descriptor_limits import get_live_connection_limit
from server.observability.metrics import Metrics

T = TypeVar("T")

MAX_CALLER_CONNECTIONS = 200
# Of one address, by visitors of one profile, or by callers whose credential no source has accepted
# yet; and of one address by all of them.
MAX_STRANGER_CONNECTIONS, MAX_ADDRESS_CONNECTIONS = 20, 100
# The part of all connections that strangers leave to callers with keys.
RESERVED_PART = 2
# WebSockets that have not said yet who they are; over it the oldest of them is closed.
MAX_UNIDENTIFIED = 200
MAX_SUBSCRIPTIONS = 5_000
LIFETIME_SECONDS = 3_600
LIFETIME_JITTER = 0.1  # the part of the lifetime by which it may be shorter
# All clients come back about a second after they were closed.
DRAIN_SECONDS = 3

# The name of a caller, and a client's address; or all strangers, and all their addresses.
Owner = tuple[str, str]
ALL = "*"


class LiveConnection:
    """One WebSocket or event stream; it ends by itself when its lifetime is over."""

    def __init__(self, transport: str, lifetime: float) -> None:
        self.transport = transport
        self.owners: tuple[Owner, ...] = ()
        self.is_over = False
        self._loop = asyncio.get_running_loop()
        self._timer = self._loop.call_later(lifetime, self.end)
        self._timeout: asyncio.Timeout | None = None

    def end(self) -> None:
        """End the connection: whatever it waits for is given up."""
        self.is_over = True
        self._timer.cancel()
        if self._timeout is not None and not self._timeout.expired():
            self._timeout.reschedule(self._loop.time())

    def end_within(self, seconds: float) -> None:
        """End the connection at a random time within some seconds."""
        self._timer.cancel()
        self._timer = self._loop.call_later(random.uniform(0, seconds), self.end)  # noqa: S311 - no secret

    async def wait(self, awaitable: Awaitable[T], seconds: float) -> T | None:
        """Wait for at most some seconds; return None after them, or at the connection's end."""
        try:
            async with asyncio.timeout(0 if self.is_over else seconds) as self._timeout:
                return await awaitable
        except TimeoutError:
            return None
        finally:
            self._timeout = None


@dataclass
class LiveConnections:
    """All open connections, and the limits on them."""

    metrics: Metrics
    max_connections: int = field(default_factory=get_live_connection_limit)
    is_draining: bool = False
    subscriptions: int = 0
    _open: dict[LiveConnection, None] = field(default_factory=dict[LiveConnection, None])
    _unidentified: dict[LiveConnection, None] = field(default_factory=dict[LiveConnection, None])
    _counts: Counter[Owner] = field(default_factory=Counter[Owner])

    def open(self, transport: str) -> LiveConnection:
        """Open a connection whose caller is not known yet; reject one too many."""
        if len(self._open) >= self.max_connections:
            raise make_overloaded()
        if len(self._unidentified) >= MAX_UNIDENTIFIED:
            oldest = next(iter(self._unidentified))
            del self._unidentified[oldest]
            oldest.end()
        lifetime = LIFETIME_SECONDS * random.uniform(1 - LIFETIME_JITTER, 1)  # noqa: S311 - likewise
        connection = LiveConnection(transport, lifetime)
        self._open[connection] = self._unidentified[connection] = None
        self.metrics.on_live_connection(transport, 1)
        if self.is_draining:
            connection.end_within(DRAIN_SECONDS)
        return connection

    def identify(self, connection: LiveConnection, caller: Caller, address: str) -> None:
        """Count a connection for its caller; reject one too many of theirs."""
        self._unidentified.pop(connection, None)
        limits = self._list_limits(caller, address)
        if any(self._counts[owner] >= limit for owner, limit in limits.items()):
            raise make_overloaded()
        self._counts.update(limits.keys())
        connection.owners = tuple(limits)

    def close(self, connection: LiveConnection) -> None:
        """Forget a connection that has ended."""
        connection.end()
        self._unidentified.pop(connection, None)
        if connection in self._open:
            del self._open[connection]
            self.metrics.on_live_connection(connection.transport, -1)
            self._release(connection.owners)

    def start_draining(self) -> None:
        """End all connections, spread over some seconds."""
        if self.is_draining:
            return
        self.is_draining = True
        for connection in self._open:
            connection.end_within(DRAIN_SECONDS)

    def add_subscription(self) -> None:
        """Count a subscription that begins; reject one too many."""
        if self.subscriptions >= MAX_SUBSCRIPTIONS:
            raise make_overloaded()
        self.subscriptions += 1

    def remove_subscription(self) -> None:
        """Count a subscription that has ended."""
        self.subscriptions -= 1

    def _list_limits(self, caller: Caller, address: str) -> dict[Owner, int]:
        """List the counts to which a connection adds, and how many each of them may have."""
        if not caller.is_stranger:
            return {(caller.name, ""): MAX_CALLER_CONNECTIONS}
        return {
            (caller.name, address): MAX_STRANGER_CONNECTIONS,
            (ALL, address): MAX_ADDRESS_CONNECTIONS,
            (ALL, ALL): max(1, self.max_connections // RESERVED_PART),
        }

    def _release(self, owners: tuple[Owner, ...]) -> None:
        for owner in owners:
            self._counts[owner] -= 1
            if not self._counts[owner]:
                del self._counts[owner]
