"""Idempotency keys: a mutation sent twice under one key is executed once, by any process."""

import asyncio
import hashlib
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, TypeVar

import msgspec
from msgspec import Raw, Struct

from providers.errors import BadInput, IdempotencyConflict, OutcomeUnknown, ProviderError
from providers.kit.detached_task import start_detached, wait_until_deadline
from providers.kit.request_context import get_current
from providers.kit.shared.durable_records import DurableRecords
from providers.kit.shared.record_backend import RecordKind

T = TypeVar("T")

WRITES = RecordKind("write", seconds=86_400, max_per_owner=1_000, is_synchronous=True)
MAX_KEY_LENGTH = 255
# A write ends at its request's deadline; so many seconds later its process has died meanwhile.
MAX_DELAY_SECONDS = 5.0
FIRST_POLL_SECONDS, MAX_POLL_SECONDS, POLL_GROWTH = 0.01, 0.25, 1.5

NO_RESULT = Raw(b"\xc0")  # MessagePack's null

WriteKey = tuple[str, str, str]


class WriteState(IntEnum):
    """What is known of a write."""

    BEGUN = 0
    DONE = 1
    UNKNOWN = 2


class StoredWrite(Struct, array_like=True, frozen=True):
    """A write as all processes know it; `ends_by` is in seconds since 1970."""

    fingerprint: str
    state: WriteState
    ends_by: float = 0.0
    result: Raw = NO_RESULT


@dataclass(eq=False)
class RunningWrite:
    """A write that this process performs, or whose outcome it waits for."""

    fingerprint: str
    task: "asyncio.Task[Any]" = field(init=False, repr=False)

    def get_result(self) -> Any:
        """Return the result, or raise the error."""
        if self.task.cancelled():
            raise _build_lost_error()
        error = self.task.exception()
        if error is not None:
            raise error.with_traceback(None)
        return self.task.result()


class IdempotencyStore:
    """The writes of the last day by key, in the durable records of all processes.

    A write is recorded before it begins, so that it is not repeated if its process dies. One that
    certainly failed is not recorded: it changed nothing, so its key may be used again.
    """

    def __init__(self, records: DurableRecords | None = None) -> None:
        self._records = records or DurableRecords()
        self._running: dict[WriteKey, RunningWrite] = {}

    async def run_once(
        self,
        scope: tuple[str, str],
        key: str | None,
        fingerprint: str,
        result_type: type[T],
        action: Callable[[], Awaitable[T]],
    ) -> T:
        """Run a write, or return the outcome of the same write; without a key always run it.

        `scope` is the viewer and the mutation's name; `fingerprint` is the hash of its input.
        Raise `BadInput` for an invalid key, `IdempotencyConflict` for a key that was used with
        another input, `OutcomeUnknown` at the deadline, and for a write whose process has died.
        """
        if key is None:
            return await action()
        check_key(key)
        write = self._find_or_start((*scope, key), fingerprint, result_type, action)
        if write.fingerprint != fingerprint:
            raise _build_conflict()
        if not await wait_until_deadline(write.task):
            raise _build_unknown_error()
        return write.get_result()

    def _find_or_start(
        self,
        key: WriteKey,
        fingerprint: str,
        result_type: type[T],
        action: Callable[[], Awaitable[T]],
    ) -> RunningWrite:
        write = self._running.get(key)
        if write is None:
            write = self._running[key] = RunningWrite(fingerprint)
            # Detached, because a caller who disconnects must not stop a write halfway.
            write.task = start_detached(self._run(key, fingerprint, result_type, action))
            write.task.add_done_callback(lambda _: self._running.pop(key))
        return write

    async def _run(
        self,
        key: WriteKey,
        fingerprint: str,
        result_type: type[T],
        action: Callable[[], Awaitable[T]],
    ) -> T:
        """Perform the write, unless a process has begun it: then wait for its outcome."""
        pause = FIRST_POLL_SECONDS
        while (found := await self._begin(key, fingerprint)) is not None:
            if found.fingerprint != fingerprint:
                raise _build_conflict()
            if found.state == WriteState.DONE:
                return _decode_result(found, result_type)
            if found.state == WriteState.UNKNOWN or time.time() >= found.ends_by:
                raise _build_lost_error()
            await asyncio.sleep(pause)
            pause = min(MAX_POLL_SECONDS, pause * POLL_GROWTH)
        return await self._perform(key, fingerprint, action)

    async def _perform(
        self, key: WriteKey, fingerprint: str, action: Callable[[], Awaitable[T]]
    ) -> T:
        try:
            result = await action()
        except (Exception, asyncio.CancelledError) as error:
            if isinstance(error, ProviderError) and not isinstance(error, OutcomeUnknown):
                await self._records.delete(WRITES, *_build_name(key))
            else:
                await self._store(key, StoredWrite(fingerprint, WriteState.UNKNOWN))
            raise
        encoded = Raw(msgspec.msgpack.encode(result))
        await self._store(key, StoredWrite(fingerprint, WriteState.DONE, result=encoded))
        return result

    async def _begin(self, key: WriteKey, fingerprint: str) -> StoredWrite | None:
        """Record that the write begins; return what is recorded already."""
        ends_by = time.time() + get_current().get_remaining_seconds() + MAX_DELAY_SECONDS
        begun = msgspec.msgpack.encode(StoredWrite(fingerprint, WriteState.BEGUN, ends_by))
        found = await self._records.set_if_absent(WRITES, *_build_name(key), begun)
        return None if found is None else _decode_write(found, fingerprint)

    async def _store(self, key: WriteKey, write: StoredWrite) -> None:
        await self._records.set(WRITES, *_build_name(key), msgspec.msgpack.encode(write))


def check_key(key: str) -> None:
    """Raise `BadInput` for an idempotency key that is empty or too long."""
    if not 1 <= len(key) <= MAX_KEY_LENGTH:
        message = f"idempotencyKey must have from 1 to {MAX_KEY_LENGTH} characters."
        raise BadInput(message, argument="idempotencyKey")


def hash_input(value: Any) -> str:
    """Return the hash of an input; the order of its fields does not matter."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def _build_name(key: WriteKey) -> tuple[str, str]:
    """Return the owner and the key of a record."""
    viewer, operation, own_key = key
    return viewer, f"{operation} {hash_input(own_key)}"


def _decode_write(content: bytes, fingerprint: str) -> StoredWrite:
    try:
        return msgspec.msgpack.decode(content, type=StoredWrite)
    except (msgspec.MsgspecError, UnicodeError):  # of another version of the server
        return StoredWrite(fingerprint, WriteState.UNKNOWN)


def _decode_result(write: StoredWrite, result_type: type[T]) -> T:
    try:
        return msgspec.msgpack.decode(write.result, type=result_type)
    except (msgspec.MsgspecError, UnicodeError):  # of another version of the server
        raise _build_lost_error() from None


def _build_conflict() -> IdempotencyConflict:
    return IdempotencyConflict("The idempotency key was used with another input: choose a new key.")


def _build_unknown_error() -> OutcomeUnknown:
    message = "The outcome of the change is not known yet: send it again with the same key."
    return OutcomeUnknown(message)


def _build_lost_error() -> OutcomeUnknown:
    message = "Whether the change has happened is not known: check it before you repeat it."
    return OutcomeUnknown(message)
