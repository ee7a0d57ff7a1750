"""Check of a connection's progress in sending, for all kinds of connections.

What a client has not read yet stays in memory, so it is bounded here in time and in size.
"""

import asyncio
import struct
import time
from collections.abc import Iterable
from typing import ClassVar


class WriteProgress:
    """Part of a protocol that drops a connection whose unsent bytes do not decrease."""

    check_interval_seconds: ClassVar[float] = 15
    min_progress_bytes: ClassVar[int] = 64 * 1024  # per interval
    max_unsent_bytes: ClassVar[int] = 256 * 1024 * 1024  # of all connections together
    grace_seconds: ClassVar[float] = 2  # for a connection that just began to wait

    loop: asyncio.AbstractEventLoop
    transport: asyncio.Transport
    is_dropped: bool = False
    is_write_paused: bool = False
    paused_at: float = 0
    _last_unsent_bytes: int = 0
    _next_check: asyncio.TimerHandle | None = None

    @property
    def unsent_bytes(self) -> int:
        """The bytes of its responses that the system has not accepted yet."""
        return self.transport.get_write_buffer_size()

    def drop(self) -> None:
        """Close the connection at once, without sending the rest."""
        self.is_dropped = True
        self.transport.abort()

    def start_checks(self) -> None:
        """Check the progress from now on."""
        self._next_check = self.loop.call_later(self.check_interval_seconds, self._check_progress)

    def stop_checks(self) -> None:
        """Check no more."""
        if self._next_check is not None:
            self._next_check.cancel()

    def note_pause(self, connections: Iterable[object]) -> None:
        """Note that the client reads too slowly, and make room where too much is unsent."""
        self.is_write_paused, self.paused_at = True, time.monotonic()
        drop_slowest(connections, self.max_unsent_bytes, self.paused_at - self.grace_seconds)

    def note_resume(self) -> None:
        """Note that the client has read enough."""
        self.is_write_paused, self._last_unsent_bytes = False, 0

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
        self.start_checks()


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
        if isinstance(each, WriteProgress) and each.is_write_paused and not each.is_dropped
    ]
    surplus = sum(each.unsent_bytes for each in paused) - max_bytes
    for each in sorted(paused, key=lambda each: each.paused_at):
        if surplus <= 0 or each.paused_at > paused_before:
            return
        surplus -= each.unsent_bytes
        each.drop()
