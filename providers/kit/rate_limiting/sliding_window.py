"""Sliding window: what was spent within the last seconds, without a jump at a boundary."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass
class SlidingWindow:
    """Amounts spent within the last `seconds`, in the order in which they were spent.

    Times are seconds on one monotonic clock, given by the caller.
    """

    seconds: float
    total: int = 0
    _entries: deque[tuple[float, int]] = field(default_factory=deque[tuple[float, int]])

    @property
    def times(self) -> Iterable[float]:
        """The times of all entries that were not dropped yet, oldest first."""
        return (spent_at for spent_at, _ in self._entries)

    def add(self, spent_at: float, amount: int = 1) -> None:
        """Add an amount."""
        self._entries.append((spent_at, amount))
        self.total += amount

    def remove(self, spent_at: float, amount: int = 1) -> None:
        """Take an added amount back."""
        self._entries.remove((spent_at, amount))
        self.total -= amount

    def drop_expired(self, now: float) -> None:
        """Drop what was spent `seconds` ago or earlier."""
        while self._entries and self._entries[0][0] <= now - self.seconds:
            self.total -= self._entries.popleft()[1]

    def get_next_free(self, limit: int) -> float | None:
        """Return the time from which on less than `limit` is spent; None if that is so now.

        `limit` is at least 1.
        """
        excess = self.total - limit
        if excess < 0:
            return None
        for spent_at, amount in self._entries:
            excess -= amount
            if excess < 0:
                return spent_at + self.seconds
        return None
