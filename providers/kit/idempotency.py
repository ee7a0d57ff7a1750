"""A change that is asked for twice under one key happens once and is answered alike."""

import asyncio
import hashlib
import json
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from providers.errors import BadInput, IdempotencyConflict, OutcomeUnknown, ProviderError
from providers.kit.request_context import get_current

T = TypeVar("T")

MAX_KEYS = 10_000
KEY_TTL = 86_400.0
MAX_KEY_LENGTH = 255


@dataclass
class IdempotentWrite:
    """One change: under way, or what became of it."""

    fingerprint: str
    started_at: float
    task: "asyncio.Task[None] | None" = field(default=None, repr=False)
    result: Any = field(default=None, repr=False)
    error: Exception | None = field(default=None, repr=False)

    def get_result(self) -> Any:
        """What became of it, given again."""
        if self.error is not None:
            raise self.error.with_traceback(None)
        return self.result


class IdempotencyStore:
    """The attempts of this process, the least recently asked for forgotten first.

    What failed for sure is not remembered: nothing has changed, so the key may be used again.
    """

    def __init__(
        self, capacity: int = MAX_KEYS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._capacity = capacity
        self._clock = clock
        self._writes: OrderedDict[tuple[str, str, str], IdempotentWrite] = OrderedDict()

    async def run_once(
        self,
        scope: tuple[str, str],
        key: str | None,
        fingerprint: str,
        action: Callable[[], Awaitable[T]],
    ) -> T:
        """Act, unless the same was done before; `scope` is the viewer's and the change's name.

        Without a key it is always done.
        """
        if key is None:
            return await action()
        if not 1 <= len(key) <= MAX_KEY_LENGTH:
            message = f"idempotencyKey: 1 to {MAX_KEY_LENGTH} characters."
            raise BadInput(message, argument="idempotencyKey")
        write = self._find_or_start((*scope, key), fingerprint, action)
        if write.fingerprint != fingerprint:
            raise IdempotencyConflict("The idempotency key was used with another input.")
        return await _wait_for_result(write)

    def _find_or_start(
        self, name: tuple[str, str, str], fingerprint: str, action: Callable[[], Awaitable[Any]]
    ) -> IdempotentWrite:
        write = self._writes.get(name)
        if write is None or self._clock() - write.started_at >= KEY_TTL:
            write = self._start(name, fingerprint, action)
        self._writes.move_to_end(name)
        while len(self._writes) > self._capacity:
            self._writes.popitem(last=False)
        return write

    def _start(
        self, name: tuple[str, str, str], fingerprint: str, action: Callable[[], Awaitable[Any]]
    ) -> IdempotentWrite:
        write = IdempotentWrite(fingerprint, self._clock())
        self._writes[name] = write
        # A task of its own: whoever stops waiting must not stop it half-way.
        write.task = asyncio.get_running_loop().create_task(_run(write, action))
        write.task.add_done_callback(lambda flight: self._finish(name, write, flight))
        return write

    def _finish(
        self, name: tuple[str, str, str], write: IdempotentWrite, task: "asyncio.Task[None]"
    ) -> None:
        write.task = None
        if task.cancelled():
            write.error = _build_unknown_error()
        if _is_certain(write.error) and self._writes.get(name) is write:
            del self._writes[name]


def hash_input(value: Any) -> str:
    """A short name of an input: the same for the same input."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def _is_certain(error: Exception | None) -> bool:
    return isinstance(error, ProviderError) and not isinstance(error, OutcomeUnknown)


async def _run(write: IdempotentWrite, action: Callable[[], Awaitable[Any]]) -> None:
    try:
        write.result = await action()
    except Exception as error:  # noqa: BLE001 - given to everybody who waits
        write.error = error


async def _wait_for_result(write: IdempotentWrite) -> Any:
    task = write.task
    if task is not None:
        done, _ = await asyncio.wait({task}, timeout=get_current().get_remaining_seconds())
        if not done:
            raise _build_unknown_error()
    return write.get_result()


def _build_unknown_error() -> OutcomeUnknown:
    message = "What became of the change is not known yet: ask again with the same key."
    return OutcomeUnknown(message)
