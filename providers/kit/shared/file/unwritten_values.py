"""Values that are not in the file yet, and that look-ups find nevertheless."""

import hashlib
from collections.abc import Callable
from functools import lru_cache, partial
from typing import NamedTuple

from providers.kit.shared.file.connection import FileConnection, PendingOperation
from providers.kit.shared.file.cursor import Cursor
from providers.kit.shared.store_backend import LazyValue

# A value that is looked up and not found is stored a little later.
RECENT_NAMES = 1024

SET = "INSERT OR REPLACE INTO stored_values (id, expires_at, used_at, content) VALUES (?, ?, ?, ?)"
DELETE = "DELETE FROM stored_values WHERE id = ?"


class StoredValue(NamedTuple):
    """A value, and the seconds since 1970 at which it ends and, if evictable, was last used."""

    expires_at: float
    used_at: int | None
    content: bytes


class UnwrittenValue(NamedTuple):
    """A value that is to be written; times as in `StoredValue`."""

    expires_at: float
    used_at: int | None
    lazy: LazyValue

    def encrypt(self) -> StoredValue:
        """Return it as it will be stored."""
        content = self.lazy.encrypt(self.lazy.build_name())
        return StoredValue(self.expires_at, self.used_at, content)

    def build_row(self) -> tuple[int, float, int | None, bytes]:
        """Return the row of the value, its id first."""
        name = self.lazy.build_name()
        return (hash_name(name), self.expires_at, self.used_at, self.lazy.encrypt(name))


class CollectedValues:
    """Values that one operation writes: what takes time is done together, in its thread."""

    def __init__(self) -> None:
        self.values: list[UnwrittenValue] = []
        self.pending: PendingOperation | None = None
        # The ids of the first values, if a look-up needed them, and those of the written ones.
        self.ids: list[int] = []
        self.written_ids: list[int] = []

    def write(self, cursor: Cursor) -> None:
        """Write all values; in the thread of the file."""
        rows = [value.build_row() for value in self.values]
        cursor.executemany(SET, rows)
        self.written_ids = [row[0] for row in rows]

    def identify(self) -> list[tuple[int, UnwrittenValue]]:
        """Return the values that had no id here until now, each with its id."""
        values = self.values[len(self.ids) :]
        ids = [hash_name(value.lazy.build_name()) for value in values]
        self.ids += ids
        return list(zip(ids, values, strict=True))


class UnwrittenValues:
    """What this process has stored and deleted, until it is in the file or dropped."""

    def __init__(self, file: FileConnection, on_written: Callable[[int], None]) -> None:
        """Begin with none; `on_written` is called with the id of each value that was written."""
        self._file = file
        self._on_written = on_written
        # By id; None for what was deleted. The values without an id yet come from `_collections`.
        self._values: dict[int, UnwrittenValue | None] = {}
        self._collections: list[CollectedValues] = []
        self._has_new = False

    def __contains__(self, value_id: int) -> bool:
        """Return whether a value was stored or deleted."""
        self._identify()
        return value_id in self._values

    def get(self, value_id: int) -> UnwrittenValue | None:
        """Return a value; None if it was deleted, or is not unwritten."""
        self._identify()
        return self._values.get(value_id)

    def add(self, value: UnwrittenValue) -> None:
        """Write a value together with those before it, if these still wait."""
        self._has_new = True
        last = self._collections[-1] if self._collections else None
        size = value.lazy.max_bytes
        if last is not None and last.pending and self._file.extend(last.pending, size):
            last.values.append(value)
            return
        collected = CollectedValues()
        collected.values.append(value)
        self._collections.append(collected)
        on_end = partial(self._end, collected)
        collected.pending = self._file.send(collected.write, size, on_end=on_end, may_wait=True)

    def delete(self, value_id: int) -> None:
        """Delete a value, after a recovery of the file if need be."""
        self._identify()
        self._values[value_id] = None

        def delete(cursor: Cursor) -> None:
            cursor.execute(DELETE, (value_id,))

        self._file.send(delete, is_owed=True, on_end=partial(self._forget, value_id, None))

    def _identify(self) -> None:
        """Build the ids that are not known yet, because a look-up needs them."""
        if self._has_new:
            self._has_new = False
            for collected in self._collections:
                self._values.update(collected.identify())

    def _end(self, collected: CollectedValues) -> None:
        self._collections.remove(collected)
        for value_id in collected.written_ids:
            self._on_written(value_id)
        for value_id, value in zip(collected.ids, collected.values, strict=False):
            self._forget(value_id, value)

    def _forget(self, value_id: int, value: UnwrittenValue | None) -> None:
        """Let look-ups find what is in the file, unless something newer is to be written."""
        if self._values.get(value_id, ...) is value:
            del self._values[value_id]


@lru_cache(RECENT_NAMES)
def hash_name(name: str) -> int:
    """Return the number under which a name is stored: two of them are never equal in practice.

    If they were, the one would not be decrypted under the name of the other.
    """
    digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)
