"""Limit on the number of connections: the one that is idle for longest makes room for a new one."""

import asyncio
import time
from collections.abc import Iterable
from functools import cache
from typing import ClassVar

from server.runtime.request_limits import RequestLimits

MAX_CONNECTIONS = 1000


@cache
def get_connection_limit() -> int:
    """Return the limit: 1,000, or three quarters of the file descriptors if those are fewer.

    Upstream connections and files need the rest.
    """
    try:
        import resource  # noqa: PLC0415 - not every system has it, or a limit
    except ImportError:
        return MAX_CONNECTIONS
    descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return (
        MAX_CONNECTIONS
        if descriptors == resource.RLIM_INFINITY
        else min(MAX_CONNECTIONS, descriptors * 3 // 4)
    )


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
        if len(self.connections) > (self.max_connections or get_connection_limit()):
            find_longest_idle(self.connections).drop()

    @property
    def can_be_dropped(self) -> bool:
        """Whether dropping it loses no response that the application is working on."""
        return not self.is_busy and not self.is_dropped

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self.idle_since = time.monotonic()


def find_longest_idle(connections: Iterable[object]) -> ConnectionLimit:
    """Return the longest idle connection that can be dropped; the newest always can."""
    droppable = [
        each for each in connections if isinstance(each, ConnectionLimit) and each.can_be_dropped
    ]
    return min(droppable, key=lambda each: each.idle_since)
