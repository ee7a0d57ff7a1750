"""The processes that use one file, and the messages between them."""

import time
from typing import NamedTuple

from providers.kit.shared.file.cursor import Cursor
from providers.kit.shared.file.housekeeping import read_number

# A process that was not seen for so many seconds has ended.
PROCESS_TTL = 15.0

REGISTER = "INSERT OR REPLACE INTO processes (id, seen_at) VALUES (?, ?)"
SEND = "INSERT INTO messages (topic, sender, sent_at, content) VALUES (?, ?, ?, ?)"
HAS_OTHERS = "SELECT 1 FROM processes WHERE id <> ? AND seen_at > ? LIMIT 1"
LAST_MESSAGE = "SELECT seq FROM sqlite_sequence WHERE name = 'messages'"


class Message(NamedTuple):
    """A message, and the hash of its topic."""

    id: int
    topic: int
    content: bytes


class Changes(NamedTuple):
    """What other processes have written; `others` are when each was seen, since 1970.

    `has_missed` if messages were deleted before this process has read them.
    """

    messages: list[Message]
    last_message_id: int
    has_missed: bool
    others: list[float]


def register(cursor: Cursor, process_id: str) -> int:
    """Say that a process uses the file; return the last message that is not for it."""
    cursor.execute(REGISTER, (process_id, time.time()))
    return read_number(cursor, LAST_MESSAGE)


def unregister(cursor: Cursor, process_id: str) -> None:
    """Say that a process has ended."""
    cursor.execute("DELETE FROM processes WHERE id = ?", (process_id,))


def send_message(
    cursor: Cursor, process_id: str, topic: int, content: bytes, seen_after: float
) -> None:
    """Send a message to the other processes, if any was seen after a time since 1970."""
    if cursor.execute(HAS_OTHERS, (process_id, seen_after)).fetchone() is not None:
        cursor.execute(SEND, (topic, process_id, time.time(), content))


def read_changes(cursor: Cursor, process_id: str, last_message_id: int) -> Changes:
    """Return the messages after one, and the other processes."""
    rows = cursor.execute(
        "SELECT id, topic, sender, content FROM messages WHERE id > ? ORDER BY id",
        (last_message_id,),
    ).fetchall()
    newest = read_number(cursor, LAST_MESSAGE)
    seen = cursor.execute("SELECT seen_at FROM processes WHERE id <> ?", (process_id,)).fetchall()
    return Changes(
        [Message(row[0], row[1], row[3]) for row in rows if row[2] != process_id],
        newest,
        has_missed=newest - last_message_id != len(rows),
        others=[seen_at for (seen_at,) in seen],
    )
