"""Records that outlast a restart and that all processes of one server share."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec
from cachetools import LRUCache

from providers.kit.detached_task import start_detached
from providers.kit.shared.file_records import FileRecords
from providers.kit.shared.memory_records import MemoryRecords
from providers.kit.shared.record_backend import (
    BackendUnavailable,
    LogEntry,
    LogKind,
    RecordBackend,
    RecordKind,
    RecordName,
)
from providers.kit.shared.redis_records import RedisRecords
from providers.kit.shared.shared_store import Message, SharedStore

T = TypeVar("T")
ChangeListener = Callable[[str | None, str], None]

MAX_CONTENT_BYTES = 512 * 1024
MAX_UNSENT = 10_000
# Someone who writes faster than a process replaces it is as a backend that cannot be used.
MAX_REPLACEMENTS = 3
TOPIC = "records"


class DurableRecords:
    """Small values and logs by kind and owner, with encrypted names and contents.

    A method returns when Redis or the file has the record, which no bound of the cache evicts.
    With neither, or while they are unavailable, the records are this process's own: no method
    fails. Values that were written meanwhile are stored when the backend is available again.

    `change_listeners` are called with the kind and the owner that another process has published,
    or None and "" if messages may have been missed.
    """

    def __init__(
        self, shared_store: SharedStore | None = None, backend: RecordBackend | None = None
    ) -> None:
        """Create the records of a store; `backend` replaces that of the store."""
        self._store = shared_store or SharedStore()
        self._backend = backend or _create_backend(self._store)
        self._own = MemoryRecords()
        # Values that were deleted while the backend was unavailable, and those that were written.
        self._deleted: LRUCache[RecordName, RecordKind] = LRUCache(MAX_UNSENT)
        self._unsent_kinds: dict[str, RecordKind] = {}
        self._is_sending = False
        self.change_listeners: list[ChangeListener] = []
        self._store.subscribe(TOPIC, self._on_message)

    async def get(self, kind: RecordKind, owner: str, key: str = "") -> bytes | None:
        """Return a value."""
        name = self._build_name(kind, owner, key)
        own = self._own.find(kind, name)
        if own is not None or self._backend is None or name in self._deleted:
            return own
        try:
            found = await self._run(self._backend, self._backend.get(kind, name))
        except BackendUnavailable:
            return None
        return None if found is None else self._store.decrypt(name.name, found)

    async def set(self, kind: RecordKind, owner: str, key: str, content: bytes) -> None:
        """Store a value, and delete the oldest ones beyond the bounds of the kind."""
        _check_size(content)
        name = self._build_name(kind, owner, key)
        self._deleted.pop(name, None)
        if self._backend is not None:
            encrypted = self._store.encrypt(name.name, content, kind.seconds)
            try:
                await self._run(self._backend, self._backend.set(kind, name, encrypted))
            except BackendUnavailable:
                self._unsent_kinds[kind.name] = kind
            else:
                return self._own.discard(kind, name)
        return await self._own.set(kind, name, content)

    async def set_if_absent(
        self, kind: RecordKind, owner: str, key: str, content: bytes
    ) -> bytes | None:
        """Store a value unless there is one, which is returned then; atomic over all processes.

        The bounds of the kind neither count nor delete it until it is `set`.
        """
        _check_size(content)
        name = self._build_name(kind, owner, key)
        own = self._own.find(kind, name)
        if own is not None or self._backend is None or name in self._deleted:
            return own or await self._own.set_if_absent(kind, name, content)
        try:
            return await self._set_if_absent(self._backend, kind, name, content)
        except BackendUnavailable:
            self._unsent_kinds[kind.name] = kind
            return await self._own.set_if_absent(kind, name, content)

    async def delete(self, kind: RecordKind, owner: str, key: str = "") -> None:
        """Delete a value."""
        name = self._build_name(kind, owner, key)
        self._own.discard(kind, name)
        if self._backend is not None:
            try:
                await self._run(self._backend, self._backend.delete(kind, name))
            except BackendUnavailable:
                self._deleted[name] = kind

    async def append(self, kind: LogKind, owner: str, content: bytes) -> int:
        """Append an entry to a log, and return its position.

        Positions grow with time, in all logs and over restarts; in one log each is unique.
        """
        _check_size(content)
        name = self._build_name(kind, owner).name
        if self._backend is not None:
            encrypted = self._store.encrypt(name, content, kind.seconds)
            try:
                appending = self._backend.append(kind, name, encrypted)
                return await self._run(self._backend, appending)
            except BackendUnavailable:
                pass
        return await self._own.append(kind, name, content)

    async def read_after(self, kind: LogKind, owner: str, position: int) -> list[LogEntry]:
        """Return the entries of a log after a position, oldest first."""
        name = self._build_name(kind, owner).name
        entries = await self._own.read_after(kind, name, position)
        if self._backend is None:
            return entries
        try:
            reading = self._backend.read_after(kind, name, position)
            stored = await self._run(self._backend, reading)
        except BackendUnavailable:
            return entries
        for entry in stored:
            content = self._store.decrypt(name, entry.content)
            if content is not None:
                entries.append(LogEntry(entry.position, content))
        return sorted(entries)

    def publish_change(self, kind: RecordKind | LogKind, owner: str) -> None:
        """Call the listeners of the other processes; of this one too if there is a Redis."""
        self._store.publish(TOPIC, msgspec.msgpack.encode((kind.name, owner)))

    async def _set_if_absent(
        self, backend: RecordBackend, kind: RecordKind, name: RecordName, content: bytes
    ) -> bytes | None:
        encrypted = self._store.encrypt(name.name, content, kind.seconds)
        invalid = b""
        for _ in range(MAX_REPLACEMENTS):
            operation = backend.set_if_absent(kind, name, encrypted, invalid)
            found = await self._run(backend, operation)
            if found is None:
                return None
            existing = self._store.decrypt(name.name, found)
            if existing is not None:
                return existing
            invalid = found  # it has ended, or no process of ours has written it
        raise BackendUnavailable

    def _on_message(self, message: Message | None) -> None:
        kind, owner = None, ""
        if message is not None:
            kind, owner = msgspec.msgpack.decode(message.content, type=tuple[str, str])
        for listener in self.change_listeners:
            listener(kind, owner)

    def _build_name(self, kind: RecordKind | LogKind, owner: str, key: str = "") -> RecordName:
        owner_name = self._store.build_key(f"record.{kind.name}", owner)
        return RecordName(owner_name, f"{owner_name}:{self._store.hash_name(owner, key)}")

    async def _run(self, backend: RecordBackend, operation: Awaitable[T]) -> T:
        result = await operation
        if (self._unsent_kinds or self._deleted) and not self._is_sending:
            self._is_sending = True
            start_detached(self._send_unsent(backend))
        return result

    async def _send_unsent(self, backend: RecordBackend) -> None:
        """Store what was written and deleted while the backend was unavailable."""
        try:
            while self._deleted:
                name, kind = next(iter(self._deleted.items()))
                await backend.delete(kind, name)
                self._deleted.pop(name, None)
            for kind in list(self._unsent_kinds.values()):
                await self._send_values(backend, kind)
        except BackendUnavailable:
            return
        finally:
            self._is_sending = False

    async def _send_values(self, backend: RecordBackend, kind: RecordKind) -> None:
        for value in self._own.list_values(kind):
            name = value.name
            encrypted = self._store.encrypt(name.name, value.content, kind.seconds)
            await backend.set(kind, name, encrypted)
            # It may have changed meanwhile.
            if self._own.find(kind, name) == value.content:
                self._own.discard(kind, name)
        if next(self._own.list_values(kind), None) is None:
            self._unsent_kinds.pop(kind.name, None)


def _create_backend(store: SharedStore) -> RecordBackend | None:
    if store.file is not None:
        return FileRecords(store.file)
    return None if store.redis is None else RedisRecords(store.redis)


def _check_size(content: bytes) -> None:
    if len(content) > MAX_CONTENT_BYTES:
        raise ValueError(f"a record has at most {MAX_CONTENT_BYTES} bytes")
