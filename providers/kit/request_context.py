"""What one operation may spend and has spent, carried along without being passed along."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace

from providers.errors import TimedOut

# What is asked for on behalf of one who names no language; definitions are shared between viewers,
# so that it cannot be the language of whoever asked first.
DEFAULT_LANGUAGE = "en-US"
# A renewal waits for its turn, which may be long: then its calls are nobody's.
REVALIDATION_WAIT_SECONDS = 0.1


@dataclass
class RequestContext:
    """One operation's deadline, language and count of upstream calls.

    `deadline` is on the clock of `time.monotonic`; `fresh` asks past what is remembered.
    """

    deadline: float
    language: str | None = None
    bypass_cache: bool = False
    caller: str = ""
    started_at: float = field(default_factory=time.time)
    calls: Counter[str] = field(default_factory=Counter[str])
    cached_count: int = 0
    coalesced_count: int = 0
    passthrough_bytes: int = 0  # bytes of answers that are passed through as they are
    charge: Callable[[str], Awaitable[None]] | None = None
    first_call: asyncio.Event | None = (
        None  # set with the first call, where somebody waits for that
    )
    revalidations: list[asyncio.Event] = field(default_factory=list[asyncio.Event])

    def get_remaining_seconds(self) -> float:
        """Seconds left; not below zero."""
        return max(0.0, self.deadline - time.monotonic())

    def count_call(self, source: str) -> None:
        """Count one upstream call."""
        self.calls[source] += 1
        if self.first_call is not None:
            self.first_call.set()

    async def wait_for_revalidations(self) -> None:
        """Be back when the renewals begun have asked, so that their calls are in the summary."""
        try:
            async with asyncio.timeout(REVALIDATION_WAIT_SECONDS):
                for first_call in self.revalidations:
                    await first_call.wait()
        except TimeoutError:
            pass

    def build_summary(self) -> dict[str, object]:
        """`extensions.upstream` of the answer."""
        return {
            "calls": dict(self.calls),
            "cached": self.cached_count,
            "coalesced": self.coalesced_count,
        }


_current: ContextVar[RequestContext | None] = ContextVar("operation", default=None)


def set_current(context: RequestContext) -> None:
    """Make this the operation of the running task and of all that it starts."""
    _current.set(context)


def get_current() -> RequestContext:
    """The operation being answered; outside of any, one with ten seconds of its own."""
    return _current.get() or RequestContext(deadline=time.monotonic() + 10)


@contextmanager
def bypass_cache(*, enabled: bool) -> Generator[None]:
    """Ask on behalf of the same operation, past what is remembered if that is `anew`."""
    context = get_current()
    if not enabled or context.bypass_cache:
        yield
        return
    inner = replace(context, bypass_cache=True, cached_count=0, coalesced_count=0)
    token = _current.set(inner)
    try:
        yield
    finally:
        _current.reset(token)
        context.cached_count += inner.cached_count
        context.coalesced_count += inner.coalesced_count


def build_timeout_error(source: str) -> TimedOut:
    """The error of an answer that did not come before the deadline."""
    return TimedOut("The source did not answer in time.", source=source)
