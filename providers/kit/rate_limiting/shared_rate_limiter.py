"""What a rate limiter needs of the place where all processes count their calls."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

# A probe without an outcome after this many seconds is lost with its process: another may start.
PROBE_TTL = 10
PROBE_POLL_SECONDS = 0.05
STATE_TTL = 3600  # seconds after the end of a pause
MAX_PAUSE_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Acquisition:
    """The outcome of an attempt to acquire a call, and the state of the window.

    Durations are in seconds. `wait` is 0 if the call is allowed. `used` includes calls that a
    process has reserved and not made yet. `pause_left` is None if there is no pause.
    """

    wait: float
    used: int
    resets_in: float
    process_count: int
    pause_left: float | None


class SharedRateLimiter(Protocol):
    """The calls of one name, such as a credential, counted for all processes.

    Methods that wait return None while the shared store is unavailable.
    """

    @property
    def reserved_count(self) -> int:
        """How many calls this process has reserved and not made yet."""
        ...

    def take_reserved(self) -> bool:
        """Take a call that this process has reserved; return whether there was one."""
        ...

    async def acquire(self, calls: int | None, seconds: float, now: float) -> Acquisition | None:
        """Acquire a call made at `now`, or get the time to wait."""
        ...

    async def peek(self, seconds: float) -> Acquisition | None:
        """Return the state of the window without acquiring."""
        ...

    def resync(self, seconds: float, now: float, acquisitions: Iterable[float]) -> None:
        """Add this process's calls of the last `seconds`; those that are known are not added."""
        ...

    def pause(
        self, seconds: float | None, age: float | None, first_pause: float, max_pause: float
    ) -> None:
        """Pause all processes.

        Without `seconds` the pauses double from `first_pause` to `max_pause`; a call whose `age`
        shows that it was made before the current pause starts no other. All are in seconds.
        """
        ...

    def resume(self, age: float | None) -> None:
        """Reset the pauses, unless the successful call was made before the current one."""
        ...

    def end_probe(self) -> None:
        """Allow the next probe."""
        ...
