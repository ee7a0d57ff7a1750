"""Limits of concurrent operations: what is over them is rejected at once, never queued."""

from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass

from server.request_error import RequestRejected

MAX_CONCURRENT_OPERATIONS = 200
MAX_CONCURRENT_STRANGERS = 20
# A value takes about a kilobyte of memory from its record to the encoded response.
MAX_CONCURRENT_VALUES = 200_000
LIGHT_VALUES = 1_000  # up to so many, the limit of operations is enough
NOTHING_RESERVED = nullcontext()


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

    def slot(self, *, is_stranger: bool = False) -> AbstractContextManager[None]:
        """Count one operation while a block runs; reject it at the limit; for `with`."""
        return self._stranger_slot() if is_stranger else Slot(self)

    def reserve(self, values: int) -> AbstractContextManager[None]:
        """Count a response's values while a block runs; reject what does not fit beside others.

        One operation alone always fits, whatever the operator's limit for one is. For `with`.
        """
        return Reservation(self, values) if values > LIGHT_VALUES else NOTHING_RESERVED

    @contextmanager
    def _stranger_slot(self) -> Generator[None]:
        if self.strangers_in_flight >= self.stranger_limit:
            raise make_overloaded()
        self.strangers_in_flight += 1
        try:
            yield
        finally:
            self.strangers_in_flight -= 1


class Slot(AbstractContextManager[None]):
    """One operation of a caller who is no stranger; a generator would take more steps."""

    def __init__(self, limit: ConcurrencyLimit) -> None:
        self._limit = limit

    def __enter__(self) -> None:
        if self._limit.in_flight >= self._limit.limit:
            raise make_overloaded()
        self._limit.in_flight += 1

    def __exit__(self, *_: object) -> None:
        self._limit.in_flight -= 1


class Reservation(AbstractContextManager[None]):
    """The values of one large operation."""

    def __init__(self, limit: ConcurrencyLimit, values: int) -> None:
        self._limit, self._values = limit, values

    def __enter__(self) -> None:
        taken = self._limit.values_in_flight
        if taken and taken + self._values > self._limit.max_values:
            raise make_overloaded()
        self._limit.values_in_flight += self._values

    def __exit__(self, *_: object) -> None:
        self._limit.values_in_flight -= self._values


def make_overloaded() -> RequestRejected:
    """Build the rejection of one operation too many."""
    rejection = RequestRejected(503, "Too many concurrent requests; try again.", "OVERLOADED")
    rejection.headers["Retry-After"] = "1"
    return rejection
