"""Circuit breaker of one host: opens after five failures in a row, then admits one probe."""

import math
import time
from dataclasses import dataclass

from providers.errors import Unavailable

FAILURE_THRESHOLD = 5
FIRST_OPEN_SECONDS = 5.0
MAX_OPEN_SECONDS = 60.0


@dataclass
class CircuitBreaker:
    """The health of one host. A cancelled call and a 4xx response are not failures.

    `open_until` is a time of `time.monotonic`.
    """

    failures: int = 0
    times_opened: int = 0
    open_until: float = 0
    is_probing: bool = False

    def admit(self, source: str) -> bool:
        """Raise `Unavailable` while the breaker is open; after that admit one call as a probe.

        Return whether this call is the probe.
        """
        if self.failures < FAILURE_THRESHOLD:
            return False
        wait = self.open_until - time.monotonic()
        if wait > 0 or self.is_probing:
            message = "The source is failing and is not called for a moment."
            raise Unavailable(message, source=source, retry_after=max(1, math.ceil(wait)))
        self.is_probing = True
        return True

    def record_success(self) -> None:
        """Close the breaker: the host has responded."""
        self.failures = self.times_opened = 0
        self.is_probing = False

    def record_failure(self) -> None:
        """Count a call without a response, or with a server error.

        Calls that were running when the breaker opened do not open it for longer.
        """
        now = time.monotonic()
        self.failures += 1
        self.is_probing = False
        if self.failures >= FAILURE_THRESHOLD and self.open_until <= now:
            self.open_until = now + min(MAX_OPEN_SECONDS, FIRST_OPEN_SECONDS * 2**self.times_opened)
            self.times_opened += 1

    def cancel_probe(self) -> None:
        """Admit another probe, because this one was cancelled and has no outcome."""
        self.is_probing = False
