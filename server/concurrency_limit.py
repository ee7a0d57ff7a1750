"""Limit of concurrent operations: what is over it is rejected at once, never queued."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from server.request_error import RequestRejected

MAX_CONCURRENT_OPERATIONS = 200


@dataclass
class ConcurrencyLimit:
    """The number of operations that are being executed, and its limit.

    A request whose body is being received does not count, nor does a response that is being sent:
    how long either takes is up to the client.
    """

    limit: int = MAX_CONCURRENT_OPERATIONS
    in_flight: int = 0

    @contextmanager
    def slot(self) -> Generator[None]:
        """Count one operation while the block runs; reject it at the limit."""
        if self.in_flight >= self.limit:
            raise make_overloaded()
        self.in_flight += 1
        try:
            yield
        finally:
            self.in_flight -= 1


def make_overloaded() -> RequestRejected:
    """Build the rejection of one operation too many."""
    rejection = RequestRejected(503, "Too many concurrent requests; try again.", "OVERLOADED")
    rejection.headers["Retry-After"] = "1"
    return rejection
