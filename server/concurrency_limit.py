"""How much is worked on at once: what is too much is told to come back, and never queued."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from server.request_error import Refused

MOST_AT_ONCE = 200


@dataclass
class Load:
    """How many operations may be worked on at once, and how many are.

    A request that still arrives and an answer that is still on its way out are not among them:
    how long either takes is the caller's choice.
    """

    at_once: int = MOST_AT_ONCE
    running: int = 0

    @contextmanager
    def turn(self) -> Generator[None]:
        """Work on one of them."""
        if self.running >= self.at_once:
            raise overloaded()
        self.running += 1
        try:
            yield
        finally:
            self.running -= 1


def overloaded() -> Refused:
    """The answer to one too many."""
    refused = Refused(503, "Too much at once; try again.", "OVERLOADED")
    refused.headers["Retry-After"] = "1"
    return refused
