"""Limits of concurrent operations: what is over them is rejected at once, never queued."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from server.request_error import RequestRejected

MAX_CONCURRENT_OPERATIONS = 200
MAX_CONCURRENT_STRANGERS = 20
# A value takes about a kilobyte of memory from its record to the encoded response.
MAX_CONCURRENT_VALUES = 200_000
LIGHT_VALUES = 1_000  # up to so many, the limit of operations is enough


@dataclass
class ConcurrencyLimit:
    """The operations that are being executed, and their limits.

    Strangers, whose credentials no source has accepted yet, have places of their own, so that they
    can never take those of others. `values_in_flight` are the estimated values of large operations.
    A request whose body is being received does not count, nor does a response that is being sent:
    how long either takes is up to the client.
    """

    limit: int = MAX_CONCURRENT_OPERATIONS
    stranger_limit: int = MAX_CONCURRENT_STRANGERS
    max_values: int = MAX_CONCURRENT_VALUES
    in_flight: int = 0
    strangers_in_flight: int = 0
    values_in_flight: int = 0

    @contextmanager
    def slot(self, *, is_stranger: bool = False) -> Generator[None]:
        """Count one operation while the block runs; reject it at the limit."""
        if is_stranger:
            with self._stranger_slot():
                yield
            return
        if self.in_flight >= self.limit:
            raise make_overloaded()
        self.in_flight += 1
        try:
            yield
        finally:
            self.in_flight -= 1

    @contextmanager
    def reserve(self, values: int) -> Generator[None]:
        """Count a response's values while the block runs; reject what does not fit beside others.

        One operation alone always fits, whatever the operator's limit for one is.
        """
        weight = values if values > LIGHT_VALUES else 0
        if weight and self.values_in_flight and self.values_in_flight + weight > self.max_values:
            raise make_overloaded()
        self.values_in_flight += weight
        try:
            yield
        finally:
            self.values_in_flight -= weight

    @contextmanager
    def _stranger_slot(self) -> Generator[None]:
        if self.strangers_in_flight >= self.stranger_limit:
            raise make_overloaded()
        self.strangers_in_flight += 1
        try:
            yield
        finally:
            self.strangers_in_flight -= 1


def make_overloaded() -> RequestRejected:
    """Build the rejection of one operation too many."""
    rejection = RequestRejected(503, "Too many concurrent requests; try again.", "OVERLOADED")
    rejection.headers["Retry-After"] = "1"
    return rejection
