"""Idempotency keys: a mutation sent twice under one key is executed once."""

import asyncio
import hashlib
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from cachetools import LRUCache

from providers.errors import BadInput, IdempotencyConflict, OutcomeUnknown, ProviderError
from providers.kit.detached_task import start_detached, wait_until_deadline

T = TypeVar("T")

MAX_KEYS = 10_000
KEY_TTL = 86_400.0  # seconds
MAX_KEY_LENGTH = 255

WriteKey = tuple[str, str, str]


@dataclass
class IdempotentWrite:
    """A write that is running (`task`), or its result or error."""

    fingerprint: str
    started_at: float
    task: "asyncio.Task[None] | None" = field(default=None, repr=False)
    result: Any = field(default=None, repr=False)
    error: Exception | None = field(default=None, repr=False)

    def get_result(self) -> Any:
        """Return the result, or raise the error."""
        if self.error is not None:
            raise self.error.with_traceback(None)
        return self.result


class IdempotencyStore:
    """The writes of this process by key: at most `capacity`, the least recently used go first.

    A write that certainly failed is not stored: it changed nothing, so its key may be used again.
    """

    def __init__(
        self, capacity: int = MAX_KEYS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._writes: LRUCache[WriteKey, IdempotentWrite] = LRUCache(capacity)

    async def run_once(
        self,
        scope: tuple[str, str],
        key: str | None,
        fingerprint: str,
        action: Callable[[], Awaitable[T]],
    ) -> T:
        """Run a write, or return the outcome of the same write; without a key always run it.

        `scope` is the viewer and the mutation's name; `fingerprint` is the hash of its input.
        Raise `BadInput` for an invalid key, `IdempotencyConflict` for a key that was used with
        another input, `OutcomeUnknown` at the deadline.
        """
        if key is None:
            return await action()
        check_key(key)
        write = self._find_or_start((*scope, key), fingerprint, action)
        if write.fingerprint != fingerprint:
            message = "The idempotency key was used with another input: choose a new key."
            raise IdempotencyConflict(message)
        return await _wait_for_result(write)

    def _find_or_start(
        self, key: WriteKey, fingerprint: str, action: Callable[[], Awaitable[Any]]
    ) -> IdempotentWrite:
        write = self._writes.get(key)
        if write is None or self._clock() - write.started_at >= KEY_TTL:
            write = self._start(key, fingerprint, action)
        return write

    def _start(
        self, key: WriteKey, fingerprint: str, action: Callable[[], Awaitable[Any]]
    ) -> IdempotentWrite:
        write = self._writes[key] = IdempotentWrite(fingerprint, self._clock())
        # Detached, because a caller who disconnects must not stop a write halfway.
        write.task = start_detached(_run(write, action))
        write.task.add_done_callback(lambda task: self._finish(key, write, task))
        return write

    def _finish(self, key: WriteKey, write: IdempotentWrite, task: "asyncio.Task[None]") -> None:
        write.task = None
        if task.cancelled():
            write.error = _build_unknown_error()
        if _has_certainly_failed(write) and self._writes.get(key) is write:
            del self._writes[key]


def check_key(key: str) -> None:
    """Raise `BadInput` for an idempotency key that is empty or too long."""
    if not 1 <= len(key) <= MAX_KEY_LENGTH:
        message = f"idempotencyKey must have from 1 to {MAX_KEY_LENGTH} characters."
        raise BadInput(message, argument="idempotencyKey")


def hash_input(value: Any) -> str:
    """Return the hash of an input; the order of its fields does not matter."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def _has_certainly_failed(write: IdempotentWrite) -> bool:
    return isinstance(write.error, ProviderError) and not isinstance(write.error, OutcomeUnknown)


async def _run(write: IdempotentWrite, action: Callable[[], Awaitable[Any]]) -> None:
    try:
        write.result = await action()
    except Exception as error:  # noqa: BLE001 - raised again for every request that waits
        write.error = error


async def _wait_for_result(write: IdempotentWrite) -> Any:
    if write.task is not None and not await wait_until_deadline(write.task):
        raise _build_unknown_error()
    return write.get_result()


def _build_unknown_error() -> OutcomeUnknown:
    message = "The outcome of the change is not known yet: send it again with the same key."
    return OutcomeUnknown(message)
