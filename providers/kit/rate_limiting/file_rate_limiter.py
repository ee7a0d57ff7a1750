"""Rate limiter in the file: one window for all processes, from which each reserves blocks of calls.

A call that a process has reserved takes no access to the file.
"""

import asyncio
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from providers.kit.detached_task import retrieve_exception
from providers.kit.rate_limiting.file_window import FileWindow, Reservation, SettledBlock
from providers.kit.rate_limiting.shared_rate_limiter import Acquisition
from providers.kit.shared.file.cursor import Cursor
from providers.kit.shared.file.file_backend import hash_name
from providers.kit.shared.shared_store import SharedStore
from providers.kit.shared.store_backend import StoreUnavailable

MAX_BLOCK_SIZE = 64
# A block is valid for so many seconds, and no longer than this part of the window. Within this time
# other processes notice a pause.
MAX_VALIDITY_SECONDS = 0.5
VALIDITY_SHARE = 1 / 8
UNLIMITED = 1_000_000_000
ID_BITS = 62


@dataclass(slots=True)
class Block:
    """Calls that this process may make until `ends_at`; times are of `time.monotonic`."""

    block_id: int
    amount: int
    ends_at: float
    remaining: int
    last_used_at: float
    state: Acquisition
    is_limited: bool = True

    def settle(self) -> SettledBlock | None:
        """Return what was used of it; None if it is counted as it is."""
        if self.amount <= 1 or not self.is_limited:
            return None
        used_at = time.time() - (time.monotonic() - self.last_used_at)
        return SettledBlock(self.block_id, self.amount - self.remaining, used_at)


class FileRateLimiter:
    """The calls of one name, such as a credential, counted for all processes of one file."""

    def __init__(self, shared_store: SharedStore, label: str, *parts: str) -> None:
        """Create the limiter of a name, on a store that has a file."""
        assert shared_store.file is not None  # noqa: S101 - see above
        self._file = shared_store.file
        name = hash_name(shared_store.build_key(label, *parts))
        self._window = FileWindow(name, self._file.process_id)
        self._block: Block | None = None
        self._useful_size = 1
        self._waiting = 0
        self._reservation: asyncio.Task[Reservation | None] | None = None
        self._seconds = 1.0
        self._pause_count = 0

    @property
    def reserved_count(self) -> int:
        """How many calls this process has reserved and not made yet."""
        block = self._block
        return block.remaining if block is not None and block.is_limited else 0

    @property
    def is_reserving(self) -> bool:
        """Whether a reservation is running."""
        return self._reservation is not None

    def take_reserved(self) -> bool:
        """Take a call that this process has reserved; return whether there was one."""
        block = self._block
        if block is None or not block.remaining:
            return False
        now = time.monotonic()
        if now >= block.ends_at:
            return False
        block.remaining -= 1
        block.last_used_at = now
        return True

    async def acquire(self, calls: int | None, seconds: float, now: float) -> Acquisition | None:
        """Acquire a call, or get the time to wait; None if the file is unavailable."""
        del now  # the call is counted when it is taken
        self._waiting += 1
        try:
            while not self.take_reserved():
                reservation = await self._join_reservation(calls or 0, seconds)
                if reservation is None or reservation.state.wait > 0:
                    return None if reservation is None else reservation.state
        finally:
            self._waiting -= 1
        assert self._block is not None  # noqa: S101 - a call of it was taken
        return self._block.state

    async def peek(self, seconds: float) -> Acquisition | None:
        """Return the state of the window without acquiring; None if the file is unavailable."""

        def peek(cursor: Cursor) -> Acquisition:
            return self._window.peek(cursor, seconds)

        try:
            return await self._file.read(peek)
        except StoreUnavailable:
            return None

    def resync(self, seconds: float, now: float, acquisitions: Iterable[float]) -> None:
        """Add this process's calls of the last `seconds`; those that are known are not added."""
        settled = self._drop_block()
        offset = time.time() - now
        calls = [(_draw_id(), acquired_at + offset) for acquired_at in acquisitions]

        def resync(cursor: Cursor) -> None:
            if settled is not None:
                self._window.settle(cursor, settled, seconds)
            self._window.resync(cursor, calls, seconds)

        self._file.send(resync)

    def pause(
        self, seconds: float | None, age: float | None, first_pause: float, max_pause: float
    ) -> None:
        """Pause all processes; calls that are reserved are given back."""
        now = time.time()
        called_at = None if age is None else now - age
        lengths = (first_pause, max_pause)
        self._pause_count += 1
        self._settle_in_background(self._drop_block())
        self._send(lambda cursor: self._window.pause(cursor, now, seconds, called_at, lengths))

    def resume(self, age: float | None) -> None:
        """Reset the pauses, unless the successful call was made before the current one."""
        now = time.time()
        self._send(lambda cursor: self._window.resume(cursor, now, now - (age or 0)))

    def end_probe(self) -> None:
        """Allow the next probe."""
        self._send(self._window.end_probe)

    def _send(self, operation: Callable[[Cursor], Any]) -> None:
        self._file.send(operation, is_owed=True)

    async def _join_reservation(self, calls: int, seconds: float) -> Reservation | None:
        """Reserve a block, or wait for the reservation that is running."""
        if self._reservation is None:
            loop = asyncio.get_running_loop()
            self._reservation = loop.create_task(self._reserve(calls, seconds))
            self._reservation.add_done_callback(self._end_reservation)
        return await asyncio.shield(self._reservation)

    def _end_reservation(self, task: "asyncio.Task[Reservation | None]") -> None:
        self._reservation = None
        retrieve_exception(task)

    async def _reserve(self, calls: int, seconds: float) -> Reservation | None:
        self._learn_useful_size()
        settled, block_id = self._drop_block(), _draw_id()
        validity = min(MAX_VALIDITY_SECONDS, seconds * VALIDITY_SHARE)
        self._seconds = seconds
        wanted = (max(1, self._waiting), self._useful_size if calls else UNLIMITED)

        def reserve(cursor: Cursor) -> Reservation:
            limits = (calls, seconds)
            return self._window.reserve(cursor, block_id, settled, limits, wanted, validity)

        began_at = time.monotonic()  # before the time at which the file has it
        pause_count = self._pause_count
        try:
            reservation = await self._file.execute(reserve)
        except StoreUnavailable:
            return None
        if reservation.granted and pause_count == self._pause_count:
            self._use_block(block_id, reservation, began_at + validity, is_limited=calls > 0)
        elif reservation.granted:
            self._settle_in_background(SettledBlock(block_id, 0, 0.0))
        return reservation

    def _use_block(
        self, block_id: int, reservation: Reservation, ends_at: float, *, is_limited: bool
    ) -> None:
        amount = reservation.granted
        self._block = Block(
            block_id, amount, ends_at, amount, ends_at, reservation.state, is_limited
        )
        if amount > max(1, self._waiting) and is_limited:
            delay = ends_at - time.monotonic()
            asyncio.get_running_loop().call_later(delay, self._give_back, block_id)

    def _give_back(self, block_id: int) -> None:
        """Give back what was not used of a block in its time."""
        if self._block is not None and self._block.block_id == block_id:
            self._learn_useful_size()
            self._settle_in_background(self._drop_block())

    def _settle_in_background(self, settled: SettledBlock | None) -> None:
        seconds = self._seconds
        if settled is not None:
            self._file.send(lambda cursor: self._window.settle(cursor, settled, seconds))

    def _drop_block(self) -> SettledBlock | None:
        block, self._block = self._block, None
        return None if block is None else block.settle()

    def _learn_useful_size(self) -> None:
        """Double the size of a block that was used up in its time; else take what was used."""
        block = self._block
        if block is not None and block.is_limited:
            used = block.amount - block.remaining
            if not block.remaining and time.monotonic() < block.ends_at:
                used *= 2
            self._useful_size = max(1, min(MAX_BLOCK_SIZE, used))


def _draw_id() -> int:
    return secrets.randbits(ID_BITS)
