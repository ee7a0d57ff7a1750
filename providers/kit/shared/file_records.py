"""Records in the file, in tables that the bound of the cache does not empty."""

import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from providers.kit.shared.file.connection import FileConnection
from providers.kit.shared.file.cursor import Cursor
from providers.kit.shared.file.housekeeping import bound_records
from providers.kit.shared.file.unwritten_values import hash_name
from providers.kit.shared.record_backend import (
    BackendUnavailable,
    LogEntry,
    LogKind,
    RecordKind,
    RecordName,
    build_position,
    get_oldest_position,
)
from providers.kit.shared.store_backend import StoreUnavailable

T = TypeVar("T")

# The part of the file that values may take, and logs. The bounds are checked each time that such a
# part of them was written.
MAX_SHARE, CHECKED_SHARE = 1 / 8, 1 / 128

GET = "SELECT content FROM records WHERE id = ? AND expires_at > ?"
SET = """
INSERT OR REPLACE INTO records (id, kind, owner, is_counted, expires_at, content)
VALUES (?, ?, ?, ?, ?, ?)
"""
DELETE = "DELETE FROM records WHERE id = ?"
DELETE_OLDEST_OF_OWNER = """
DELETE FROM records WHERE number IN (
    SELECT number FROM records WHERE kind = ? AND owner = ? AND is_counted
    ORDER BY number DESC LIMIT -1 OFFSET ?
)
"""
DELETE_OLDEST = """
DELETE FROM records WHERE number IN (
    SELECT number FROM records WHERE kind = ? AND is_counted
    ORDER BY number DESC LIMIT -1 OFFSET ?
)
"""
LAST_POSITION = "SELECT max(position) FROM log_entries"
APPEND = "INSERT INTO log_entries (position, log, expires_at, content) VALUES (?, ?, ?, ?)"
DELETE_OLDEST_ENTRIES = """
DELETE FROM log_entries WHERE position IN (
    SELECT position FROM log_entries WHERE log = ? ORDER BY position DESC LIMIT -1 OFFSET ?
)
"""
READ_AFTER = """
SELECT position, content FROM log_entries WHERE log = ? AND position > ?
ORDER BY position LIMIT ?
"""


class FileRecords:
    """Values and logs in the file that the processes of one machine share."""

    def __init__(self, file: FileConnection) -> None:
        self._file = file
        self._unchecked_bytes = 0
        self._unchecked_counts: dict[str, int] = {}

    async def get(self, kind: RecordKind, name: RecordName) -> bytes | None:
        """Return a value."""
        del kind
        record_id = hash_name(name.name)

        def find(cursor: Cursor) -> bytes | None:
            return _find(cursor, record_id)

        try:
            return await self._file.read(find)
        except StoreUnavailable:
            raise BackendUnavailable from None

    async def set(self, kind: RecordKind, name: RecordName, content: bytes) -> None:
        """Store a value, and delete the oldest ones beyond the bounds of the kind."""
        owner, checks_all = hash_name(name.owner), self._should_check_all(kind)

        def store(cursor: Cursor) -> None:
            _store(cursor, kind, name, content, is_counted=True)
            cursor.execute(DELETE_OLDEST_OF_OWNER, (kind.name, owner, kind.max_per_owner))
            if checks_all:
                cursor.execute(DELETE_OLDEST, (kind.name, kind.max_total))

        await self._execute(store, is_durable=kind.is_synchronous)
        self._note_written(content)

    async def set_if_absent(
        self, kind: RecordKind, name: RecordName, content: bytes, invalid: bytes = b""
    ) -> bytes | None:
        """Store a value unless there is one, which is returned then; `invalid` counts as none."""

        def store(cursor: Cursor) -> bytes | None:
            found = _find(cursor, hash_name(name.name))
            if found is not None and found != invalid:
                return found
            _store(cursor, kind, name, content, is_counted=False)
            return None

        return await self._execute(store, is_durable=kind.is_synchronous)

    async def delete(self, kind: RecordKind, name: RecordName) -> None:
        """Delete a value."""
        del kind
        row = (hash_name(name.name),)

        def delete(cursor: Cursor) -> None:
            cursor.execute(DELETE, row)

        await self._execute(delete)

    async def append(self, kind: LogKind, name: str, content: bytes) -> int:
        """Append an entry to a log, and return its position."""
        log = hash_name(name)

        def append(cursor: Cursor) -> int:
            now = time.time()
            last = cursor.execute(LAST_POSITION).fetchone()[0] or 0
            position = max(last + 1, build_position(now))
            cursor.execute(APPEND, (position, log, now + kind.seconds, content))
            cursor.execute(DELETE_OLDEST_ENTRIES, (log, kind.max_entries))
            return position

        position = await self._execute(append)
        self._note_written(content)
        return position

    async def read_after(self, kind: LogKind, name: str, position: int) -> list[LogEntry]:
        """Return the entries after a position, oldest first."""
        row = (hash_name(name), max(position, get_oldest_position(kind)), kind.max_entries)

        def read(cursor: Cursor) -> list[LogEntry]:
            return [LogEntry(*each) for each in cursor.execute(READ_AFTER, row).fetchall()]

        try:
            return await self._file.read(read)
        except StoreUnavailable:
            raise BackendUnavailable from None

    def _should_check_all(self, kind: RecordKind) -> bool:
        """Return whether all values of a kind should be counted, which takes time, once more."""
        count = self._unchecked_counts.get(kind.name, 0) + 1
        is_due = count >= kind.max_total * CHECKED_SHARE
        self._unchecked_counts[kind.name] = 0 if is_due else count
        return is_due

    def _note_written(self, content: bytes) -> None:
        self._unchecked_bytes += len(content)
        if self._unchecked_bytes > self._file.max_bytes * CHECKED_SHARE:
            self._unchecked_bytes = 0
            max_bytes = int(self._file.max_bytes * MAX_SHARE)
            self._file.send(partial(bound_records, max_bytes=max_bytes))

    async def _execute(self, operation: Callable[[Cursor], T], *, is_durable: bool = False) -> T:
        try:
            return await self._file.execute(operation, is_durable=is_durable)
        except StoreUnavailable:
            raise BackendUnavailable from None


def _find(cursor: Cursor, record_id: int) -> bytes | None:
    row = cursor.execute(GET, (record_id, time.time())).fetchone()
    return None if row is None else row[0]


def _store(
    cursor: Cursor, kind: RecordKind, name: RecordName, content: bytes, *, is_counted: bool
) -> None:
    expires_at = time.time() + kind.seconds
    owner, record_id = hash_name(name.owner), hash_name(name.name)
    cursor.execute(SET, (record_id, kind.name, owner, int(is_counted), expires_at, content))
