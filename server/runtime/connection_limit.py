"""A connection as this server keeps it, and how many there may be."""

import asyncio
import resource
import time
from collections.abc import Iterable
from functools import cache
from typing import ClassVar

from server.runtime.request_limits import RequestLimits

MAX_CONNECTIONS = 1000


@cache
def get_connection_limit() -> int:
    """How many connections there may be: upstreams and files need descriptors as well."""
    descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return (
        MAX_CONNECTIONS
        if descriptors == resource.RLIM_INFINITY
        else min(MAX_CONNECTIONS, descriptors * 3 // 4)
    )


class ConnectionLimit(RequestLimits):
    """Of too many, the one that has been without a request for longest makes room.

    So a new one always gets in, above all that of a probe.
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
        """Whether nobody would lose an answer that is being worked on."""
        return not self.is_busy and not self.is_dropped

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self.idle_since = time.monotonic()


def find_longest_idle(connections: Iterable[object]) -> ConnectionLimit:
    """Of those that may go; there is one, the newest itself."""
    droppable = [
        each for each in connections if isinstance(each, ConnectionLimit) and each.can_be_dropped
    ]
    return min(droppable, key=lambda each: each.idle_since)
