"""What is remembered in this process, by kind of fact: bounded, least recently used first."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from providers.errors import Missing
from providers.kit.caching.cache_key import Key
from providers.kit.caching.cached import Answer
from providers.kit.caching.policy import Kind

ENTRY_BYTES = 500
VALUE_FACTOR = 2


@dataclass(frozen=True)
class Entry:
    """A remembered value, or the absence that was answered instead."""

    value: Any
    stored: float
    size: int = 0
    absence: Missing | None = None

    def age(self) -> float:
        """Seconds since it was fetched."""
        return time.time() - self.stored

    def fresh(self, kind: Kind[Any], since: float | None = None) -> bool:
        """Whether it is served as it is; `since` asks for what was fetched from then on."""
        if since is not None and (self.absence is not None or not kind.versioned):
            return self.stored >= since
        return self.age() < (kind.fresh if self.absence is None else kind.missing)

    def stale(self, kind: Kind[Any]) -> bool:
        """Whether it may be served while it is being renewed; an absence never is."""
        return self.absence is None and self.age() < kind.stale

    def rescues(self, kind: Kind[Any]) -> bool:
        """Whether it may stand in for an answer that did not come."""
        return self.absence is None and self.age() < kind.rescue

    def answer(self, *, stale: bool = False) -> Answer[Any]:
        """The remembered value, or the remembered absence raised."""
        if self.absence is not None:
            raise _again(self.absence)
        return Answer(self.value, datetime.fromtimestamp(self.stored, UTC), stale)


def packed(value: Any) -> bytes:
    """A value's compact encoding, by which its size is told and under which it is shared."""
    return msgspec.msgpack.encode(value)


def entry_of(value: Any, length: int) -> Entry:
    """A value fetched now, whose compact encoding has this length."""
    return Entry(value, time.time(), size_of(length))


def absence_of(absence: Missing) -> Entry:
    """An absence learned of now."""
    return Entry(None, time.time(), size_of(0), _again(absence))


def _again(absence: Missing) -> Missing:
    # Never the same one twice: an exception keeps every frame it was ever raised through.
    return type(absence)(absence.message, source=absence.source, retry_after=absence.retry_after)


def size_of(length: int) -> int:
    """About how many bytes an entry takes: objects take about twice their encoding."""
    return ENTRY_BYTES + VALUE_FACTOR * length


class Memory:
    """Entries of this process, bounded by an estimate of their bytes, least recently used first."""

    def __init__(self, capacity: int = 128 * 1024 * 1024) -> None:
        self._capacity = capacity
        self._size = 0
        self._entries: OrderedDict[Key, Entry] = OrderedDict()

    def get(self, key: Key) -> Entry | None:
        """The entry, now the most recently used."""
        entry = self._entries.get(key)
        if entry is not None:
            self._entries.move_to_end(key)
        return entry

    def put(self, key: Key, entry: Entry) -> None:
        """Remember an entry and forget what no longer fits; what never fits is not remembered."""
        self.drop(key)
        if entry.size > self._capacity:
            return
        self._entries[key] = entry
        self._size += entry.size
        while self._size > self._capacity:
            _, forgotten = self._entries.popitem(last=False)
            self._size -= forgotten.size

    def drop(self, key: Key) -> None:
        """Forget one entry."""
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._size -= entry.size

    def drop_all(self, which: Callable[[Key], bool]) -> None:
        """Forget all entries under such keys."""
        for key in [key for key in self._entries if which(key)]:
            self.drop(key)
