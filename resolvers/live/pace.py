"""When an account is polled next."""

import time
from dataclasses import dataclass, field

# The longest time between two polls, in intervals: of a player who is away, or a source that fails.
MAX_INTERVALS = 15
# The same in seconds, of an account whose source sends what is earned.
PUSHED_SECONDS = 900.0


@dataclass
class Pace:
    """The time of an account's next poll, in seconds of `time.monotonic`.

    `interval` is in seconds. Each poll of a player who is away, and each that fails, doubles the
    time until the next one. An account is polled slowly from the start if its source sends what is
    earned (`is_pushed`).
    """

    interval: float
    is_pushed: bool = False
    due_at: float = field(default_factory=time.monotonic)
    intervals: int = 1
    polled_at: float = float("-inf")

    @property
    def seconds(self) -> float:
        """The seconds from one poll to the next at the current pace."""
        longest = self.interval * MAX_INTERVALS
        if self.is_pushed:
            return max(self.interval, min(longest, PUSHED_SECONDS))
        return self.interval * self.intervals

    def resume(self) -> None:
        """Make the next poll due at once, but not sooner than an interval after the last one."""
        self.intervals = 1
        self.due_at = max(time.monotonic(), self.polled_at + self.interval)

    def speed_up(self) -> None:
        """Return to the shortest interval, as at the first sign that a player is there."""
        self.intervals = 1
        self.due_at = min(self.due_at, self.polled_at + self.seconds)

    def poll_again(self, *, is_slower: bool, at_once: bool = False) -> None:
        """Set the time of the poll after one that has ended."""
        self.intervals = min(MAX_INTERVALS, 2 * self.intervals) if is_slower else 1
        self.polled_at = time.monotonic()
        self.due_at = self.polled_at + (0 if at_once else self.seconds)
