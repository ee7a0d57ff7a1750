"""What the live feed remembers: small values, and logs, each by a key."""

from collections import deque
from collections.abc import Sequence
from typing import Protocol

from cachetools import LRUCache

RecordKey = tuple[str, ...]

MAX_LOG_ENTRIES = 1_000
MAX_KEYS = 10_000


class LiveRecords(Protocol):
    """A store of values and logs that may outlast the process."""

    async def get(self, key: RecordKey) -> bytes | None:
        """Return a value; None if there is none."""
        ...

    async def set(self, key: RecordKey, content: bytes) -> None:
        """Store a value."""
        ...

    async def append(self, key: RecordKey, content: bytes) -> None:
        """Append an entry to a log, which keeps the last 1,000 of them."""
        ...

    async def read(self, key: RecordKey) -> Sequence[bytes]:
        """Return the entries of a log, oldest first."""
        ...


class MemoryRecords:
    """Records in the memory of this process; the least recently used are evicted first."""

    def __init__(self) -> None:
        self._values: LRUCache[RecordKey, bytes] = LRUCache(MAX_KEYS)
        self._logs: LRUCache[RecordKey, deque[bytes]] = LRUCache(MAX_KEYS)

    async def get(self, key: RecordKey) -> bytes | None:
        """Return a value; None if there is none."""
        return self._values.get(key)

    async def set(self, key: RecordKey, content: bytes) -> None:
        """Store a value."""
        self._values[key] = content

    async def append(self, key: RecordKey, content: bytes) -> None:
        """Append an entry to a log."""
        self._logs.setdefault(key, deque(maxlen=MAX_LOG_ENTRIES)).append(content)

    async def read(self, key: RecordKey) -> Sequence[bytes]:
        """Return the entries of a log, oldest first."""
        return tuple(self._logs.get(key, ()))
