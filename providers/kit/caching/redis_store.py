"""Remembered entries where all processes reach them, for those who know the same types."""

import hashlib
from functools import cache
from typing import Any

import msgspec
from msgspec import Raw, Struct

from providers import errors
from providers.errors import Missing, UpstreamFailed
from providers.kit.caching.cache_key import CacheKey
from providers.kit.caching.memory_store import CacheEntry, estimate_size
from providers.kit.caching.policy import CachePolicy
from providers.kit.shared.shared_store import SharedStore

# Twice the largest body an upstream may send; what is larger stays where it is.
MAX_VALUE_BYTES = 8 * 1024 * 1024
MAX_TTL = 90 * 86_400


class StoredError(Struct, array_like=True, frozen=True):
    """An error by its class, as far as a client may know it."""

    error: str
    message: str
    source: str | None = None
    retry_after: int | None = None


class StoredEntry(Struct, array_like=True, frozen=True):
    """A value, or the absence that was answered instead, and when."""

    stored_at: float
    value: Raw = Raw(b"")
    absence: StoredError | None = None


class RedisStore:
    """Entries in the common store, by kind and key."""

    def __init__(self, shared_store: SharedStore) -> None:
        self._shared_store = shared_store

    def build_key(self, policy: CachePolicy[Any], key: CacheKey) -> str:
        """The entry's key in Redis: another for another shape of its type."""
        return self._shared_store.build_key(policy.name, hash_schema(policy.type), *key)

    async def get(self, policy: CachePolicy[Any], key: CacheKey) -> CacheEntry | None:
        """The entry, however old; None when there is none, or none that can be read."""
        content = await self._shared_store.get(self.build_key(policy, key))
        return None if content is None else decode_entry(content, policy)

    def set_nowait(
        self, policy: CachePolicy[Any], key: CacheKey, entry: CacheEntry, value: bytes
    ) -> None:
        """Store an entry whose value is encoded already, without waiting for it."""
        if len(value) <= MAX_VALUE_BYTES:
            self._shared_store.set_nowait(
                self.build_key(policy, key), encode_entry(entry, value), get_ttl(policy, entry)
            )

    async def set(
        self, policy: CachePolicy[Any], key: CacheKey, entry: CacheEntry, value: bytes
    ) -> None:
        """Store an entry, and be back when it is there."""
        if len(value) <= MAX_VALUE_BYTES:
            await self._shared_store.set(
                self.build_key(policy, key), encode_entry(entry, value), get_ttl(policy, entry)
            )

    def delete(self, policy: CachePolicy[Any], key: CacheKey) -> None:
        """Forget an entry, in all processes."""
        self._shared_store.delete(self.build_key(policy, key), key)

    def publish_invalidation(self, key: CacheKey, entry: CacheEntry) -> None:
        """Have the other processes forget what they have of it from before."""
        self._shared_store.publish_invalidation(key, entry.stored_at)


def get_ttl(policy: CachePolicy[Any], entry: CacheEntry) -> float:
    """For how many seconds an entry may be of any use."""
    if entry.absence is not None:
        return policy.negative_ttl
    return min(MAX_TTL, max(policy.max_age, policy.stale_while_revalidate, policy.stale_if_error))


def encode_entry(entry: CacheEntry, value: bytes) -> bytes:
    """An entry as bytes."""
    absence = None if entry.absence is None else encode_error(entry.absence)
    return msgspec.msgpack.encode(StoredEntry(entry.stored_at, Raw(value or b"\xc0"), absence))


def decode_entry(content: bytes, policy: CachePolicy[Any]) -> CacheEntry | None:
    """Bytes as an entry; None when they are not what this version writes."""
    try:
        stored = msgspec.msgpack.decode(content, type=StoredEntry)
        if stored.absence is None:
            value = get_decoder(policy.type).decode(stored.value)
            return CacheEntry(value, stored.stored_at, estimate_size(len(stored.value)))
    except (msgspec.MsgspecError, UnicodeError, RecursionError, ValueError):
        return None
    absence = decode_error(stored.absence)
    if not isinstance(absence, Missing):
        return None
    return CacheEntry(None, stored.stored_at, estimate_size(0), absence)


def encode_error(error: Missing | UpstreamFailed) -> StoredError:
    """An error to be raised again elsewhere, as the nearest class that is known there."""
    error_class = next(kind for kind in type(error).__mro__ if kind.__name__ in ERROR_CLASSES)
    return StoredError(error_class.__name__, error.message, error.source, error.retry_after)


def decode_error(stored: StoredError) -> Missing | UpstreamFailed | None:
    """The error that was met elsewhere."""
    kind = ERROR_CLASSES.get(stored.error)
    if kind is None:
        return None
    return kind(stored.message, source=stored.source, retry_after=stored.retry_after)


@cache
def hash_schema(kind: Any) -> str:
    """A digest of a type's declaration, down to its last field."""
    schema = msgspec.json.encode(msgspec.json.schema(kind), order="deterministic")
    return hashlib.sha256(schema).hexdigest()[:16]


@cache
def get_decoder(kind: Any) -> msgspec.msgpack.Decoder[Any]:
    """The decoder of a type, made once."""
    return msgspec.msgpack.Decoder(kind)


ERROR_CLASSES: dict[str, type[Missing | UpstreamFailed]] = {
    name: kind
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, Missing | UpstreamFailed)
}
