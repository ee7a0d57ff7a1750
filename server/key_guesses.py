"""Wrong API keys by client address: guessing is slowed down, and logged once a minute."""

import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from cachetools import TTLCache

log = logging.getLogger("trophycase.requests")

MAX_WRONG_KEYS = 20  # a minute, of one address
WINDOW_SECONDS = 60
MAX_ADDRESSES = 10_000


@dataclass
class KeyGuesses:
    """Counts of wrong keys in the running minute; a right key is accepted all the while."""

    now: Callable[[], float] = time.monotonic
    _counts: TTLCache[str, int] = field(init=False)
    _logged_at: float = field(init=False)
    _unlogged: int = 0

    def __post_init__(self) -> None:
        self._counts = TTLCache(MAX_ADDRESSES, WINDOW_SECONDS, self.now)
        self._logged_at = -math.inf

    def record(self, address: str) -> bool:
        """Count a wrong key, and return whether the address has sent too many."""
        count = self._counts.get(address, 0) + 1
        if count <= MAX_WRONG_KEYS + 1:  # the minute begins at the last wrong key that counted
            self._counts[address] = count
        self._unlogged += 1
        if self.now() - self._logged_at >= WINDOW_SECONDS:
            self._log()
        return count > MAX_WRONG_KEYS

    def _log(self) -> None:
        log.warning("wrong API keys: %s since the last line", self._unlogged)
        self._logged_at, self._unlogged = self.now(), 0
