"""How long a response stays fresh that other caches may keep."""

import math
from dataclasses import dataclass

DAY = 86_400


@dataclass
class Freshness:
    """The fetched value of a response that expires first, in seconds since 1970.

    Not `is_lasting` once the response has something that changes with the time, or that lacks what
    a source did not answer.
    """

    fetched_at: float = 0
    expires_at: float = math.inf
    has_values: bool = False
    is_lasting: bool = True

    def note(self, fetched_at: float, expires_at: float) -> None:
        """Note a value that the response was made of."""
        if not self.has_values or expires_at < self.expires_at:
            self.fetched_at, self.expires_at = fetched_at, expires_at
        self.has_values = True

    def get_seconds(self, now: float) -> tuple[int, int]:
        """Return for how long the value is fresh from its fetching on, and its age.

        A value that never expires is fresh for a day from now on.
        """
        lifetime = min(self.expires_at, now + DAY) - self.fetched_at
        return max(0, int(lifetime)), max(0, int(now - self.fetched_at))
