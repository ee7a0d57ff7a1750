"""Remembered entries where all processes reach them, for those who know the same types."""

import hashlib
from functools import cache
from typing import Any

import msgspec
from msgspec import Raw, Struct

from providers import errors
from providers.errors import Failed, Missing
from providers.kit.caching.cache_key import Key
from providers.kit.caching.memory_store import Entry, size_of
from providers.kit.caching.policy import Kind
from providers.kit.shared.shared_store import Shared

# Twice the largest body an upstream may send; what is larger stays where it is.
LARGEST = 8 * 1024 * 1024
LONGEST_KEPT = 90 * 86_400


class Written(Struct, array_like=True, frozen=True):
    """An error by its class, as far as a client may know it."""

    error: str
    message: str
    source: str | None = None
    retry_after: int | None = None


class Stored(Struct, array_like=True, frozen=True):
    """A value, or the absence that was answered instead, and when."""

    stored: float
    value: Raw = Raw(b"")
    absence: Written | None = None


class Shelf:
    """Entries in the common store, by kind and key."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared

    def name(self, kind: Kind[Any], key: Key) -> str:
        """The entry's key in Redis: another for another shape of its type."""
        return self._shared.name(kind.name, shape_of(kind.type), *key)

    async def get(self, kind: Kind[Any], key: Key) -> Entry | None:
        """The entry, however old; None when there is none, or none that can be read."""
        content = await self._shared.get(self.name(kind, key))
        return None if content is None else read(content, kind)

    def tell(self, kind: Kind[Any], key: Key, entry: Entry, value: bytes) -> None:
        """Store an entry whose value is encoded already, without waiting for it."""
        if len(value) <= LARGEST:
            self._shared.tell(self.name(kind, key), write(entry, value), good_for(kind, entry))

    async def put(self, kind: Kind[Any], key: Key, entry: Entry, value: bytes) -> None:
        """Store an entry, and be back when it is there."""
        if len(value) <= LARGEST:
            await self._shared.put(self.name(kind, key), write(entry, value), good_for(kind, entry))

    def drop(self, kind: Kind[Any], key: Key) -> None:
        """Forget an entry, in all processes."""
        self._shared.drop(self.name(kind, key), key)

    def announce(self, key: Key, entry: Entry) -> None:
        """Have the other processes forget what they have of it from before."""
        self._shared.announce(key, entry.stored)


def good_for(kind: Kind[Any], entry: Entry) -> float:
    """For how many seconds an entry may be of any use."""
    if entry.absence is not None:
        return kind.missing
    return min(LONGEST_KEPT, max(kind.fresh, kind.stale, kind.rescue))


def write(entry: Entry, value: bytes) -> bytes:
    """An entry as bytes."""
    absence = None if entry.absence is None else written(entry.absence)
    return msgspec.msgpack.encode(Stored(entry.stored, Raw(value or b"\xc0"), absence))


def read(content: bytes, kind: Kind[Any]) -> Entry | None:
    """Bytes as an entry; None when they are not what this version writes."""
    try:
        stored = msgspec.msgpack.decode(content, type=Stored)
        if stored.absence is None:
            value = decoder_of(kind.type).decode(stored.value)
            return Entry(value, stored.stored, size_of(len(stored.value)))
    except (msgspec.MsgspecError, UnicodeError, RecursionError, ValueError):
        return None
    absence = unwritten(stored.absence)
    if not isinstance(absence, Missing):
        return None
    return Entry(None, stored.stored, size_of(0), absence)


def written(error: Missing | Failed) -> Written:
    """An error to be raised again elsewhere, as the nearest class that is known there."""
    known = next(kind for kind in type(error).__mro__ if kind.__name__ in KNOWN)
    return Written(known.__name__, error.message, error.source, error.retry_after)


def unwritten(told: Written) -> Missing | Failed | None:
    """The error that was met elsewhere."""
    kind = KNOWN.get(told.error)
    if kind is None:
        return None
    return kind(told.message, source=told.source, retry_after=told.retry_after)


@cache
def shape_of(kind: Any) -> str:
    """A digest of a type's declaration, down to its last field."""
    schema = msgspec.json.encode(msgspec.json.schema(kind), order="deterministic")
    return hashlib.sha256(schema).hexdigest()[:16]


@cache
def decoder_of(kind: Any) -> msgspec.msgpack.Decoder[Any]:
    """The decoder of a type, made once."""
    return msgspec.msgpack.Decoder(kind)


KNOWN: dict[str, type[Missing | Failed]] = {
    name: kind
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, Missing | Failed)
}
