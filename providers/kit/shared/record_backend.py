"""What durable records are stored by: in this process, in Redis or in a file."""

import time
from dataclasses import dataclass
from typing import NamedTuple, Protocol

# A position is a time in milliseconds, and the number of the entry among those of its millisecond.
SEQUENCE_BITS = 20


class BackendUnavailable(Exception):
    """The records cannot be reached now; the caller continues without them."""


@dataclass(frozen=True)
class RecordKind:
    """Values of one kind: for how many seconds they are stored, and how many of one owner.

    Beyond `max_per_owner`, or `max_total` in one process or file, the oldest ones are deleted.
    Synchronous ones are on the disk itself when they are stored in a file.
    """

    name: str
    seconds: float
    max_per_owner: int
    max_total: int = 10_000
    is_synchronous: bool = False


@dataclass(frozen=True)
class LogKind:
    """Logs of one kind: for how many seconds an entry is stored, and how many in one log.

    Beyond `max_entries`, or `max_total` in all logs of one process or file, the oldest ones are
    deleted.
    """

    name: str
    seconds: float
    max_entries: int
    max_total: int = 100_000


class RecordName(NamedTuple):
    """The name of a value, and that of all values of its owner and kind."""

    owner: str
    name: str


class LogEntry(NamedTuple):
    """An entry of a log. Positions grow with time, in all logs and over restarts."""

    position: int
    content: bytes


class RecordBackend(Protocol):
    """Values and logs by name. Every method raises `BackendUnavailable`."""

    async def get(self, kind: RecordKind, name: RecordName) -> bytes | None:
        """Return a value."""
        ...

    async def set(self, kind: RecordKind, name: RecordName, content: bytes) -> None:
        """Store a value, and delete the oldest ones of its owner beyond the kind's bound."""
        ...

    async def set_if_absent(
        self, kind: RecordKind, name: RecordName, content: bytes, invalid: bytes = b""
    ) -> bytes | None:
        """Store a value unless there is one, which is returned then; `invalid` counts as none.

        It is not counted, and not deleted by the kind's bound, until it is `set`.
        """
        ...

    async def delete(self, kind: RecordKind, name: RecordName) -> None:
        """Delete a value."""
        ...

    async def append(self, kind: LogKind, name: str, content: bytes) -> int:
        """Append an entry to a log, and return its position."""
        ...

    async def read_after(self, kind: LogKind, name: str, position: int) -> list[LogEntry]:
        """Return the entries after a position, oldest first."""
        ...


def build_position(seconds: float, sequence: int = 0) -> int:
    """Return the position of a time in seconds since 1970."""
    return (int(seconds * 1000) << SEQUENCE_BITS) + sequence


def get_oldest_position(kind: LogKind) -> int:
    """Return the position before which every entry of a log is too old."""
    return build_position(max(0.0, time.time() - kind.seconds))
