"""Rate limiter in the file: one window for all processes, from which each reserves blocks of calls.

A call that a process has reserved takes no access to the file.
"""

import asyncio
import secrets
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from providers.kit.rate_limiting.file_window import (
    BlockRequest,
    FileWindow,
    Reservation,
    SettledBlock,
)
from providers.kit.rate_limiting.shared_rate_limiter import Acquisition
from providers.kit.shared.file.connection import FileConnection
from providers.kit.shared.file.cursor import Cursor
from providers.kit.shared.file.unwritten_values import hash_name
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
    """Calls that this process has reserved; what is left of them may be made for some time.

    It ends by both clocks: the one stands still while the machine sleeps, and the other may be set
    back. `used_at` is in seconds since 1970.
    """

    block_id: int
    amount: int
    remaining: int
    used_at: float
    ends_at: float  # in seconds since 1970
    ends_at_monotonic: float
    state: Acquisition
    later: bool  # whether a call may be made that was not waited for
    is_limited: bool

    def take(self) -> bool:
        """Take one of the calls; return whether there was one."""
        if not (self.remaining and self.later):
            return False
        now = time.time()
        if now >= self.ends_at or time.monotonic() >= self.ends_at_monotonic:
            return False
        self.remaining -= 1
        self.used_at = now
        return True

    def settle(self) -> SettledBlock | None:
        """Return what was used of it; None if it is not counted."""
        if not self.is_limited:
            return None
        return SettledBlock(self.block_id, self.amount - self.remaining, self.used_at)


class FileRateLimiter:
    """The calls of one name, such as a credential, counted for all processes of one file."""

    def __init__(self, file: FileConnection, name: str) -> None:
        self._file = file
        self._window = FileWindow(hash_name(name), file.process_id)
        self._block: Block | None = None
        self._useful_size = 1
        self._waiters: deque[asyncio.Future[Acquisition | None]] = deque()
        self._reservation: asyncio.Task[None] | None = None
        self._seconds = 1.0
        self._pause_count = 0

    @property
    def reserved_count(self) -> int:
        """How many calls this process has reserved and not made yet."""
        block = self._block
        return block.remaining if block is not None and block.is_limited else 0

    def take_reserved(self) -> bool:
        """Take a call that this process has reserved; return whether there was one."""
        return self._block is not None and self._block.take()

    async def acquire(self, calls: int | None, seconds: float, now: float) -> Acquisition | None:
        """Acquire a call, or get the time to wait; None if the file is unavailable."""
        del now  # the call is counted when it is given out
        if self.take_reserved() and self._block is not None:
            return self._block.state
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[Acquisition | None] = loop.create_future()
        self._waiters.append(waiter)
        if self._reservation is None:
            self._reservation = loop.create_task(self._serve_waiters(calls or 0, seconds))
        return await waiter

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
        calls = [(secrets.randbits(ID_BITS), acquired_at + offset) for acquired_at in acquisitions]

        if settled is None and not calls:
            return

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

    async def _serve_waiters(self, calls: int, seconds: float) -> None:
        """Reserve blocks until every call that is waited for is given out or has to wait."""
        try:
            while self._waiters:
                reservation = await self._reserve(calls, seconds)
                if reservation is None or not reservation.granted:
                    state = None if reservation is None else reservation.state
                    self._answer(len(self._waiters), state)
        except Exception as error:  # noqa: BLE001 - raised again for every call that waits
            for waiter in self._waiters:
                if not waiter.done():
                    waiter.set_exception(error)
            self._waiters.clear()
        finally:
            self._reservation = None

    def _answer(self, count: int, state: Acquisition | None) -> int:
        """Give a state to so many calls that wait; return how many there were."""
        answered = 0
        while self._waiters and answered < count:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(state)
                answered += 1
        return answered

    async def _reserve(self, calls: int, seconds: float) -> Reservation | None:
        """Reserve a block, and give calls of it to those that wait; None without the file."""
        self._learn_useful_size()
        self._seconds, pause_count = seconds, self._pause_count
        settled, block_id = self._drop_block(), secrets.randbits(ID_BITS)
        validity = min(MAX_VALIDITY_SECONDS, seconds * VALIDITY_SHARE)
        useful = self._useful_size if calls else UNLIMITED
        request = BlockRequest(block_id, calls, seconds, len(self._waiters), useful, validity)
        # Not later than in the file.
        ends_at = (time.time() + validity, time.monotonic() + validity)
        try:
            reservation = await self._file.execute(
                lambda cursor: self._window.reserve(cursor, request, settled)
            )
        except StoreUnavailable:
            return None
        if reservation.granted and pause_count == self._pause_count:
            self._give_out(request, reservation, ends_at)
        elif reservation.granted:
            self._settle_in_background(SettledBlock(block_id, 0, 0.0))
        return reservation

    def _give_out(
        self, request: BlockRequest, reservation: Reservation, ends_at: tuple[float, float]
    ) -> None:
        """Give calls to those that wait, and keep the others if they may be made later."""
        amount, state = reservation.granted, reservation.state
        remaining = amount - self._answer(amount, state)
        self._block = Block(
            request.block_id,
            amount,
            remaining,
            time.time(),
            *ends_at,
            state,
            later=reservation.later,
            is_limited=request.calls > 0,
        )
        if remaining and request.calls:
            delay = max(0.0, ends_at[1] - time.monotonic())
            asyncio.get_running_loop().call_later(delay, self._give_back, request.block_id)

    def _give_back(self, block_id: int) -> None:
        """Give back what was not used of a block in its time."""
        if self._block is not None and self._block.block_id == block_id:
            self._learn_useful_size()
            self._settle_in_background(self._drop_block())

    def _settle_in_background(self, settled: SettledBlock | None) -> None:
        seconds = self._seconds
        if settled is not None:
            self._file.send(
                lambda cursor: self._window.settle(cursor, settled, seconds), may_wait=True
            )

    def _drop_block(self) -> SettledBlock | None:
        block, self._block = self._block, None
        return None if block is None else block.settle()

    def _learn_useful_size(self) -> None:
        """Double the size of a block that was used up in its time; else take what was used."""
        block = self._block
        if block is not None and block.is_limited:
            used = block.amount - block.remaining
            if not block.remaining and time.monotonic() < block.ends_at_monotonic:
                used *= 2
            self._useful_size = max(1, min(MAX_BLOCK_SIZE, used))
