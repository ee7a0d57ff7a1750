"""Limit on the number of connections: the one that is idle for longest makes room for a new one."""

import asyncio
import time
from collections.abc import Iterable
from typing import ClassVar

from server.descriptor_limits import get_connection_limit
from server.runtime.request_limits import RequestLimits
from server.runtime.socket_protocol import SocketProtocol


class ConnectionLimit(RequestLimits):
    """Protocol that drops the longest idle connection when there are too many.

    A new connection is therefore always accepted, in particular that of a health probe.
    """

    max_connections: ClassVar[int | None] = None
    idle_since: float = 0

    def connection_made(  # pyright: ignore[reportIncompatibleMethodOverride] - uvicorn narrows it
        self, transport: asyncio.Transport
    ) -> None:
        super().connection_made(transport)
        self.idle_since = time.monotonic()
        lasting = sum(1 for each in self.connections if is_lasting(each))
        limit = self.max_connections or get_connection_limit(lasting)
        if len(self.connections) - lasting > limit:
            find_longest_idle(self.connections).drop()

    @property
    def can_be_dropped(self) -> bool:
        """Whether dropping it loses no response that the application is working on."""
        return not (self.is_busy or self.is_dropped or self.is_event_stream)

    @property
    def is_event_stream(self) -> bool:
        """Whether the application sends a stream of events on it."""
        cycle = self._current_cycle
        if cycle is None or cycle.response_complete:
            return False
        return cycle.scope.get("state", {}).get("is_event_stream", False)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self.idle_since = time.monotonic()


def is_lasting(connection: object) -> bool:
    """Return whether it is a WebSocket or an event stream: the application limits those."""
    return isinstance(connection, SocketProtocol) or (
        isinstance(connection, ConnectionLimit) and connection.is_event_stream
    )


def find_longest_idle(connections: Iterable[object]) -> ConnectionLimit:
    """Return the longest idle connection that can be dropped; the newest always can."""
    droppable = [
        each for each in connections if isinstance(each, ConnectionLimit) and each.can_be_dropped
    ]
    return min(droppable, key=lambda each: each.idle_since)
