"""The calls of a rate limiter in the file: what its operations do within a transaction.

Times are in seconds since 1970. A block of calls, of which a process may make some later, counts as
if all of it were made at the end of its validity. If the process dies, its calls count for longer
than they had to, and the rate is never exceeded. What was made of a block is counted when it is
settled, in the transaction that reserves the next one or gives the rest back.
"""

import time
from dataclasses import dataclass

from providers.kit.rate_limiting.shared_rate_limiter import (
    MAX_PAUSE_SECONDS,
    PROBE_POLL_SECONDS,
    PROBE_TTL,
    STATE_TTL,
    Acquisition,
)
from providers.kit.shared.file.cursor import Cursor

MIN_WAIT = 1e-6
# Calls of one process within this part of a window count as if made at the time of the last one.
MERGED_SHARE = 1 / 128
# An end of validity that is further away was written before the clock was set back.
CLOCK_TOLERANCE = 1.0

DELETE_EXPIRED = "DELETE FROM rate_calls WHERE limiter = ? AND used_at <= ?"
SUM_UP = """
SELECT coalesce(sum(amount), 0), coalesce(max(used_at), 0), count(DISTINCT process)
FROM rate_calls WHERE limiter = ? AND used_at > ?
"""
CLAMP = "UPDATE rate_calls SET used_at = ? WHERE limiter = ? AND used_at > ?"
LIST_CALLS = "SELECT used_at, amount FROM rate_calls WHERE limiter = ? ORDER BY used_at"
INSERT = "INSERT OR REPLACE INTO rate_calls VALUES (?, ?, ?, ?, ?, ?, ?)"
DELETE_BLOCK = "DELETE FROM rate_calls WHERE limiter = ? AND id = ?"
MERGE = """
UPDATE rate_calls SET amount = amount + ?, used_at = max(used_at, ?), expires_at = ?
WHERE limiter = ? AND id = (
    SELECT id FROM rate_calls
    WHERE limiter = ? AND process = ? AND began_at > ? AND used_at <= ? LIMIT 1
)
"""
COUNT_OWN = """
SELECT coalesce(sum(amount), 0) FROM rate_calls WHERE limiter = ? AND process = ? AND used_at > ?
"""
GET_PAUSE = "SELECT since, ends_at, pauses, probe_ends_at FROM rate_pauses WHERE limiter = ?"
SET_PAUSE = "INSERT OR REPLACE INTO rate_pauses VALUES (?, ?, ?, ?, ?, ?)"
SET_PROBE = "UPDATE rate_pauses SET probe_ends_at = ? WHERE limiter = ?"
DELETE_PAUSE = "DELETE FROM rate_pauses WHERE limiter = ?"


@dataclass(frozen=True, slots=True)
class SettledBlock:
    """A block that is used up or over: `used` calls of it were made, the last one at `used_at`."""

    block_id: int
    used: int
    used_at: float


@dataclass(frozen=True, slots=True)
class BlockRequest:
    """What a process wants: `needed` calls that are waited for, and up to `useful` ones in all.

    `calls` (0 is no limit) and `seconds` are those of the rate. Those that are not waited for may
    be made within `validity` seconds.
    """

    block_id: int
    calls: int
    seconds: float
    needed: int
    useful: int
    validity: float


@dataclass(frozen=True, slots=True)
class Reservation:
    """The calls that a process may make, at once or `later` too, and the state of the window."""

    granted: int
    later: bool
    state: Acquisition


@dataclass(frozen=True, slots=True)
class WindowUsage:
    """The calls in a window, the time as of which the last one counts, and how many made any."""

    used: int
    newest: float
    process_count: int


@dataclass(frozen=True, slots=True)
class PauseState:
    """The pauses of a limiter; `ends_at` is 0 if there is none."""

    since: float = 0.0
    ends_at: float = 0.0
    pauses: int = 0
    probe_ends_at: float = 0.0

    def get_left(self, now: float) -> float | None:
        """Return the seconds that are left of the pause, a little when it waits for a probe."""
        return max(MIN_WAIT, self.ends_at - now) if self.ends_at else None


@dataclass(frozen=True, slots=True)
class FileWindow:
    """The window of one limiter, for one process."""

    limiter: int
    process: str

    def reserve(
        self, cursor: Cursor, request: BlockRequest, settled: SettledBlock | None
    ) -> Reservation:
        """Settle the block before, and reserve another, or say how long to wait for one."""
        now = time.time()
        if settled is not None:
            self.settle(cursor, settled, request.seconds)
        pause = self.read_pause(cursor, now)
        usage = self._read_usage(cursor, now, request)
        wait = self._get_pause_wait(pause, now)
        if wait <= 0 and request.calls and usage.used >= request.calls:
            wait = self._get_wait(cursor, usage.used - request.calls, now, request.seconds)
        if wait > 0:
            state = _describe(usage, pause, now, request.seconds, wait)
            return Reservation(0, later=False, state=state)
        if pause.ends_at:
            cursor.execute(SET_PROBE, (now + PROBE_TTL, self.limiter))
        granted = 1 if pause.ends_at else _choose_amount(request, usage.used)
        later = granted > request.needed
        if request.calls:
            usage = self._add_block(cursor, request, granted, now, usage, later=later)
        return Reservation(granted, later, _describe(usage, pause, now, request.seconds))

    def peek(self, cursor: Cursor, seconds: float) -> Acquisition:
        """Return the state of the window."""
        now = time.time()
        usage = self._sum_up(cursor, now - seconds)
        return _describe(usage, self.read_pause(cursor, now), now, seconds)

    def settle(self, cursor: Cursor, block: SettledBlock, seconds: float) -> None:
        """Replace a block by the calls that were made of it."""
        cursor.execute(DELETE_BLOCK, (self.limiter, block.block_id))
        if block.used:
            self._add_calls(cursor, block.block_id, block.used, block.used_at, seconds)

    def resync(self, cursor: Cursor, calls: list[tuple[int, float]], seconds: float) -> None:
        """Add the newest of this process's calls, with their ids, until all are counted."""
        row = (self.limiter, self.process, time.time() - seconds)
        known = cursor.execute(COUNT_OWN, row).fetchone()[0]
        for call_id, used_at in calls[known:]:
            self._add_calls(cursor, call_id, 1, used_at, seconds)

    def read_pause(self, cursor: Cursor, now: float) -> PauseState:
        """Return the pauses; those of the future do not count, and none for more than a day."""
        row = cursor.execute(GET_PAUSE, (self.limiter,)).fetchone()
        if row is None or row[0] > now + CLOCK_TOLERANCE:
            return PauseState()
        since, ends_at, pauses, probe_ends_at = row
        if probe_ends_at > now + PROBE_TTL:
            probe_ends_at = 0.0
        return PauseState(since, min(ends_at, since + MAX_PAUSE_SECONDS), pauses, probe_ends_at)

    def pause(
        self,
        cursor: Cursor,
        now: float,
        seconds: float | None,
        called_at: float | None,
        lengths: tuple[float, float],
    ) -> None:
        """Pause all processes from `now` on, as `SharedRateLimiter.pause` describes it."""
        pause = self.read_pause(cursor, now)
        pauses = pause.pauses
        if seconds is None:
            if called_at is not None and called_at < pause.since:
                return
            first_pause, max_pause = lengths
            seconds = min(max_pause, first_pause * 2**pauses)
            pauses += 1
        ends_at = max(pause.ends_at, now + min(MAX_PAUSE_SECONDS, seconds))
        row = (self.limiter, now, ends_at, pauses, 0.0, ends_at + STATE_TTL)
        cursor.execute(SET_PAUSE, row)

    def resume(self, cursor: Cursor, now: float, called_at: float) -> None:
        """End the pauses, unless the successful call was made before the current one."""
        pause = self.read_pause(cursor, now)
        if pause.ends_at <= now and called_at >= pause.since:
            cursor.execute(DELETE_PAUSE, (self.limiter,))

    def end_probe(self, cursor: Cursor) -> None:
        """Allow the next probe."""
        cursor.execute(SET_PROBE, (0.0, self.limiter))

    def _sum_up(self, cursor: Cursor, after: float) -> WindowUsage:
        used, newest, processes = cursor.execute(SUM_UP, (self.limiter, after)).fetchone()
        return WindowUsage(used, newest, max(1, processes))

    def _read_usage(self, cursor: Cursor, now: float, request: BlockRequest) -> WindowUsage:
        """Return the calls in the window, and delete those before it."""
        cursor.execute(DELETE_EXPIRED, (self.limiter, now - request.seconds))
        usage = self._sum_up(cursor, 0.0)
        latest = now + request.validity + CLOCK_TOLERANCE
        if usage.newest <= latest:
            return usage
        cursor.execute(CLAMP, (now, self.limiter, latest))
        return WindowUsage(usage.used, now, usage.process_count)

    def _add_block(
        self,
        cursor: Cursor,
        request: BlockRequest,
        amount: int,
        now: float,
        usage: WindowUsage,
        *,
        later: bool,
    ) -> WindowUsage:
        used_at = now + request.validity if later else now
        row = (self.limiter, request.block_id, self.process, amount, now, used_at)
        cursor.execute(INSERT, (*row, used_at + request.seconds))
        return WindowUsage(usage.used + amount, max(usage.newest, used_at), usage.process_count)

    def _get_pause_wait(self, pause: PauseState, now: float) -> float:
        if pause.ends_at > now:
            return pause.ends_at - now
        if pause.ends_at and pause.probe_ends_at > now:
            return min(pause.probe_ends_at - now, PROBE_POLL_SECONDS)
        return 0.0

    def _get_wait(self, cursor: Cursor, excess: int, now: float, seconds: float) -> float:
        """Return after how many seconds a call of a full window may be free."""
        rows = cursor.execute(LIST_CALLS, (self.limiter,)).fetchall()
        # What is not used of a block is given back when it ends.
        waits = [used_at - now + PROBE_POLL_SECONDS for used_at, _ in rows if used_at > now]
        for used_at, amount in rows:
            excess -= amount
            if excess < 0:
                waits.append(used_at + seconds - now)
                break
        return max(MIN_WAIT, min(waits))

    def _add_calls(
        self, cursor: Cursor, call_id: int, amount: int, used_at: float, seconds: float
    ) -> None:
        """Add calls to those that this process has just made, or as new ones."""
        expires_at = used_at + seconds
        began_after = used_at - seconds * MERGED_SHARE
        names = (self.limiter, self.limiter, self.process, began_after, used_at)
        cursor.execute(MERGE, (amount, used_at, expires_at, *names))
        if not cursor.execute("SELECT changes()").fetchone()[0]:
            row = (self.limiter, call_id, self.process, amount, used_at, used_at, expires_at)
            cursor.execute(INSERT, row)


def _choose_amount(request: BlockRequest, used: int) -> int:
    """Return how many calls to reserve: a part of what is free, but all that are waited for."""
    if not request.calls:
        return max(request.needed, request.useful)
    free = request.calls - used
    useful = min(request.useful, free // 4, request.calls // 16)
    return min(free, max(request.needed, useful))


def _describe(
    usage: WindowUsage, pause: PauseState, now: float, seconds: float, wait: float = 0.0
) -> Acquisition:
    resets_in = max(0.0, usage.newest + seconds - now) if usage.used else 0.0
    pause_left = pause.get_left(now)
    return Acquisition(wait, usage.used, resets_in, usage.process_count, pause_left)
