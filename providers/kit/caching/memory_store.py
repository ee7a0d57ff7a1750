"""What is remembered in this process, by kind of fact: bounded, least recently used first."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from providers.errors import Missing
from providers.kit.caching.cache_key import CacheKey
from providers.kit.caching.cached import Cached
from providers.kit.caching.policy import CachePolicy

ENTRY_OVERHEAD_BYTES = 500
SIZE_FACTOR = 2


@dataclass(frozen=True)
class CacheEntry:
    """A remembered value, or the absence that was answered instead."""

    value: Any
    stored_at: float
    size: int = 0
    absence: Missing | None = None

    def get_age(self) -> float:
        """Seconds since it was fetched."""
        return time.time() - self.stored_at

    def is_fresh(self, policy: CachePolicy[Any], not_before: float | None = None) -> bool:
        """Whether it is served as it is; `since` asks for what was fetched from then on."""
        if not_before is not None and (self.absence is not None or not policy.versioned):
            return self.stored_at >= not_before
        return self.get_age() < (policy.max_age if self.absence is None else policy.negative_ttl)

    def can_serve_while_revalidating(self, policy: CachePolicy[Any]) -> bool:
        """Whether it may be served while it is being renewed; an absence never is."""
        return self.absence is None and self.get_age() < policy.stale_while_revalidate

    def can_serve_on_error(self, policy: CachePolicy[Any]) -> bool:
        """Whether it may stand in for an answer that did not come."""
        return self.absence is None and self.get_age() < policy.stale_if_error

    def to_cached(self, *, stale: bool = False) -> Cached[Any]:
        """The remembered value, or the remembered absence raised."""
        if self.absence is not None:
            raise _copy_error(self.absence)
        return Cached(self.value, datetime.fromtimestamp(self.stored_at, UTC), stale)


def encode_value(value: Any) -> bytes:
    """A value's compact encoding, by which its size is told and under which it is shared."""
    return msgspec.msgpack.encode(value)


def create_entry(value: Any, length: int) -> CacheEntry:
    """A value fetched now, whose compact encoding has this length."""
    return CacheEntry(value, time.time(), estimate_size(length))


def create_absence(absence: Missing) -> CacheEntry:
    """An absence learned of now."""
    return CacheEntry(None, time.time(), estimate_size(0), _copy_error(absence))


def _copy_error(absence: Missing) -> Missing:
    # Never the same one twice: an exception keeps every frame it was ever raised through.
    return type(absence)(absence.message, source=absence.source, retry_after=absence.retry_after)


def estimate_size(length: int) -> int:
    """About how many bytes an entry takes: objects take about twice their encoding."""
    return ENTRY_OVERHEAD_BYTES + SIZE_FACTOR * length


class MemoryStore:
    """Entries of this process, bounded by an estimate of their bytes, least recently used first."""

    def __init__(self, capacity: int = 128 * 1024 * 1024) -> None:
        self._capacity = capacity
        self._size = 0
        self._entries: OrderedDict[CacheKey, CacheEntry] = OrderedDict()

    def get(self, key: CacheKey) -> CacheEntry | None:
        """The entry, now the most recently used."""
        entry = self._entries.get(key)
        if entry is not None:
            self._entries.move_to_end(key)
        return entry

    def set(self, key: CacheKey, entry: CacheEntry) -> None:
        """Remember an entry and forget what no longer fits; what never fits is not remembered."""
        self.delete(key)
        if entry.size > self._capacity:
            return
        self._entries[key] = entry
        self._size += entry.size
        while self._size > self._capacity:
            _, forgotten = self._entries.popitem(last=False)
            self._size -= forgotten.size

    def delete(self, key: CacheKey) -> None:
        """Forget one entry."""
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._size -= entry.size

    def delete_matching(self, matches: Callable[[CacheKey], bool]) -> None:
        """Forget all entries under such keys."""
        for key in [key for key in self._entries if matches(key)]:
            self.delete(key)
