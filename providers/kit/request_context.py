"""Context of one request: deadline, languages and upstream calls, held in a context variable."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from providers.errors import TimedOut, TooCostly
from providers.kit.freshness import Freshness

DEFAULT_DEADLINE_SECONDS = 10.0
# A revalidation may have to wait for its rate limiter. Its calls are then in no summary.
REVALIDATION_WAIT_SECONDS = 0.1


class LookupLog(Struct):
    """The cache lookups of an operation; complete while nothing else influences its response.

    `depends_on_fetch_times` if an equal value that was fetched at another time changes it.
    """

    lookups: list[Any] = []
    is_complete: bool = True
    depends_on_fetch_times: bool = False


class LoadState(Struct):
    """What has happened to a cached value while it is loaded.

    `is_invalidated` if a write has changed it since, `is_rejected` if the source has rejected the
    credential since.
    """

    is_invalidated: bool = False
    is_rejected: bool = False


class RequestContext(Struct):
    """One operation's deadline, languages and counts.

    `deadline` is in seconds on the clock of `time.monotonic`, `started_at` in seconds since 1970.
    `languages` are tags, the preferred one first. With `bypass_cache` only values that were fetched
    after `started_at` are served. `outcomes` are what this operation has loaded before it runs.
    """

    deadline: float
    languages: tuple[str, ...] = ()
    bypass_cache: bool = False
    caller: str = ""
    max_calls: int | None = None
    is_public: bool = False  # the operator's own accounts are not shown
    # No request waits for the result. With `bypass_cache` it is a poll, for which public values may
    # come from the cache.
    is_background: bool = False
    started_at: float = field(default_factory=time.time)
    calls: Counter[str] = field(default_factory=Counter[str])
    cached_count: int = 0
    coalesced_count: int = 0
    passthrough_bytes: int = 0  # of responses that are passed through unchanged
    charge: Callable[[str], Awaitable[None]] | None = None  # charges a call to the caller's quota
    first_call: asyncio.Event | None = None  # set at the first call, if something waits for it
    revalidations: list[asyncio.Event] = []  # one of its own for each context
    lookup_log: LookupLog = field(default_factory=LookupLog)
    load_state: LoadState = field(default_factory=LoadState)  # of the load that this belongs to
    outcomes: dict[tuple[str, ...], Any] = {}
    freshness: Freshness | None = None  # only where other caches may keep the response
    span: object | None = None  # the operation's, while traces are exported

    def get_remaining_seconds(self, now: float | None = None) -> float:
        """Return the seconds up to the deadline, at least 0.

        `now` is a time of `time.monotonic` where it is known.
        """
        seconds = self.deadline - (time.monotonic() if now is None else now)
        return seconds if seconds > 0 else 0.0

    def count_call(self, source: str) -> None:
        """Count one upstream call; raise `TooCostly` for one more than the request may make.

        The estimate that is made before execution can be too low, as for a cursor deep in a list.
        """
        if self.max_calls is not None and sum(self.calls.values()) >= self.max_calls:
            message = f"The operation needs more than {self.max_calls:,} upstream calls."
            error = TooCostly(message, source=source)
            error.limit = self.max_calls
            raise error
        self.calls[source] += 1
        if self.first_call is not None:
            self.first_call.set()

    def forbid_reuse(self) -> None:
        """Note that the response depends on more than cached values, such as the time."""
        self.lookup_log.is_complete = False

    def forbid_sharing(self) -> None:
        """Note that no other cache may keep the response: a source failed, or time changes it."""
        if self.freshness is not None:
            self.freshness.is_lasting = False

    def note_fetch_time(self) -> None:
        """Note that the response depends on when a value was fetched."""
        self.lookup_log.depends_on_fetch_times = True

    async def wait_for_revalidations(self) -> None:
        """Wait until the started revalidations have made a call, so that the summary counts it."""
        if not self.revalidations:
            return
        try:
            async with asyncio.timeout(REVALIDATION_WAIT_SECONDS):
                for first_call in self.revalidations:
                    await first_call.wait()
        except TimeoutError:
            pass

    def build_summary(self) -> dict[str, object]:
        """Build `extensions.upstream` of the response."""
        return {
            "calls": dict(self.calls),
            "cached": self.cached_count,
            "coalesced": self.coalesced_count,
        }


_current: ContextVar[RequestContext | None] = ContextVar("request_context", default=None)


def set_current(context: RequestContext) -> None:
    """Set the context of the running task and of all tasks that it starts."""
    _current.set(context)


def get_current() -> RequestContext:
    """Return the current context; outside of a request, a new one with ten seconds."""
    return _current.get() or RequestContext(time.monotonic() + DEFAULT_DEADLINE_SECONDS)


@contextmanager
def bypass_cache(*, enabled: bool) -> Generator[None]:
    """Bypass the cache in this block, if enabled; everything is counted for the same request.

    What the request has fetched before the block is fetched again, too.
    """
    context = get_current()
    if not enabled:
        yield
        return
    inner = replace(
        context, bypass_cache=True, started_at=time.time(), cached_count=0, coalesced_count=0
    )
    token = _current.set(inner)
    try:
        yield
    finally:
        _current.reset(token)
        context.cached_count += inner.cached_count
        context.coalesced_count += inner.coalesced_count


def build_timeout_error(source: str) -> TimedOut:
    """Build the error of a response that did not arrive before the deadline."""
    return TimedOut("The source did not answer in time.", source=source)
