"""The shared store in a file: values, leases, and messages between the processes that use it."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from providers.kit.shared.file import housekeeping, processes
from providers.kit.shared.file.connection import FileConnection, FileUnavailable
from providers.kit.shared.file.cursor import Cursor, SqlValue
from providers.kit.shared.file.processes import Changes
from providers.kit.shared.file.stored_ids import LEAST_ID, MAX_LISTED, StoredIds, list_ids
from providers.kit.shared.file.unwritten_values import (
    StoredValue,
    UnwrittenValue,
    UnwrittenValues,
    hash_name,
)
from providers.kit.shared.store_backend import LazyValue, OnMessage

POLL_SECONDS = 0.2
# A process that is alone looks for others so often.
POLL_SECONDS_ALONE = 1.0
HEARTBEAT_SECONDS = 5.0
# Until then a process that has just started takes all others that it finds for running.
FIRST_SECONDS = 3.0
HOUSEKEEPING_SECONDS = 60.0
# The file is looked at for its size after so much of its bound was written.
EVICTION_SHARE = 1 / 256
MAX_VALUE_SHARE = 1 / 16

GET = "SELECT expires_at, used_at, content FROM stored_values WHERE id = ?"
GET_LEASE = "SELECT token, ends_at FROM leases WHERE id = ?"
SET_LEASE = "INSERT OR REPLACE INTO leases (id, token, ends_at) VALUES (?, ?, ?)"
EXTEND_LEASE = "UPDATE leases SET ends_at = ? WHERE id = ? AND token = ?"
RELEASE_LEASE = "DELETE FROM leases WHERE id = ? AND token = ?"


class FileBackend:
    """What all processes with one file share.

    A message does not reach the process that has sent it. Without other processes none is stored.
    """

    def __init__(self, file: FileConnection) -> None:
        """Create the backend of a file that is not open yet."""
        self.file = file
        self._listeners: dict[int, list[OnMessage]] = {}
        self._last_message_id = 0
        self._others: list[float] = []
        self._registered_at = 0.0
        self._poll_task: asyncio.Task[None] | None = None
        self._used_ids: set[int] = set()
        self._stored_ids = StoredIds(file.max_bytes)
        self._unwritten = UnwrittenValues(file, self._stored_ids.add)
        self._unchecked_bytes = 0
        file.owed_instead = housekeeping.evict_all
        file.watch(self._read_changes, self._on_changes)
        file.reconnect_listeners.append(self._on_recovery)

    @property
    def process_id(self) -> str:
        """The name of this process."""
        return self.file.process_id

    @property
    def is_unavailable(self) -> bool:
        """Whether the file was tried and could not be used."""
        return self.file.is_unavailable

    @property
    def reconnect_listeners(self) -> list[Callable[[], None]]:
        """The functions that are called when the file can be used again."""
        return self.file.reconnect_listeners

    @property
    def has_others(self) -> bool:
        """Whether other processes were seen within the last seconds."""
        if not self._others:
            return False
        seen_after = self._get_seen_after()
        return any(seen_at > seen_after for seen_at in self._others)

    async def open(self) -> None:
        """Open the file, and say that this process uses it."""
        await self.file.open()
        await self._register()
        self._poll_task = asyncio.get_running_loop().create_task(self._poll())

    async def aclose(self) -> None:
        """Do what waits, and say that this process has ended."""
        if self._poll_task is not None:
            self._poll_task.cancel()
        self.flush_uses()
        self.file.send(lambda cursor: processes.unregister(cursor, self.process_id))
        await self.file.aclose()

    def is_absent(self, name: str, since: float) -> bool:
        """Return whether the file has no value, as this process knows without looking.

        It knows that if it was alone when it last looked, which was after `since`.
        """
        if self.file.looked_at < since:
            return False
        value_id = hash_name(name)
        return not self._stored_ids.may_be_stored(value_id) and value_id not in self._unwritten

    async def get(self, name: str, max_bytes: int) -> bytes | None:
        """Return a value; None if there is none, or a longer one."""
        value_id = hash_name(name)
        if value_id in self._unwritten:
            unwritten = self._unwritten.get(value_id)
            value = None if unwritten is None else unwritten.encrypt()
        else:
            row = await self.file.look_up(fetch_row(GET, (value_id,)))
            value = None if row is None else StoredValue(*row)
        if value is None or time.time() >= value.expires_at or len(value.content) > max_bytes:
            return None
        if value.used_at is not None and housekeeping.is_use_outdated(value.used_at):
            self._used_ids.add(value_id)
        return value.content

    async def set(self, value: LazyValue, seconds: float, *, is_evictable: bool) -> None:
        """Store a value, and wait until it is in the file."""
        self.set_nowait(value, seconds, is_evictable=is_evictable)
        await self.finish_writes()

    def set_nowait(self, value: LazyValue, seconds: float, *, is_evictable: bool) -> None:
        """Store a value; one that is not evictable stays for its time."""
        if is_evictable and value.max_bytes > self.file.max_bytes * MAX_VALUE_SHARE:
            return
        now = time.time()
        used_at = int(now) if is_evictable else None
        self._unwritten.add(UnwrittenValue(now + seconds, used_at, value))
        self._unchecked_bytes += value.max_bytes
        if self._unchecked_bytes > self.file.max_bytes * EVICTION_SHARE:
            self._unchecked_bytes = 0
            self.file.send(
                partial(housekeeping.evict, max_bytes=self.file.max_bytes), may_wait=True
            )

    def delete_nowait(self, name: str) -> None:
        """Delete a value, after a recovery if need be."""
        self._unwritten.delete(hash_name(name))

    async def finish_writes(self) -> None:
        """Wait until what was stored and deleted so far is in the file."""
        await self.file.execute(_do_nothing)

    def publish(self, topic: str, content: bytes) -> None:
        """Send a message to the other processes, after a recovery if need be."""
        send = partial(
            processes.send_message,
            process_id=self.process_id,
            topic=hash_name(topic),
            content=content,
            seen_after=self._get_seen_after(),
        )
        self.file.send(send, len(content), is_owed=True)

    def subscribe(self, topic: str, on_message: OnMessage) -> None:
        """Call a function with each message, and with None if messages may have been missed."""
        self._listeners.setdefault(hash_name(topic), []).append(on_message)

    def flush_uses(self) -> None:
        """Write which values were looked up since the last time."""
        ids, self._used_ids = self._used_ids, set()
        if ids:
            self.file.send(partial(housekeeping.mark_used, ids=ids))

    async def acquire_lease(self, name: str, token: bytes, ttl: float) -> bytes | None:
        """Become the holder of a name unless it has one; return the token of the holder."""
        lease_id = hash_name(name)

        def acquire(cursor: Cursor) -> bytes:
            holder = _find_holder(cursor, lease_id, ttl)
            if holder is not None:
                return holder
            cursor.execute(SET_LEASE, (lease_id, token, time.time() + ttl))
            return token

        return await self.file.execute(acquire)

    async def read_lease(self, name: str, ttl: float) -> bytes | None:
        """Return the token of the holder; None if there is none, or one without a valid end."""
        return await self.file.read(partial(_find_holder, lease_id=hash_name(name), ttl=ttl))

    def extend_lease(self, name: str, token: bytes, ttl: float) -> None:
        """Hold a name for `ttl` from now on, unless it has another holder by now."""
        row = (time.time() + ttl, hash_name(name), token)
        self.file.send(run_statement(EXTEND_LEASE, row))

    def release_lease(self, name: str, token: bytes) -> None:
        """Release a name, unless it has another holder by now."""
        self.file.send(run_statement(RELEASE_LEASE, (hash_name(name), token)))

    def _get_seen_after(self) -> float:
        """Return since when a process was seen that is taken for running."""
        now = time.time()
        is_new = now < self._registered_at + FIRST_SECONDS
        return 0 if is_new else now - processes.PROCESS_TTL

    async def _register(self) -> None:
        self._registered_at = time.time()
        try:
            self._last_message_id = await self.file.execute(
                partial(processes.register, process_id=self.process_id)
            )
        except FileUnavailable:
            return

    def _on_recovery(self) -> None:
        # The other processes may have sent messages that were not read, or another file is here.
        self._stored_ids.forget()
        self._notify_missed()
        asyncio.get_running_loop().create_task(self._register())

    def _read_changes(self, cursor: Cursor) -> Changes:
        return processes.read_changes(cursor, self.process_id, self._last_message_id)

    def _on_changes(self, changes: Changes) -> None:
        self._stored_ids.forget()
        was_alone = not self.has_others
        self._others = changes.others
        self._last_message_id = changes.last_message_id
        if was_alone and self.has_others:
            self._send_heartbeat()
        if changes.has_missed:
            self._notify_missed()
            return
        for message in changes.messages:
            for on_message in self._listeners.get(message.topic, ()):
                on_message(message.content)

    def _notify_missed(self) -> None:
        for listeners in self._listeners.values():
            for on_message in listeners:
                on_message(None)

    async def _poll(self) -> None:
        loop = asyncio.get_running_loop()
        heartbeat_at = housekeeping_at = loop.time()
        while True:
            await self._learn_ids()
            await asyncio.sleep(POLL_SECONDS if self.has_others else POLL_SECONDS_ALONE)
            try:
                await self.file.read(_do_nothing)  # every batch looks for changes
            except FileUnavailable:
                continue
            if loop.time() > heartbeat_at + HEARTBEAT_SECONDS and self.has_others:
                heartbeat_at = loop.time()
                self._send_heartbeat()
            if loop.time() > housekeeping_at + HOUSEKEEPING_SECONDS:
                housekeeping_at = loop.time()
                self.flush_uses()
                self.file.send(housekeeping.clean)

    async def _learn_ids(self) -> None:
        """List what is in the file while this process is alone, so that no absence is looked up."""
        if self.has_others or not self._stored_ids.is_outdated:
            return
        self._stored_ids.begin_list()
        first: int | None = LEAST_ID
        with suppress(FileUnavailable):
            while first is not None:
                ids = await self.file.look_up(partial(list_ids, first=first))
                self._stored_ids.add_listed(ids)
                first = ids[-1] + 1 if len(ids) == MAX_LISTED else None
            self._stored_ids.complete_list()

    def _send_heartbeat(self) -> None:
        self.file.send(partial(processes.register, process_id=self.process_id))


def fetch_row(
    query: str, bindings: tuple[SqlValue, ...]
) -> Callable[[Cursor], tuple[Any, ...] | None]:
    """Return the operation that runs a query and returns its first row, or None."""
    return lambda cursor: cursor.execute(query, bindings).fetchone()


def run_statement(statement: str, bindings: tuple[SqlValue, ...]) -> Callable[[Cursor], None]:
    """Return the operation that runs a statement."""

    def run(cursor: Cursor) -> None:
        cursor.execute(statement, bindings)

    return run


def _find_holder(cursor: Cursor, lease_id: int, ttl: float) -> bytes | None:
    row = cursor.execute(GET_LEASE, (lease_id,)).fetchone()
    # After a change of the clock an end may be further away than any lease has.
    return row[0] if row is not None and 0 < row[1] - time.time() <= ttl else None


def _do_nothing(_cursor: Cursor) -> None:
    pass
