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
LANGUAGE = "en-US"
# A renewal waits for its turn, which may be long: then its calls are nobody's.
SETTLING_SECONDS = 0.1


@dataclass
class Operation:
    """One operation's deadline, language and count of upstream calls.

    `deadline` is on the clock of `time.monotonic`; `fresh` asks past what is remembered.
    """

    deadline: float
    language: str | None = None
    fresh: bool = False
    caller: str = ""
    started: float = field(default_factory=time.time)
    calls: Counter[str] = field(default_factory=Counter[str])
    cached: int = 0
    coalesced: int = 0
    handed_on: int = 0  # bytes of answers that are passed through as they are
    spend: Callable[[str], Awaitable[None]] | None = None
    asked: asyncio.Event | None = None  # set with the first call, where somebody waits for that
    renewals: list[asyncio.Event] = field(default_factory=list[asyncio.Event])

    def remaining(self) -> float:
        """Seconds left; not below zero."""
        return max(0.0, self.deadline - time.monotonic())

    def ask(self, source: str) -> None:
        """Count one upstream call."""
        self.calls[source] += 1
        if self.asked is not None:
            self.asked.set()

    async def settled(self) -> None:
        """Be back when the renewals begun have asked, so that their calls are in the summary."""
        try:
            async with asyncio.timeout(SETTLING_SECONDS):
                for asked in self.renewals:
                    await asked.wait()
        except TimeoutError:
            pass

    def summary(self) -> dict[str, object]:
        """`extensions.upstream` of the answer."""
        return {"calls": dict(self.calls), "cached": self.cached, "coalesced": self.coalesced}


_current: ContextVar[Operation | None] = ContextVar("operation", default=None)


def begin(operation: Operation) -> None:
    """Make this the operation of the running task and of all that it starts."""
    _current.set(operation)


def current() -> Operation:
    """The operation being answered; outside of any, one with ten seconds of its own."""
    return _current.get() or Operation(deadline=time.monotonic() + 10)


@contextmanager
def asking(*, anew: bool) -> Generator[None]:
    """Ask on behalf of the same operation, past what is remembered if that is `anew`."""
    operation = current()
    if not anew or operation.fresh:
        yield
        return
    inner = replace(operation, fresh=True, cached=0, coalesced=0)
    token = _current.set(inner)
    try:
        yield
    finally:
        _current.reset(token)
        operation.cached += inner.cached
        operation.coalesced += inner.coalesced


def late(source: str) -> TimedOut:
    """The error of an answer that did not come before the deadline."""
    return TimedOut("The source did not answer in time.", source=source)
