"""Cache entries in the shared store, readable by processes that declare the same types."""

import hashlib
from functools import cache, lru_cache, partial
from typing import Any

import msgspec
from msgspec import Raw, Struct

from providers import errors
from providers.errors import Missing, UpstreamFailed
from providers.kit.caching.cache_key import CacheKey
from providers.kit.caching.memory_store import CacheEntry, estimate_size
from providers.kit.caching.policy import CachePolicy
from providers.kit.request_context import get_current
from providers.kit.shared.shared_store import SharedStore

# Twice the largest body of an upstream. A larger value stays in the process.
MAX_VALUE_BYTES = 8 * 1024 * 1024
MAX_OVERHEAD_BYTES = 1024  # of an entry: its time, and what an absence says
MAX_TTL = 90 * 86_400  # seconds
NIL = b"\xc0"  # MessagePack's null
# An entry that is looked up and not found is stored a little later.
RECENT_NAMES = 1024


class StoredError(Struct, array_like=True, frozen=True):
    """An error by the name of its class, with what a client may see."""

    error: str
    message: str
    source: str | None = None
    retry_after: int | None = None


class StoredEntry(Struct, array_like=True, frozen=True):
    """An encoded value or an absence, and its time of fetching in seconds since 1970."""

    stored_at: float
    value: Raw = Raw(b"")
    absence: StoredError | None = None


class EntryStore:
    """Cache entries in the shared store, by policy and key."""

    def __init__(self, shared_store: SharedStore) -> None:
        self._shared_store = shared_store
        self._build_name = lru_cache(RECENT_NAMES)(shared_store.build_key)

    def build_key(self, policy: CachePolicy[Any], key: CacheKey) -> str:
        """Build the entry's name in the store; it differs when the declaration of the type does."""
        return self._build_name(policy.name, hash_schema(policy.type), *key)

    def is_absent(self, policy: CachePolicy[Any], key: CacheKey) -> bool:
        """Return whether there is no entry, if this process knows that without looking.

        One that another process, unknown until now, has stored during this request may be missed.
        """
        return self._shared_store.is_absent(self.build_key(policy, key), get_current().started_at)

    async def get(self, policy: CachePolicy[Any], key: CacheKey) -> CacheEntry | None:
        """Return the entry, however old; None if there is none, or none that can be decoded."""
        if self.is_absent(policy, key):
            return None
        content = await self._shared_store.get(self.build_key(policy, key))
        return None if content is None else decode_entry(content, policy)

    def set_nowait(
        self, policy: CachePolicy[Any], key: CacheKey, entry: CacheEntry, value: bytes
    ) -> None:
        """Store an entry, whose value is encoded already, and do not wait until it is there."""
        if len(value) <= MAX_VALUE_BYTES:
            self._shared_store.set_lazily(
                partial(self.build_key, policy, key),
                partial(encode_entry, entry, value),
                MAX_OVERHEAD_BYTES + len(value),
                get_ttl(policy, entry),
            )

    async def set(
        self, policy: CachePolicy[Any], key: CacheKey, entry: CacheEntry, value: bytes
    ) -> None:
        """Store an entry, and wait until every process finds it."""
        if len(value) <= MAX_VALUE_BYTES:
            await self._shared_store.set(
                self.build_key(policy, key),
                encode_entry(entry, value),
                get_ttl(policy, entry),
                is_evictable=True,
            )

    def delete(self, policy: CachePolicy[Any], key: CacheKey) -> None:
        """Delete an entry in the store and in the memory of all processes."""
        self._shared_store.delete(self.build_key(policy, key), key)

    def publish_invalidation(self, key: CacheKey, entry: CacheEntry) -> None:
        """Make the other processes delete their older entries under the key."""
        self._shared_store.publish_invalidation(key, entry.stored_at)


def get_ttl(policy: CachePolicy[Any], entry: CacheEntry) -> float:
    """Return the seconds after which the entry is of no use for any purpose."""
    if entry.absence is not None:
        return policy.negative_ttl
    return min(MAX_TTL, policy.lifetime)


def encode_entry(entry: CacheEntry, value: bytes) -> bytes:
    """Encode an entry, whose value is encoded already."""
    absence = None if entry.absence is None else encode_error(entry.absence)
    return msgspec.msgpack.encode(StoredEntry(entry.stored_at, Raw(value or NIL), absence))


def decode_entry(content: bytes, policy: CachePolicy[Any]) -> CacheEntry | None:
    """Decode an entry; None if it was not written by this version of the server."""
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
    """Encode an error by its class, or by the nearest base class in `providers/errors.py`."""
    name = next(each.__name__ for each in type(error).__mro__ if each.__name__ in ERROR_CLASSES)
    return StoredError(name, error.message, error.source, error.retry_after)


def decode_error(stored: StoredError) -> Missing | UpstreamFailed | None:
    """Return the error of another process; None if its class is not known here."""
    error_class = ERROR_CLASSES.get(stored.error)
    if error_class is None:
        return None
    return error_class(stored.message, source=stored.source, retry_after=stored.retry_after)


@cache
def hash_schema(value_type: Any) -> str:
    """Return a hash of a type's declaration, including the types of its fields."""
    schema = msgspec.json.encode(msgspec.json.schema(value_type), order="deterministic")
    return hashlib.sha256(schema).hexdigest()[:16]


@cache
def get_decoder(value_type: Any) -> msgspec.msgpack.Decoder[Any]:
    """Return the decoder of a type, built once."""
    return msgspec.msgpack.Decoder(value_type)


ERROR_CLASSES: dict[str, type[Missing | UpstreamFailed]] = {
    name: member
    for name, member in vars(errors).items()
    if isinstance(member, type) and issubclass(member, Missing | UpstreamFailed)
}
