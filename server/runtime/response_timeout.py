"""One connection's way out: who does not take what he asked for is dropped.

For the application an answer is sent as soon as it is handed over. What the caller has not taken
yet stays in memory until he does, so here is where it is bounded in time and in size.
"""

import asyncio
import fcntl
import struct
import termios
import time
from collections.abc import Iterable
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from server.runtime.no_upgrade import Plain


class Outgoing(Plain):
    """Looks now and then whether anything is taken of what is there to be sent."""

    look_seconds: ClassVar[float] = 15
    least_taken: ClassVar[int] = 64 * 1024
    most_unsent: ClassVar[int] = 256 * 1024 * 1024
    patience_seconds: ClassVar[float] = 2

    dropped: bool = False
    paused_at: float = 0
    _running: RequestResponseCycle | None = None
    _held: tuple[RequestResponseCycle, Any] | None = None
    _seen: int = 0
    _next_look: asyncio.TimerHandle | None = None

    @property
    def busy(self) -> bool:
        """Whether an answer is being worked on, rather than waiting for the caller."""
        cycle = self._running
        waits = cycle is None or cycle.more_body or cycle.response_started
        return not waits and not self.flow.write_paused

    @property
    def unsent(self) -> int:
        """How much of its answers is still here."""
        return self.transport.get_write_buffer_size()

    def drop(self) -> None:
        """End it at once, with all that is still to be sent."""
        self.dropped = True
        self.transport.abort()

    def connection_made(  # pyright: ignore[reportIncompatibleMethodOverride] - uvicorn narrows it
        self, transport: asyncio.Transport
    ) -> None:
        super().connection_made(transport)
        self._next_look = self.loop.call_later(self.look_seconds, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._running is not None:  # uvicorn tells only the newest, which may still wait
            self._running.disconnected = True
        super().connection_lost(exc)
        self._held = None
        if self._next_look is not None:
            self._next_look.cancel()

    def pause_writing(self) -> None:
        super().pause_writing()
        self.paused_at = time.monotonic()
        before = self.paused_at - self.patience_seconds
        relieve(self.connections, self.most_unsent, before)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._seen = 0
        if self._held is not None:
            (cycle, app), self._held = self._held, None
            self._start_asgi_task(cycle, app)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        if self.flow.write_paused:  # answers that nobody takes do not pile up
            self._held = cycle, app
            return
        self._running, self._seen = cycle, 0
        super()._start_asgi_task(cycle, app)

    def _look(self) -> None:
        left = self.unsent and self.unsent + on_the_way(self.transport)
        if self._seen and left > max(0, self._seen - self.least_taken):
            self.drop()
            return
        self._seen = left
        self._next_look = self.loop.call_later(self.look_seconds, self._look)


def on_the_way(transport: asyncio.Transport) -> int:
    """What the system has of it: it takes in megabytes, and more only when a third is gone."""
    try:
        told = fcntl.ioctl(transport.get_extra_info("socket").fileno(), termios.TIOCOUTQ, bytes(4))
    except OSError:  # a system that does not tell
        return 0
    return struct.unpack("i", told)[0]


def relieve(connections: Iterable[object], most: int, before: float) -> None:
    """Where too much is unsent, drop what waits longest, if it has waited since before that."""
    waiting = [
        each
        for each in connections
        if isinstance(each, Outgoing) and each.flow.write_paused and not each.dropped
    ]
    surplus = sum(each.unsent for each in waiting) - most
    for each in sorted(waiting, key=lambda each: each.paused_at):
        if surplus <= 0 or each.paused_at > before:
            return
        surplus -= each.unsent
        each.drop()
