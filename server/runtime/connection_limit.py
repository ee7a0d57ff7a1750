"""A connection as this server keeps it, and how many there may be."""

import asyncio
import resource
import time
from collections.abc import Iterable
from functools import cache
from typing import ClassVar

from server.runtime.request_limits import Incoming

MOST = 1000


@cache
def room() -> int:
    """How many connections there may be: upstreams and files need descriptors as well."""
    descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST if descriptors == resource.RLIM_INFINITY else min(MOST, descriptors * 3 // 4)


class Connection(Incoming):
    """Of too many, the one that has been without a request for longest makes room.

    So a new one always gets in, above all that of a probe.
    """

    most: ClassVar[int | None] = None
    idle_since: float = 0

    def connection_made(  # pyright: ignore[reportIncompatibleMethodOverride] - uvicorn narrows it
        self, transport: asyncio.Transport
    ) -> None:
        super().connection_made(transport)
        self.idle_since = time.monotonic()
        if len(self.connections) > (self.most or room()):
            longest_idle(self.connections).drop()

    @property
    def may_go(self) -> bool:
        """Whether nobody would lose an answer that is being worked on."""
        return not self.busy and not self.dropped

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self.idle_since = time.monotonic()


def longest_idle(connections: Iterable[object]) -> Connection:
    """Of those that may go; there is one, the newest itself."""
    idle = [each for each in connections if isinstance(each, Connection) and each.may_go]
    return min(idle, key=lambda each: each.idle_since)
