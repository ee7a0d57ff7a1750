"""Leaving a failing host alone: five failures in a row, then one probe at a time."""

import math
import time
from dataclasses import dataclass

from providers.errors import Unavailable

FAILURE_THRESHOLD = 5
FIRST_OPEN_SECONDS = 5.0
MAX_OPEN_SECONDS = 60.0


@dataclass
class CircuitBreaker:
    """One host's health. A caller's cancellation and a 4xx are no failures."""

    failures: int = 0
    times_opened: int = 0
    open_until: float = 0
    is_probing: bool = False

    def admit(self, source: str) -> None:
        """Refuse at once while the host rests, but let one probe through when the rest is over."""
        if self.failures < FAILURE_THRESHOLD:
            return
        wait = self.open_until - time.monotonic()
        if wait > 0 or self.is_probing:
            message = "The source is failing and is left alone for a moment."
            raise Unavailable(message, source=source, retry_after=max(1, math.ceil(wait)))
        self.is_probing = True

    def record_success(self) -> None:
        """The host answered."""
        self.failures = self.times_opened = 0
        self.is_probing = False

    def record_failure(self) -> None:
        """The host did not answer, or said that it cannot.

        What was on its way when the rest began is no reason for a longer one.
        """
        now = time.monotonic()
        self.failures += 1
        self.is_probing = False
        if self.failures >= FAILURE_THRESHOLD and self.open_until <= now:
            self.open_until = now + min(MAX_OPEN_SECONDS, FIRST_OPEN_SECONDS * 2**self.times_opened)
            self.times_opened += 1

    def cancel_probe(self) -> None:
        """The question was withdrawn: nothing was learned."""
        self.is_probing = False
