"""Hooks for metrics and traces: upstream calls, other requests, cache lookups, token renewals."""

import asyncio
import time
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Self

import httpx
from msgspec import Struct

from providers.errors import BadResponse, TimedOut


class LookupResult(StrEnum):
    """The result of a cache lookup, as the label `result` of the metric."""

    FRESH = "fresh"
    STALE = "stale"
    STALE_IF_ERROR = "rescued"
    MISS = "miss"


class RenewalOutcome(StrEnum):
    """The outcome of a token renewal, as the label `outcome` of the metric."""

    DONE = "done"
    REJECTED = "refused"
    FAILED = "failed"


class Purpose(StrEnum):
    """What a request is for that is no upstream call."""

    SIGN_IN = "sign_in"
    WEBHOOK = "webhook"


class Instrumentation:
    """Base of what records metrics: its hooks do nothing. It also tracks detached tasks."""

    def __init__(self) -> None:
        self.rejection_listener: Callable[[str, str], None] = lambda _source, _scope: None
        # What shutdown waits for.
        self.tasks: set[asyncio.Task[Any]] = set()

    def on_call(self, source: str, outcome: str, seconds: float) -> None:
        """Record a call: its status class such as `2xx`, or why there was no response."""

    def on_wait(self, source: str, seconds: float) -> None:
        """Record how long a call waited for its rate limiter."""

    def on_lookup(self, source: str, result: LookupResult, count: int = 1) -> None:
        """Record cache lookups."""

    def on_coalesced(self, source: str) -> None:
        """Record a lookup that joined a running load."""

    def on_renewal(self, source: str, renewal: RenewalOutcome, *, caller: bool) -> None:
        """Record a token renewal, of a caller's own credential or of the operator's."""

    def on_rejected(self, source: str, scope: str) -> None:
        """Record that a source does not accept the credential of this scope."""
        self.rejection_listener(source, scope)

    def measure_call(
        self, source: str, _method: str, _host: str, started_at: float
    ) -> "UpstreamCall":
        """Time a call and record its outcome; for `with`.

        The host may have a port; `started_at` is a time of `time.monotonic`.
        """
        return UpstreamCall(instrumentation=self, source=source, started_at=started_at)

    def trace_request(
        self, _purpose: Purpose, _owner: str, _method: str, _host: str
    ) -> "OutgoingRequest":
        """Trace a request that is no upstream call; for `with`.

        The owner is the source or the name of the webhook, and the host may have a port.
        """
        return OutgoingRequest()

    def track(self, task: asyncio.Task[Any]) -> None:
        """Track a task that shutdown waits for."""
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def drain(self, seconds: float) -> None:
        """Wait for the tracked tasks, for at most `seconds`."""
        if self.tasks:
            await asyncio.wait(set(self.tasks), timeout=seconds)


class OutgoingRequest(Struct, kw_only=True, eq=False):
    """A running request; `status` is None until there is a response.

    It is sent with the `headers` as well, if there are any. `failure` says why there was no
    response, where the error itself does not.
    """

    status: int | None = None
    headers: Mapping[str, str] | None = None
    failure: str | None = None

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, _type: object, error: BaseException | None, _traceback: object) -> None:
        """Record how the request has ended."""

    def name_outcome(self, error: BaseException | None) -> str:
        """Return the status class such as `2xx`, or why there was no response."""
        if self.failure is not None:
            return self.failure
        if error is not None:
            return _name_failure(error)
        return "broken" if self.status is None else f"{self.status // 100}xx"


class UpstreamCall(OutgoingRequest, kw_only=True, eq=False):
    """A running call of a source, whose time and outcome are recorded."""

    instrumentation: Instrumentation
    source: str
    started_at: float  # by `time.monotonic`

    def __exit__(self, _type: object, error: BaseException | None, _traceback: object) -> None:
        """Record how the call has ended."""
        seconds = time.monotonic() - self.started_at
        self.instrumentation.on_call(self.source, self.name_outcome(error), seconds)


def _name_failure(error: BaseException) -> str:
    # A deadline reaches a call as a cancellation; nothing else cancels one.
    if isinstance(error, TimedOut | httpx.TimeoutException | asyncio.CancelledError):
        return "timeout"
    return "unreadable" if isinstance(error, BadResponse) else "broken"
