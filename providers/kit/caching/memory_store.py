"""The entries that this process has cached, bounded by an estimate of their bytes."""

import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from providers.errors import Missing
from providers.kit.caching.cache_key import CacheKey
from providers.kit.caching.cached import Cached
from providers.kit.caching.policy import CachePolicy

# Measured by tests/benchmarks/memory.py.
ENTRY_OVERHEAD_BYTES = 500
SIZE_FACTOR = 4
MAX_CHANGED_KEYS = 1_000


class ValueVersion:
    """The identity of a value, which entries of equal values that follow each other share."""

    __slots__ = ("__weakref__",)


class CacheEntry(Struct, eq=False):
    """A cached value, or the absence that the source answered with.

    `stored_at` is in seconds since 1970, `size` an estimate in bytes.
    """

    value: Any
    stored_at: float
    size: int = 0
    absence: Missing | None = None
    version: ValueVersion = field(default_factory=ValueVersion)
    _cached: Cached[Any] | None = None

    def get_age(self) -> float:
        """Return the seconds since it was fetched."""
        return time.time() - self.stored_at

    def is_fresh(self, policy: CachePolicy[Any], not_before: float | None = None) -> bool:
        """Return whether it may be served as it is.

        With `not_before` (seconds since 1970) it must have been fetched then or later, unless its
        key contains its version.
        """
        if not_before is not None and (self.absence is not None or not policy.versioned):
            return self.stored_at >= not_before
        return time.time() < self.get_expiry(policy)

    def get_expiry(self, policy: CachePolicy[Any]) -> float:
        """Return until when it is fresh, in seconds since 1970."""
        return self.stored_at + (policy.max_age if self.absence is None else policy.negative_ttl)

    def can_serve_while_revalidating(self, policy: CachePolicy[Any]) -> bool:
        """Return whether it may be served while it is revalidated; an absence may not."""
        return self.absence is None and self.get_age() < policy.stale_while_revalidate

    def can_serve_on_error(self, policy: CachePolicy[Any]) -> bool:
        """Return whether it may be served if the source fails; an absence may not."""
        return self.absence is None and self.get_age() < policy.stale_if_error

    def to_cached(self, *, stale: bool = False) -> Cached[Any]:
        """Return the value, or raise the absence."""
        if self.absence is not None:
            raise _copy_error(self.absence)
        cached = self._cached
        if cached is None:
            fetched_at = datetime.fromtimestamp(self.stored_at, UTC)
            cached = self._cached = Cached(self.value, fetched_at)
        return Cached(cached.value, cached.fetched_at, stale=True) if stale else cached


# Encodes a value for the shared store; the length is also the base of its estimated size.
encode_value = msgspec.msgpack.Encoder().encode


def create_entry(value: Any, encoded_length: int) -> CacheEntry:
    """Create an entry of a value that was fetched now."""
    return CacheEntry(value, time.time(), estimate_size(encoded_length))


def create_absence(absence: Missing) -> CacheEntry:
    """Create an entry of an absence that was answered now."""
    return CacheEntry(None, time.time(), estimate_size(0), _copy_error(absence))


def _copy_error(absence: Missing) -> Missing:
    # An exception keeps the frames of every raise, so the cached one is never raised itself.
    return type(absence)(absence.message, source=absence.source, retry_after=absence.retry_after)


def estimate_size(encoded_length: int) -> int:
    """Return about how many bytes an entry takes: objects take four times their encoding."""
    return ENTRY_OVERHEAD_BYTES + SIZE_FACTOR * encoded_length


def _keep_equal_value(before: CacheEntry, entry: CacheEntry) -> CacheEntry:
    if before.absence or entry.absence or before.value != entry.value:
        return entry
    return replace(entry, value=before.value, version=before.version, _cached=None)


class MemoryStore:
    """Entries up to `capacity` estimated bytes; the least recently used is evicted first."""

    # Not a `cachetools.LRUCache`: a hit takes three times as long there, and each value of a
    # response is at least one hit.

    def __init__(self, capacity: int = 128 * 1024 * 1024) -> None:
        self._capacity = capacity
        self._size = 0
        self._entries: OrderedDict[CacheKey, CacheEntry] = OrderedDict()
        self._counts: Counter[CacheKey] = Counter()  # of entries by scope
        self.changes = 0  # of entries; while it is the same, so are they
        self._changed_keys: deque[CacheKey] = deque(maxlen=MAX_CHANGED_KEYS)

    def get(self, key: CacheKey) -> CacheEntry | None:
        """Return the entry, and mark it as the most recently used."""
        if key not in self._entries:
            return None
        self._entries.move_to_end(key)
        return self._entries[key]

    def set(self, key: CacheKey, entry: CacheEntry) -> None:
        """Store an entry; one that is larger than the whole store only removes the old one.

        A value that equals the old one keeps its identity, and with it all that was made from it.
        """
        if key in self._entries:
            entry = _keep_equal_value(self._entries[key], entry)
            self.delete(key)
        if entry.size > self._capacity:
            return
        self._note_change(key)
        self._entries[key] = entry
        self._size += entry.size
        self._counts[key[1:2]] += 1
        while self._size > self._capacity:
            self.delete(next(iter(self._entries)))

    def delete(self, key: CacheKey) -> None:
        """Delete an entry, if there is one."""
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._note_change(key)
            self._size -= entry.size
            self._counts[key[1:2]] -= 1
            if not self._counts[key[1:2]]:
                del self._counts[key[1:2]]

    def list_changed_keys(self, changes: int) -> list[CacheKey] | None:
        """Return the keys of the changes after the first `changes`; None if they are too many."""
        count = self.changes - changes
        if changes < 0 or count > len(self._changed_keys):
            return None
        return list(islice(reversed(self._changed_keys), count))

    def delete_scope(self, scope: str) -> None:
        """Delete all entries of a scope; going through them all is saved if there are none."""
        if (scope,) in self._counts:
            self.delete_matching(lambda key: key[1:2] == (scope,))

    def delete_matching(self, matches: Callable[[CacheKey], bool]) -> None:
        """Delete all entries whose key matches."""
        for key in [key for key in self._entries if matches(key)]:
            self.delete(key)

    def _note_change(self, key: CacheKey) -> None:
        self.changes += 1
        self._changed_keys.append(key)
