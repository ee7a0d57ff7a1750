"""Write timeout and send-buffer limit: closes connections whose client stops reading.

To the application a response is sent as soon as it is written to the transport. What the client
has not read yet stays in memory, so it is bounded here in time and in size.
"""

import asyncio
import struct
import time
from collections.abc import Iterable
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from server.runtime.no_upgrade import NoUpgrade


class WriteTimeout(NoUpgrade):
    """Protocol that drops a connection whose unsent bytes do not decrease between two checks."""

    check_interval_seconds: ClassVar[float] = 15
    min_progress_bytes: ClassVar[int] = 64 * 1024  # per interval
    max_unsent_bytes: ClassVar[int] = 256 * 1024 * 1024  # of all connections together
    grace_seconds: ClassVar[float] = 2  # for a connection that just began to wait

    is_dropped: bool = False
    paused_at: float = 0
    _current_cycle: RequestResponseCycle | None = None
    _deferred_start: tuple[RequestResponseCycle, Any] | None = None
    _last_unsent_bytes: int = 0
    _next_check: asyncio.TimerHandle | None = None

    @property
    def is_busy(self) -> bool:
        """Whether the application is working on a response and the client only waits for it."""
        cycle = self._current_cycle
        waits_for_client = cycle is None or cycle.more_body or cycle.response_started
        return not waits_for_client and not self.flow.write_paused

    @property
    def unsent_bytes(self) -> int:
        """The bytes of its responses that the system has not accepted yet."""
        return self.transport.get_write_buffer_size()

    def drop(self) -> None:
        """Close the connection at once, without sending the rest."""
        self.is_dropped = True
        self.transport.abort()

    def connection_made(  # pyright: ignore[reportIncompatibleMethodOverride] - uvicorn narrows it
        self, transport: asyncio.Transport
    ) -> None:
        super().connection_made(transport)
        self._next_check = self.loop.call_later(self.check_interval_seconds, self._check_progress)

    def connection_lost(self, exc: Exception | None) -> None:
        # uvicorn marks only the newest request, which may still be waiting for this one.
        if self._current_cycle is not None:
            self._current_cycle.disconnected = True
        super().connection_lost(exc)
        self._deferred_start = None
        if self._next_check is not None:
            self._next_check.cancel()

    def pause_writing(self) -> None:
        super().pause_writing()
        self.paused_at = time.monotonic()
        paused_before = self.paused_at - self.grace_seconds
        drop_slowest(self.connections, self.max_unsent_bytes, paused_before)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._last_unsent_bytes = 0
        if self._deferred_start is not None:
            (cycle, app), self._deferred_start = self._deferred_start, None
            self._start_asgi_task(cycle, app)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        if self.flow.write_paused:  # a pipelined request waits until the client reads on
            self._deferred_start = cycle, app
            return
        self._current_cycle, self._last_unsent_bytes = cycle, 0
        super()._start_asgi_task(cycle, app)

    def _check_progress(self) -> None:
        remaining_bytes = self.unsent_bytes and self.unsent_bytes + get_kernel_unsent_bytes(
            self.transport
        )
        if self._last_unsent_bytes and remaining_bytes > max(
            0, self._last_unsent_bytes - self.min_progress_bytes
        ):
            self.drop()
            return
        self._last_unsent_bytes = remaining_bytes
        self._next_check = self.loop.call_later(self.check_interval_seconds, self._check_progress)


def get_kernel_unsent_bytes(transport: asyncio.Transport) -> int:
    """Return the unsent bytes in the kernel's send buffer; 0 where the system does not say.

    The buffer holds megabytes and accepts more only when a third of them is sent, so that a slow
    client's progress shows only here.
    """
    try:
        import fcntl  # noqa: PLC0415 - not every system has it
        import termios  # noqa: PLC0415 - likewise
    except ImportError:
        return 0
    descriptor = transport.get_extra_info("socket").fileno()
    try:
        packed = fcntl.ioctl(descriptor, termios.TIOCOUTQ, bytes(4))
    except OSError:
        return 0
    return struct.unpack("i", packed)[0]


def drop_slowest(connections: Iterable[object], max_bytes: int, paused_before: float) -> None:
    """Drop the longest paused connections until at most `max_bytes` are unsent in all of them.

    Those are spared that were paused only after `paused_before`, a time of `time.monotonic`.
    """
    paused = [
        each
        for each in connections
        if isinstance(each, WriteTimeout) and each.flow.write_paused and not each.is_dropped
    ]
    surplus = sum(each.unsent_bytes for each in paused) - max_bytes
    for each in sorted(paused, key=lambda each: each.paused_at):
        if surplus <= 0 or each.paused_at > paused_before:
            return
        surplus -= each.unsent_bytes
        each.drop()
