"""Whether Steam refuses all calls from this server's address, as it does after too many."""

import math
import time
from dataclasses import dataclass

from providers.errors import RateLimited
from providers.steam.identifiers import SOURCE

# Steam blocks an address for up to two days; each call meanwhile may prolong that.
BLOCK_SECONDS = 3600.0
# How long a check of the address counts, so that refused keys do not cause one each.
CHECK_SECONDS = 60.0


@dataclass
class AddressBlock:
    """What is known of the address; times are on the clock of `time.monotonic`."""

    blocked_until: float = 0
    open_until: float = 0

    @property
    def is_known_open(self) -> bool:
        """Whether a check has just shown that the address is not blocked."""
        return time.monotonic() < self.open_until

    def record(self, *, blocked: bool) -> None:
        """Record the result of a check."""
        now = time.monotonic()
        self.blocked_until = now + BLOCK_SECONDS if blocked else 0
        self.open_until = 0 if blocked else now + CHECK_SECONDS

    def raise_if_blocked(self) -> None:
        """Raise `RateLimited` while the address is known to be blocked."""
        seconds = self.blocked_until - time.monotonic()
        if seconds > 0:
            message = "The source refuses all calls of this server for now."
            raise RateLimited(message, source=SOURCE, retry_after=math.ceil(seconds))
