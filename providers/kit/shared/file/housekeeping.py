"""What keeps the file small: eviction, expiry, and the end of what no process reads any more."""

import time
from collections.abc import Iterable

from providers.kit.shared.file.cursor import Cursor

# The file is kept a little below its bound, so that a batch of writes still fits.
USABLE_SHARE = 7 / 8
MESSAGE_SECONDS = 60.0
PROCESS_SECONDS = 86_400.0
# So few rows at a time, because a look-up may be waiting.
EVICTED_ROWS, EXPIRED_ROWS, VACUUMED_PAGES = 64, 2000, 2000
# The last use of a value is noted so often, because noting it takes a write.
USE_SECONDS = 60

EVICT = """
DELETE FROM stored_values WHERE number IN (
    SELECT number FROM stored_values WHERE used_at IS NOT NULL ORDER BY used_at LIMIT ?
)
"""
EXPIRE = """
DELETE FROM stored_values WHERE number IN (
    SELECT number FROM stored_values WHERE expires_at < ? ORDER BY expires_at LIMIT ?
)
"""
EXPIRE_DURABLE = (
    "DELETE FROM records WHERE expires_at < ?",
    "DELETE FROM log_entries WHERE expires_at < ?",
    "DELETE FROM rate_calls WHERE expires_at < ?",
    "DELETE FROM rate_pauses WHERE expires_at < ?",
)
SUM_UP = {
    "records": "SELECT coalesce(sum(length(content)), 0) FROM records",
    "log_entries": "SELECT coalesce(sum(length(content)), 0) FROM log_entries",
}
DELETE_OLDEST = {
    "records": """
        DELETE FROM records WHERE number IN (
            SELECT number FROM records WHERE is_counted ORDER BY number LIMIT ?
        )
    """,
    "log_entries": """
        DELETE FROM log_entries WHERE position IN (
            SELECT position FROM log_entries ORDER BY position LIMIT ?
        )
    """,
}
MARK_USED = "UPDATE stored_values SET used_at = ? WHERE id = ? AND used_at IS NOT NULL"


def is_use_outdated(used_at: int) -> bool:
    """Return whether the time of the last use is old enough to be written again."""
    return used_at + USE_SECONDS <= time.time()


def evict(cursor: Cursor, max_bytes: int) -> None:
    """Delete what was used least recently, until the file is not nearly full any more."""
    page_bytes = read_number(cursor, "PRAGMA page_size")
    max_pages = int(USABLE_SHARE * max_bytes) // page_bytes
    while count_used_pages(cursor) > max_pages:
        cursor.execute(EVICT, (EVICTED_ROWS,))
        if not read_number(cursor, "SELECT changes()"):
            break


def evict_all(cursor: Cursor) -> None:
    """Delete everything that is evictable."""
    cursor.execute("DELETE FROM stored_values WHERE used_at IS NOT NULL")


def bound_records(cursor: Cursor, max_bytes: int) -> None:
    """Delete the oldest records until those of each table have at most so many bytes."""
    for table, query in SUM_UP.items():
        while read_number(cursor, query) > max_bytes:
            cursor.execute(DELETE_OLDEST[table], (EVICTED_ROWS,))
            if not read_number(cursor, "SELECT changes()"):
                break


def clean(cursor: Cursor) -> None:
    """Delete what has ended, and give free pages at the end of the file back to the disk."""
    now = time.time()
    cursor.execute(EXPIRE, (now, EXPIRED_ROWS))
    cursor.execute("DELETE FROM leases WHERE ends_at < ?", (now - MESSAGE_SECONDS,))
    cursor.execute("DELETE FROM messages WHERE sent_at < ?", (now - MESSAGE_SECONDS,))
    cursor.execute("DELETE FROM processes WHERE seen_at < ?", (now - PROCESS_SECONDS,))
    for statement in EXPIRE_DURABLE:
        cursor.execute(statement, (now,))
    if read_number(cursor, "PRAGMA freelist_count") > 2 * VACUUMED_PAGES:
        cursor.execute(f"PRAGMA incremental_vacuum({VACUUMED_PAGES})").fetchall()


def mark_used(cursor: Cursor, ids: Iterable[int]) -> None:
    """Note that values were used within the last minute."""
    now = int(time.time())
    cursor.executemany(MARK_USED, ((now, each) for each in ids))


def count_used_pages(cursor: Cursor) -> int:
    """Return how many pages of the file have content."""
    page_count = read_number(cursor, "PRAGMA page_count")
    return page_count - read_number(cursor, "PRAGMA freelist_count")


def read_number(cursor: Cursor, query: str) -> int:
    """Return the only number of a query; 0 if there is none."""
    row = cursor.execute(query).fetchone()
    value = None if row is None else row[0]
    return value if isinstance(value, int) else 0
