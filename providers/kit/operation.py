"""What one operation may spend and has spent, carried along without being passed along."""

import time
from collections import Counter
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field

from providers.errors import TimedOut


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
    spend: Callable[[str], None] | None = None

    def remaining(self) -> float:
        """Seconds left; not below zero."""
        return max(0.0, self.deadline - time.monotonic())

    def called(self, source: str) -> None:
        """Count one upstream call, and refuse it when the caller has spent his share."""
        if self.spend is not None:
            self.spend(source)
        self.calls[source] += 1

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


def late(source: str) -> TimedOut:
    """The error of an answer that did not come before the deadline."""
    return TimedOut("The source did not answer in time.", source=source)
