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


class LookupResult(StrEnum):
    """How a question was answered from memory, or not."""

    FRESH = "fresh"
    STALE = "stale"
    STALE_IF_ERROR = "rescued"
    MISS = "miss"


class RenewalOutcome(StrEnum):
    """How getting new tokens went."""

    DONE = "done"
    REJECTED = "refused"
    FAILED = "failed"


@dataclass
class UpstreamCall:
    """One call under way; `status` is known once the upstream has answered."""

    status: int | None = None


class Instrumentation:
    """Hears what happens; this one keeps nothing but the tasks nobody may be waiting for."""

    def __init__(self) -> None:
        self.rejection_listener: Callable[[str, str], None] = lambda _source, _scope: None
        self._tasks: set[asyncio.Task[Any]] = set()

    def on_call(self, source: str, outcome: str, seconds: float) -> None:
        """Hear of one call: its status class such as `2xx`, or why there was none."""

    def on_wait(self, source: str, seconds: float) -> None:
        """Hear how long a call had to wait for its turn."""

    def on_lookup(self, source: str, result: LookupResult) -> None:
        """Hear of one question to the cache."""

    def on_coalesced(self, source: str) -> None:
        """Hear of a question that joined another's flight."""

    def on_renewal(self, source: str, renewal: RenewalOutcome, *, caller: bool) -> None:
        """Hear of one attempt to get tokens: a caller's, or the operator's."""

    def on_rejected(self, source: str, scope: str) -> None:
        """Hear that a source does not accept the credential of this scope."""
        self.rejection_listener(source, scope)

    @contextmanager
    def measure_call(self, source: str) -> Generator[UpstreamCall]:
        """Time one call and tell its outcome."""
        call, started_at, outcome = UpstreamCall(), time.monotonic(), "broken"
        try:
            yield call
            outcome = _format_status_class(call.status)
        except (TimedOut, httpx.TimeoutException, asyncio.CancelledError):
            # A deadline reaches a call as a cancellation; nobody else cancels one.
            outcome = "timeout"
            raise
        except BadResponse:
            outcome = "unreadable"
            raise
        finally:
            self.on_call(source, outcome, time.monotonic() - started_at)

    def track(self, task: asyncio.Task[Any]) -> None:
        """Keep an eye on a task that must not be cut off when the server ends."""
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def drain(self, seconds: float) -> None:
        """Wait for them, up to so many seconds."""
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=seconds)


def _format_status_class(status: int | None) -> str:
    return "broken" if status is None else f"{status // 100}xx"
