"""The file as the event loop sees it: operations in batches, and a recovery in the background."""

import asyncio
import logging
import secrets
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from providers.kit.shared.file.cursor import Cursor
from providers.kit.shared.file.database import (
    DEFAULT_MAX_BYTES,
    DamagedFile,
    Database,
    Failure,
    FileProblem,
    FileReplaced,
    LockedFile,
)
from providers.kit.shared.file.worker_thread import WorkerThread
from providers.kit.shared.store_backend import StoreUnavailable

T = TypeVar("T")

TIMEOUT_SECONDS = 0.2
# A batch that takes so many times as long is the end of the file for now.
LOST_FACTOR = 5
# A disk takes longer to have written than to take over what is written.
DURABLE_TIMEOUT_SECONDS = 2.0
# For so long the lock of another process, which may be waiting for the disk, is waited for.
LOCK_SECONDS, LOCK_PAUSE_SECONDS = 2.0, 0.01
RECOVERY_SECONDS = 5.0
# A large file is checked for longer than the server's start waits for.
OPEN_SECONDS = 5.0
CLOSE_SECONDS = 5.0
# A timeout that took this many times its duration was late because the event loop was busy.
STALL_FACTOR = 1.5
# A look-up waits for one batch of writes at most, which is short therefore.
MAX_LOOKUPS, MAX_BATCH, MAX_BATCH_BYTES = 256, 64, 1024 * 1024
MAX_QUEUED, MAX_QUEUED_BYTES = 10_000, 64 * 1024 * 1024
MAX_OWED = 1000
# A batch costs many times as much as an operation in it, so that a few are collected.
COLLECTING_SECONDS = 0.01

log = logging.getLogger(__name__)


class FileUnavailable(StoreUnavailable):
    """The file cannot be used now; the caller continues without it."""


@dataclass(slots=True)
class PendingOperation:
    """An operation that waits for the worker thread; `result` is None if none is awaited.

    `size` is about its bytes, `rows` how many it writes, `queued_at` of `time.monotonic`. An owed
    one is done after the recovery if the file cannot be used now. `on_end` is called when it is
    done or dropped. One that may wait is done a little later, together with others. The result of a
    durable one is given when it is on the disk itself.
    """

    operation: Callable[[Cursor], Any]
    writes: bool
    queued_at: float
    size: int = 0
    is_owed: bool = False
    on_end: Callable[[], None] | None = None
    may_wait: bool = False
    result: "asyncio.Future[Any] | None" = None
    is_durable: bool = False
    rows: int = 1

    def end(self) -> None:
        """Tell that it was done or dropped."""
        if self.on_end is not None:
            self.on_end()


@dataclass(slots=True)
class Exchange:
    """A batch in the worker thread; `outcome` gets the changes by other processes and the results.

    Times are of `time.monotonic`.
    """

    batch: list[PendingOperation]
    outcome: "asyncio.Future[tuple[Any, list[Any]]]"
    began_at: float
    checked_at: float
    has_given_up: bool = False
    timer: asyncio.TimerHandle | None = None

    def end(self) -> None:
        """End its timer."""
        if self.timer is not None:
            self.timer.cancel()


class FileConnection:
    """The connection of this process to the file that all processes of a machine may share.

    An operation is a function of a `Cursor`. It runs in the worker thread, in the order of the
    calls, in one transaction with the others of its batch; look-ups overtake the others. It may run
    again if the transaction fails, so it has no other effects. What is queued during one batch
    forms the next.

    After a failure every call raises `FileUnavailable` at once, until the file could be opened
    again in the background; then `reconnect_listeners` are called.
    """

    def __init__(self, path: Path, max_bytes: int = DEFAULT_MAX_BYTES) -> None:
        """Open nothing yet. The file takes at most `max_bytes`."""
        self.max_bytes = max_bytes
        self.process_id = secrets.token_hex(6)
        self.is_unavailable = False
        # Since 1970: what others had written before is known, as far as it was watched.
        self.looked_at = 0.0
        self.reconnect_listeners: list[Callable[[], None]] = []
        self._database = Database(path, max_bytes)
        self._worker = WorkerThread("trophycase-file")
        self._writer = WorkerThread("trophycase-file-log")
        self._writing_back: asyncio.Future[None] | None = None
        self._is_open = False
        self._lookups: deque[PendingOperation] = deque()
        self._queue: deque[PendingOperation] = deque()
        self._queued_bytes = self._queued_rows = 0
        self._has_looked_up = False  # in the batch before
        self._is_due = False  # whether what is queued should be done now
        self._collecting: asyncio.TimerHandle | None = None
        # What is owed beyond the bound is forgotten; then `owed_instead` is done as well.
        self._owed: deque[PendingOperation] = deque(maxlen=MAX_OWED)
        self.owed_instead: Callable[[Cursor], Any] | None = None
        self._flush_task: asyncio.Task[None] | None = None
        self._opening_task: asyncio.Task[None] | None = None
        self._locked_since: float | None = None
        self._on_changes: Callable[[Any], None] | None = None

    def watch(self, read_changes: Callable[[Cursor], T], on_changes: Callable[[T], None]) -> None:
        """Run an operation before those of a batch if another process has written meanwhile.

        `on_changes` gets its result, before the results of the batch are given out.
        """
        self._database.watch(read_changes)
        self._on_changes = on_changes

    async def open(self) -> None:
        """Open the file in the background, and wait for that for a few seconds."""
        opening = self._opening_task = asyncio.get_running_loop().create_task(self._open())
        await asyncio.wait({opening}, timeout=OPEN_SECONDS)
        if not opening.done():
            log.warning("The cache file is still being checked: continuing without it until then")
            self.is_unavailable = True

    async def execute(self, operation: Callable[[Cursor], T], *, is_durable: bool = False) -> T:
        """Run an operation that may write, and return its result when it is in the file.

        That outlasts the end of this process; a durable one outlasts that of the machine. Raise
        `FileUnavailable`, or what the operation raises.
        """
        return await self._execute(operation, self._queue, writes=True, is_durable=is_durable)

    async def read(self, operation: Callable[[Cursor], T]) -> T:
        """Run an operation that only reads, after the writes before it. Raise as `execute`."""
        return await self._execute(operation, self._queue, writes=False)

    async def look_up(self, operation: Callable[[Cursor], T]) -> T:
        """Run an operation that only reads, and waits for no write. Raise as `execute`."""
        return await self._execute(operation, self._lookups, writes=False)

    def send(
        self,
        operation: Callable[[Cursor], Any],
        size: int = 0,
        *,
        is_owed: bool = False,
        on_end: Callable[[], None] | None = None,
        may_wait: bool = False,
    ) -> PendingOperation:
        """Run an operation that writes about `size` bytes, and do not wait.

        It is dropped if the file is unavailable or too much waits already; an owed one is done
        after the recovery. `on_end` is called when it is done or dropped. One that may wait is done
        some milliseconds later.
        """
        now = time.monotonic()
        pending = PendingOperation(
            operation,
            writes=True,
            queued_at=now,
            size=size,
            is_owed=is_owed,
            on_end=on_end,
            may_wait=may_wait,
        )
        if self._is_open and (is_owed or not self._is_full()):
            self._enqueue(pending)
            return pending
        pending.end()
        if is_owed:
            self._owed.append(pending)
        return pending

    def extend(self, pending: PendingOperation, size: int) -> bool:
        """Let an operation that may wait write one row of about `size` bytes more.

        Return False if it is not the last one that waits, or long enough.
        """
        is_last = bool(self._queue) and self._queue[-1] is pending
        is_long = pending.rows >= MAX_BATCH or pending.size > MAX_BATCH_BYTES
        if not is_last or is_long or self._is_full():
            return False
        pending.rows += 1
        pending.size += size
        self._count_queued(1, size)
        self._collect()
        return True

    async def aclose(self) -> None:
        """Do what waits, and close the file; give up after some seconds."""
        if self._opening_task is not None:
            self._opening_task.cancel()
        self._flush_queue()
        if self._flush_task is not None:
            await asyncio.wait({self._flush_task}, timeout=CLOSE_SECONDS)
        self._is_open = False
        waits = {self._worker.run(self._database.close)}
        if self._writing_back is not None:
            waits.add(self._writing_back)
        await asyncio.wait(waits, timeout=CLOSE_SECONDS)
        self._worker.shutdown()
        self._writer.shutdown()

    async def _execute(
        self,
        operation: Callable[[Cursor], T],
        queue: deque[PendingOperation],
        *,
        writes: bool,
        is_durable: bool = False,
    ) -> T:
        if not self._is_open:
            raise FileUnavailable
        result: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        now = time.monotonic()
        pending = PendingOperation(operation, writes, now, result=result, is_durable=is_durable)
        if queue is self._lookups:
            queue.append(pending)
            self._start_flush()
        else:
            self._enqueue(pending)
        return await result

    def _enqueue(self, pending: PendingOperation) -> None:
        self._queue.append(pending)
        self._count_queued(pending.rows, pending.size)
        if pending.may_wait:
            self._collect()
        else:
            self._flush_queue()

    def _count_queued(self, rows: int, size: int) -> None:
        self._queued_rows += rows
        self._queued_bytes += size

    def _is_full(self) -> bool:
        return self._queued_rows >= MAX_QUEUED or self._queued_bytes > MAX_QUEUED_BYTES

    def _collect(self) -> None:
        """Do what waits a little later, or now if it is much."""
        if self._queued_rows >= MAX_BATCH or self._queued_bytes > MAX_BATCH_BYTES:
            self._flush_queue()
        elif self._collecting is None:
            loop = asyncio.get_running_loop()
            self._collecting = loop.call_later(COLLECTING_SECONDS, self._flush_queue)

    def _flush_queue(self) -> None:
        if self._collecting is not None:
            self._collecting.cancel()
            self._collecting = None
        self._is_due = bool(self._queue)
        self._start_flush()

    def _start_flush(self) -> None:
        if self._flush_task is None and (self._lookups or self._is_due):
            self._flush_task = asyncio.get_running_loop().create_task(self._flush())

    async def _flush(self) -> None:
        batch: list[PendingOperation] = []
        try:
            while self._is_due or self._lookups:
                batch = self._take_batch()
                if not await self._exchange(batch):
                    self._postpone(batch)
                    await asyncio.sleep(LOCK_PAUSE_SECONDS)
        except Exception as error:  # noqa: BLE001 - any failure means the same: no file for now
            self._mark_unavailable(error, batch)
        finally:
            self._flush_task = None

    async def _exchange(self, batch: list[PendingOperation]) -> bool:
        """Run a batch and give its results; return False if a lock prevents it for now."""
        now, looked_at = time.monotonic(), time.time()
        outcome = self._worker.run(partial(self._run_batch, batch))
        exchange = Exchange(batch, outcome, began_at=now, checked_at=now)
        self._watch_exchange(exchange)
        try:
            changes, results = await outcome
        except LockedFile:
            if not self._may_wait_for_lock():
                raise
            return False
        finally:
            exchange.end()
        self._locked_since = None
        self.looked_at = looked_at
        self._give_results(batch, changes, results)
        self._write_back_if_long()
        return True

    def _may_wait_for_lock(self) -> bool:
        """Return whether the lock that a batch has met may be free a little later."""
        now = time.monotonic()
        if self._locked_since is None:
            self._locked_since = now
        return now - self._locked_since < LOCK_SECONDS

    def _postpone(self, batch: list[PendingOperation]) -> None:
        """Queue a batch again, but for the results that have waited too long."""
        self._give_up(batch, self._locked_since or 0, time.monotonic())
        queue = self._lookups if self._has_looked_up else self._queue
        for pending in reversed(batch):
            if pending.is_owed or pending.result is None or not pending.result.done():
                queue.appendleft(pending)
                if queue is self._queue:
                    self._count_queued(pending.rows, pending.size)
            else:
                pending.end()
        self._is_due = bool(self._queue) and (self._is_due or queue is self._queue)

    def _write_back_if_long(self) -> None:
        is_idle = self._writing_back is None or self._writing_back.done()
        if is_idle and self._database.has_long_log:
            self._writing_back = self._writer.run(self._database.write_back)

    def _take_batch(self) -> list[PendingOperation]:
        batch: list[PendingOperation] = []
        rows = size = 0
        is_lookup = bool(self._lookups) and not (self._has_looked_up and self._is_due)
        queue, limit = (self._lookups, MAX_LOOKUPS) if is_lookup else (self._queue, MAX_BATCH)
        self._has_looked_up = is_lookup
        while queue and rows < limit and size <= MAX_BATCH_BYTES:
            pending = queue.popleft()
            batch.append(pending)
            rows += pending.rows
            size += pending.size
        if not is_lookup:
            self._count_queued(-rows, -size)
        self._is_due = self._is_due and bool(self._queue)
        return batch

    def _run_batch(self, batch: list[PendingOperation]) -> tuple[Any, list[Any]]:
        """Return the changes by other processes, if there are any, and the results."""
        results = self._database.run(
            [pending.operation for pending in batch],
            writes=any(each.writes for each in batch),
            is_durable=any(each.is_durable for each in batch),
        )
        return self._database.take_changes(), results

    def _give_results(
        self, batch: list[PendingOperation], changes: Any, results: list[Any]
    ) -> None:
        if changes is not None and self._on_changes is not None:
            self._on_changes(changes)
        for pending, result in zip(batch, results, strict=True):
            pending.end()
            if pending.result is None or pending.result.done():
                continue
            if isinstance(result, Failure):
                pending.result.set_exception(result.error)
            else:
                pending.result.set_result(result)

    def _watch_exchange(self, exchange: Exchange) -> None:
        """Check from time to time whether a batch, or what waits for it, takes too long."""
        loop = asyncio.get_running_loop()
        exchange.timer = loop.call_later(TIMEOUT_SECONDS / 2, self._check_exchange, exchange)

    def _check_exchange(self, exchange: Exchange) -> None:
        """Give up the results that wait for too long.

        The exchange fails if it takes so long that the next ones need not try.
        """
        now, checked_at = time.monotonic(), exchange.checked_at
        exchange.checked_at = now
        if exchange.outcome.done():
            return
        if now - checked_at <= STALL_FACTOR * TIMEOUT_SECONDS / 2:
            exchange.has_given_up |= self._give_up(exchange.batch, exchange.began_at, now)
            if exchange.has_given_up and now - exchange.began_at >= _get_longest_wait(
                exchange.batch
            ):
                exchange.outcome.set_exception(FileProblem("the disk is too slow"))
                return
        self._watch_exchange(exchange)

    def _give_up(self, batch: list[PendingOperation], began_at: float, now: float) -> bool:
        """Give up the results that have waited too long; return whether there were any."""
        has_given_up = False
        for pending in (*batch, *self._lookups, *self._queue):
            timeout = DURABLE_TIMEOUT_SECONDS if pending.is_durable else 0
            is_overdue = now - max(began_at, pending.queued_at) >= max(timeout, TIMEOUT_SECONDS)
            if is_overdue and pending.result is not None and not pending.result.done():
                pending.result.set_exception(FileUnavailable())
                has_given_up = True
        return has_given_up

    def _mark_unavailable(self, error: Exception, batch: list[PendingOperation]) -> None:
        self._log_problem(error)
        unfinished = [*batch, *self._lookups, *self._queue]
        self._lookups.clear()
        self._queue.clear()
        self._queued_bytes = self._queued_rows = 0
        self._is_due = False
        self._is_open = False
        self._locked_since = None
        self._owed += [pending for pending in unfinished if pending.is_owed]
        for pending in unfinished:
            pending.end()
            if pending.result is not None and not pending.result.done():
                pending.result.set_exception(FileUnavailable())
        self._start_recovery(at_once=isinstance(error, FileReplaced | DamagedFile))

    def _log_problem(self, error: Exception) -> None:
        reason = str(error) if isinstance(error, FileProblem) else type(error).__name__
        log.warning("The cache file cannot be used (%s): continuing without it", reason)
        self.is_unavailable = True

    async def _open(self) -> None:
        try:
            is_new = await self._worker.run(self._database.open)
        except FileProblem as problem:
            self._log_problem(problem)
            self._start_recovery(at_once=False)
            return
        if is_new:
            log.warning("The cache file was damaged: it was renamed, and a new one begun")
        if self.is_unavailable:
            log.warning("The cache file was checked and is used from now on")
        self._begin()

    def _start_recovery(self, *, at_once: bool) -> None:
        self._opening_task = asyncio.get_running_loop().create_task(self._recover(at_once=at_once))

    async def _recover(self, *, at_once: bool) -> None:
        while not (at_once and await self._try_to_open()):
            await asyncio.sleep(RECOVERY_SECONDS)
            # The worker thread may still be waiting for the disk.
            at_once = self._worker.is_idle
        log.warning("The cache file can be used again")
        self._begin()
        for notify in self.reconnect_listeners:
            notify()

    async def _try_to_open(self) -> bool:
        with suppress(FileProblem):
            await self._worker.run(self._database.open)
            return True
        return False

    def _begin(self) -> None:
        self._is_open, self.is_unavailable = True, False
        owed, self._owed = self._owed, deque(maxlen=MAX_OWED)
        if len(owed) == MAX_OWED and self.owed_instead is not None:
            self.send(self.owed_instead)
        for pending in owed:
            self._enqueue(pending)


def _get_longest_wait(batch: list[PendingOperation]) -> float:
    is_durable = any(pending.is_durable for pending in batch)
    return max(LOST_FACTOR * TIMEOUT_SECONDS, DURABLE_TIMEOUT_SECONDS if is_durable else 0)
