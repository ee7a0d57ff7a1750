"""What the kit tells whoever watches it: how calls went, by source and nothing finer."""

import asyncio
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import httpx

from providers.errors import BadResponse, TimedOut


class Lookup(StrEnum):
    """How a question was answered from memory, or not."""

    FRESH = "fresh"
    STALE = "stale"
    RESCUED = "rescued"
    MISS = "miss"


class Renewal(StrEnum):
    """How getting new tokens went."""

    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass
class Call:
    """One call under way; `status` is known once the upstream has answered."""

    status: int | None = None


class Observer:
    """Hears what happens; this one keeps nothing but the tasks nobody may be waiting for."""

    def __init__(self) -> None:
        self.on_rejected: Callable[[str, str], None] = lambda _source, _scope: None
        self._flying: set[asyncio.Task[Any]] = set()

    def called(self, source: str, outcome: str, seconds: float) -> None:
        """Hear of one call: its status class such as `2xx`, or why there was none."""

    def waited(self, source: str, seconds: float) -> None:
        """Hear how long a call had to wait for its turn."""

    def looked_up(self, source: str, result: Lookup) -> None:
        """Hear of one question to the cache."""

    def coalesced(self, source: str) -> None:
        """Hear of a question that joined another's flight."""

    def renewed(self, source: str, renewal: Renewal, *, caller: bool) -> None:
        """Hear of one attempt to get tokens: a caller's, or the operator's."""

    def rejected(self, source: str, scope: str) -> None:
        """Hear that a source does not accept the credential of this scope."""
        self.on_rejected(source, scope)

    @contextmanager
    def calling(self, source: str) -> Generator[Call]:
        """Time one call and tell its outcome."""
        call, began, outcome = Call(), time.monotonic(), "broken"
        try:
            yield call
            outcome = _status_class(call.status)
        except (TimedOut, httpx.TimeoutException, asyncio.CancelledError):
            # A deadline reaches a call as a cancellation; nobody else cancels one.
            outcome = "timeout"
            raise
        except BadResponse:
            outcome = "unreadable"
            raise
        finally:
            self.called(source, outcome, time.monotonic() - began)

    def flying(self, task: asyncio.Task[Any]) -> None:
        """Keep an eye on a task that must not be cut off when the server ends."""
        self._flying.add(task)
        task.add_done_callback(self._flying.discard)

    async def landed(self, seconds: float) -> None:
        """Wait for them, up to so many seconds."""
        if self._flying:
            await asyncio.wait(set(self._flying), timeout=seconds)


def _status_class(status: int | None) -> str:
    return "broken" if status is None else f"{status // 100}xx"
