"""Leaving a failing host alone: five failures in a row, then one probe at a time."""

import math
import time
from dataclasses import dataclass

from providers.errors import Unavailable

THRESHOLD = 5
FIRST_REST = 5.0
LONGEST_REST = 60.0


@dataclass
class Breaker:
    """One host's health. A caller's cancellation and a 4xx are no failures."""

    failures: int = 0
    rests: int = 0
    open_until: float = 0
    probing: bool = False

    def check(self, source: str) -> None:
        """Refuse at once while the host rests, but let one probe through when the rest is over."""
        if self.failures < THRESHOLD:
            return
        wait = self.open_until - time.monotonic()
        if wait > 0 or self.probing:
            message = "The source is failing and is left alone for a moment."
            raise Unavailable(message, source=source, retry_after=max(1, math.ceil(wait)))
        self.probing = True

    def succeeded(self) -> None:
        """The host answered."""
        self.failures = self.rests = 0
        self.probing = False

    def failed(self) -> None:
        """The host did not answer, or said that it cannot.

        What was on its way when the rest began is no reason for a longer one.
        """
        now = time.monotonic()
        self.failures += 1
        self.probing = False
        if self.failures >= THRESHOLD and self.open_until <= now:
            self.open_until = now + min(LONGEST_REST, FIRST_REST * 2**self.rests)
            self.rests += 1

    def abandoned(self) -> None:
        """The question was withdrawn: nothing was learned."""
        self.probing = False
