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
from providers.kit.request_context import current

T = TypeVar("T")

MOST_KEYS = 10_000
KEPT_SECONDS = 86_400.0
LONGEST_KEY = 255


@dataclass
class Attempt:
    """One change: under way, or what became of it."""

    fingerprint: str
    begun: float
    flight: "asyncio.Task[None] | None" = field(default=None, repr=False)
    result: Any = field(default=None, repr=False)
    error: Exception | None = field(default=None, repr=False)

    def answer(self) -> Any:
        """What became of it, given again."""
        if self.error is not None:
            raise self.error.with_traceback(None)
        return self.result


class Idempotency:
    """The attempts of this process, the least recently asked for forgotten first.

    What failed for sure is not remembered: nothing has changed, so the key may be used again.
    """

    def __init__(
        self, capacity: int = MOST_KEYS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._capacity = capacity
        self._clock = clock
        self._attempts: OrderedDict[tuple[str, str, str], Attempt] = OrderedDict()

    async def once(
        self,
        scope: tuple[str, str],
        key: str | None,
        fingerprint: str,
        act: Callable[[], Awaitable[T]],
    ) -> T:
        """Act, unless the same was done before; `scope` is the viewer's and the change's name.

        Without a key it is always done.
        """
        if key is None:
            return await act()
        if not 1 <= len(key) <= LONGEST_KEY:
            message = f"idempotencyKey: 1 to {LONGEST_KEY} characters."
            raise BadInput(message, argument="idempotencyKey")
        attempt = self._attempt((*scope, key), fingerprint, act)
        if attempt.fingerprint != fingerprint:
            raise IdempotencyConflict("The idempotency key was used with another input.")
        return await _finished(attempt)

    def _attempt(
        self, name: tuple[str, str, str], fingerprint: str, act: Callable[[], Awaitable[Any]]
    ) -> Attempt:
        known = self._attempts.get(name)
        if known is None or self._clock() - known.begun >= KEPT_SECONDS:
            known = self._begin(name, fingerprint, act)
        self._attempts.move_to_end(name)
        while len(self._attempts) > self._capacity:
            self._attempts.popitem(last=False)
        return known

    def _begin(
        self, name: tuple[str, str, str], fingerprint: str, act: Callable[[], Awaitable[Any]]
    ) -> Attempt:
        attempt = Attempt(fingerprint, self._clock())
        self._attempts[name] = attempt
        # A task of its own: whoever stops waiting must not stop it half-way.
        attempt.flight = asyncio.get_running_loop().create_task(_run(attempt, act))
        attempt.flight.add_done_callback(lambda flight: self._land(name, attempt, flight))
        return attempt

    def _land(
        self, name: tuple[str, str, str], attempt: Attempt, flight: "asyncio.Task[None]"
    ) -> None:
        attempt.flight = None
        if flight.cancelled():
            attempt.error = _unknown()
        if _certain(attempt.error) and self._attempts.get(name) is attempt:
            del self._attempts[name]


def fingerprint_of(value: Any) -> str:
    """A short name of an input: the same for the same input."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def _certain(error: Exception | None) -> bool:
    return isinstance(error, ProviderError) and not isinstance(error, OutcomeUnknown)


async def _run(attempt: Attempt, act: Callable[[], Awaitable[Any]]) -> None:
    try:
        attempt.result = await act()
    except Exception as error:  # noqa: BLE001 - given to everybody who waits
        attempt.error = error


async def _finished(attempt: Attempt) -> Any:
    flight = attempt.flight
    if flight is not None:
        done, _ = await asyncio.wait({flight}, timeout=current().remaining())
        if not done:
            raise _unknown()
    return attempt.answer()


def _unknown() -> OutcomeUnknown:
    message = "What became of the change is not known yet: ask again with the same key."
    return OutcomeUnknown(message)
