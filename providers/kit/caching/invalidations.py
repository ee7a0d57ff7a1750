"""What writes have invalidated: stored entries that are as old must not be read again."""

import time
from collections import OrderedDict
from typing import Any

from providers.kit.caching.cache_key import CacheKey
from providers.kit.caching.policy import CachePolicy

CAPACITY = 10_000


class Invalidations:
    """The times, in seconds since 1970, at which values were invalidated in any process.

    Deleting a stored entry is not enough, because anyone who can write to Redis can put an old
    one back. The times of `capacity` keys are kept. Instead of the time of an evicted key one time
    holds for its policy: it invalidates too much, never too little.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._times: OrderedDict[CacheKey, float] = OrderedDict()
        self._times_by_policy: dict[str, float] = {}
        self._missed_until = 0.0

    def record(self, key: CacheKey, at: float) -> bool:
        """Record an invalidation; return False for one that was recorded before."""
        if at <= self._times.get(key, 0):
            return False
        self._times[key] = at
        self._times.move_to_end(key)
        if len(self._times) > self._capacity:
            (name, *_), evicted_at = self._times.popitem(last=False)
            self._times_by_policy[name] = max(evicted_at, self._times_by_policy.get(name, 0))
        return True

    def record_missed(self) -> None:
        """Record that any value which writes may change may have been invalidated until now."""
        self._missed_until = time.time()

    def has_invalidated(self, policy: CachePolicy[Any], key: CacheKey, stored_at: float) -> bool:
        """Return whether an entry of this time was invalidated since."""
        missed_until = self._missed_until if policy.invalidated_by_writes else 0
        return stored_at <= max(
            missed_until, self._times.get(key, 0), self._times_by_policy.get(policy.name, 0)
        )
