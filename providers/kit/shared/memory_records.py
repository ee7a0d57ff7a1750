"""Records of one process, which end with it."""

import time
from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from cachetools import LRUCache

from providers.kit.shared.record_backend import (
    LogEntry,
    LogKind,
    RecordKind,
    RecordName,
    build_position,
    get_oldest_position,
)


@dataclass
class StoredValue:
    """A value, and when it ends in seconds since 1970."""

    name: RecordName
    content: bytes
    ends_at: float


@dataclass
class KindValues:
    """The values of one kind, oldest first, and the names of those that its bounds count."""

    values: OrderedDict[str, StoredValue] = field(default_factory=OrderedDict[str, StoredValue])
    counted: OrderedDict[str, None] = field(default_factory=OrderedDict[str, None])
    by_owner: dict[str, OrderedDict[str, None]] = field(
        default_factory=dict[str, OrderedDict[str, None]]
    )

    def find(self, name: str) -> StoredValue | None:
        """Return a value that has not ended."""
        value = self.values.get(name)
        if value is not None and time.time() >= value.ends_at:
            self.remove(name)
            return None
        return value

    def add(self, value: StoredValue, *, is_counted: bool) -> None:
        """Add a value as the newest one, in place of one of the same name."""
        owner, name = value.name
        self.remove(name)
        self.values[name] = value
        if is_counted:
            self.counted[name] = None
            self.by_owner.setdefault(owner, OrderedDict())[name] = None

    def remove(self, name: str) -> None:
        """Remove a value, if there is one."""
        value = self.values.pop(name, None)
        if value is not None and name in self.counted:
            del self.counted[name]
            own = self.by_owner[value.name.owner]
            del own[name]
            if not own:
                del self.by_owner[value.name.owner]

    def remove_excess(self, kind: RecordKind, owner: str) -> None:
        """Remove the oldest values beyond the bounds of the kind."""
        own = self.by_owner.get(owner, OrderedDict[str, None]())
        names = [
            *islice(own, max(0, len(own) - kind.max_per_owner)),
            *islice(self.counted, max(0, len(self.counted) - kind.max_total)),
            # Those that are not counted are few, unless their owner has forgotten them.
            *islice(self.values, max(0, len(self.values) - 2 * kind.max_total)),
        ]
        for name in names:
            self.remove(name)


class MemoryRecords:
    """Values and logs in this process; the oldest ones of each kind are deleted first."""

    def __init__(self) -> None:
        self._kinds: dict[str, KindValues] = {}
        self._logs: dict[str, LRUCache[str, deque[LogEntry]]] = {}
        self._last_position = 0

    async def get(self, kind: RecordKind, name: RecordName) -> bytes | None:
        """Return a value."""
        return self.find(kind, name)

    async def set(self, kind: RecordKind, name: RecordName, content: bytes) -> None:
        """Store a value, and delete the oldest ones of its owner beyond the kind's bound."""
        self._add(kind, name, content, is_counted=True)

    async def set_if_absent(
        self, kind: RecordKind, name: RecordName, content: bytes, invalid: bytes = b""
    ) -> bytes | None:
        """Store a value unless there is one, which is returned then."""
        del invalid  # no other process writes here
        found = self.find(kind, name)
        if found is None:
            self._add(kind, name, content, is_counted=False)
        return found

    async def delete(self, kind: RecordKind, name: RecordName) -> None:
        """Delete a value."""
        self.discard(kind, name)

    async def append(self, kind: LogKind, name: str, content: bytes) -> int:
        """Append an entry to a log, and return its position."""
        logs = self._logs.get(kind.name)
        if logs is None:
            max_logs = max(1, kind.max_total // kind.max_entries)
            logs = self._logs[kind.name] = LRUCache[str, deque[LogEntry]](max_logs)
        log = logs.get(name)
        if log is None:
            log = logs[name] = deque(maxlen=kind.max_entries)
        self._last_position = max(self._last_position + 1, build_position(time.time()))
        log.append(LogEntry(self._last_position, content))
        return self._last_position

    async def read_after(self, kind: LogKind, name: str, position: int) -> list[LogEntry]:
        """Return the entries after a position, oldest first."""
        logs = self._logs.get(kind.name)
        log = None if logs is None else logs.get(name)
        start = max(position, get_oldest_position(kind))
        return [entry for entry in log or () if entry.position > start]

    def find(self, kind: RecordKind, name: RecordName) -> bytes | None:
        """Return a value."""
        values = self._kinds.get(kind.name)
        value = None if values is None else values.find(name.name)
        return None if value is None else value.content

    def discard(self, kind: RecordKind, name: RecordName) -> None:
        """Delete a value."""
        values = self._kinds.get(kind.name)
        if values is not None:
            values.remove(name.name)

    def list_values(self, kind: RecordKind) -> Iterator[StoredValue]:
        """Yield all values of a kind, oldest first."""
        values = self._kinds.get(kind.name)
        yield from list(values.values.values()) if values is not None else ()

    def _add(self, kind: RecordKind, name: RecordName, content: bytes, *, is_counted: bool) -> None:
        values = self._kinds.setdefault(kind.name, KindValues())
        value = StoredValue(name, content, time.time() + kind.seconds)
        values.add(value, is_counted=is_counted)
        values.remove_excess(kind, name.owner)
