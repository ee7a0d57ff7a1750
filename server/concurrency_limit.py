"""How much is worked on at once: what is too much is told to come back, and never queued."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from server.request_error import RequestRejected

MAX_CONCURRENT_OPERATIONS = 200


@dataclass
class ConcurrencyLimit:
    """How many operations may be worked on at once, and how many are.

    A request that still arrives and an answer that is still on its way out are not among them:
    how long either takes is the caller's choice.
    """

    limit: int = MAX_CONCURRENT_OPERATIONS
    in_flight: int = 0

    @contextmanager
    def slot(self) -> Generator[None]:
        """Work on one of them."""
        if self.in_flight >= self.limit:
            raise make_overloaded()
        self.in_flight += 1
        try:
            yield
        finally:
            self.in_flight -= 1


def make_overloaded() -> RequestRejected:
    """The answer to one too many."""
    rejection = RequestRejected(503, "Too much at once; try again.", "OVERLOADED")
    rejection.headers["Retry-After"] = "1"
    return rejection
