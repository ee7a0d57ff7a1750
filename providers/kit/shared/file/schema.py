"""The tables of the file. Each module that has one of its own adds it to `TABLES`."""

from typing import Any

# "trophycase" among SQLite's files; another program's file is left alone.
APPLICATION_ID = 0x54435331
# Raised when a table or its content changes its meaning. A file with a higher one is left alone,
# and one with a lower one begins anew but for `DURABLE_TABLES`: what is in it can be loaded again.
SCHEMA_VERSION = 2

# Values by a hash of their name. `used_at` is the second, since 1970, of the last use, a minute too
# early at most; only what is evictable has one. Rows are numbered in the order of writing, so that
# one batch of writes changes few pages.
VALUES = """
CREATE TABLE IF NOT EXISTS stored_values (
    number INTEGER PRIMARY KEY,
    id INTEGER NOT NULL UNIQUE,
    expires_at REAL NOT NULL,
    used_at INTEGER,
    content BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS stored_values_by_use ON stored_values (used_at)
    WHERE used_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS stored_values_by_expiry ON stored_values (expires_at);
"""

LEASES = """
CREATE TABLE IF NOT EXISTS leases (
    id INTEGER PRIMARY KEY,
    token BLOB NOT NULL,
    ends_at REAL NOT NULL
);
"""

# The processes that use the file, and what they send each other. Times are in seconds since 1970.
MESSAGES = """
CREATE TABLE IF NOT EXISTS processes (
    id TEXT PRIMARY KEY,
    seen_at REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    topic INTEGER NOT NULL,
    sender TEXT NOT NULL,
    sent_at REAL NOT NULL,
    content BLOB NOT NULL
);
"""

# Durable records, oldest first by `number`. Their bounds count all but those that are not set yet.
# The indexes by expiry have the sizes too, because their sum is taken from time to time.
RECORDS = """
CREATE TABLE IF NOT EXISTS records (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id INTEGER NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    owner INTEGER NOT NULL,
    is_counted INTEGER NOT NULL,
    expires_at REAL NOT NULL,
    content BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS records_by_owner ON records (kind, owner, number) WHERE is_counted;
CREATE INDEX IF NOT EXISTS records_by_kind ON records (kind, number) WHERE is_counted;
CREATE INDEX IF NOT EXISTS records_by_expiry ON records (expires_at, length(content));
CREATE TABLE IF NOT EXISTS log_entries (
    position INTEGER PRIMARY KEY,
    log INTEGER NOT NULL,
    expires_at REAL NOT NULL,
    content BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS log_entries_by_log ON log_entries (log, position);
CREATE INDEX IF NOT EXISTS log_entries_by_expiry ON log_entries (expires_at, length(content));
"""

# Upstream calls by limiter, and the pauses of each. Calls count as if made at `used_at`; one in the
# future is the end of a block of calls that a process may still make. Rows after `expires_at` are
# of no use.
RATES = """
CREATE TABLE IF NOT EXISTS rate_calls (
    limiter INTEGER NOT NULL,
    id INTEGER NOT NULL,
    process TEXT NOT NULL,
    amount INTEGER NOT NULL,
    began_at REAL NOT NULL,
    used_at REAL NOT NULL,
    expires_at REAL NOT NULL,
    PRIMARY KEY (limiter, id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS rate_calls_by_expiry ON rate_calls (expires_at);
CREATE TABLE IF NOT EXISTS rate_pauses (
    limiter INTEGER PRIMARY KEY,
    since REAL NOT NULL,
    ends_at REAL NOT NULL,
    pauses INTEGER NOT NULL,
    probe_ends_at REAL NOT NULL,
    expires_at REAL NOT NULL
);
"""

TABLES = (VALUES, LEASES, MESSAGES, RECORDS, RATES)
DURABLE_TABLES = ("records", "log_entries", "rate_calls", "rate_pauses")


class UnknownFile(Exception):
    """The file belongs to another program, or to a newer version of this one."""


def is_empty(connection: Any) -> bool:
    """Return whether the file has no table yet."""
    return not connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchall()


def check_version(connection: Any) -> None:
    """Raise `UnknownFile` for a file of another program or of a newer version."""
    if _read_number(connection, "application_id") != APPLICATION_ID:
        raise UnknownFile("it belongs to another program")
    if _read_number(connection, "user_version") > SCHEMA_VERSION:
        raise UnknownFile("a newer version of this server has written it")


def prepare_schema(connection: Any) -> None:
    """Create the tables that are missing; the caller has begun a transaction.

    Another process may have created them meanwhile. Raise `UnknownFile` as `check_version`.
    """
    if not is_empty(connection):
        check_version(connection)
        if _read_number(connection, "user_version") < SCHEMA_VERSION:
            _drop_tables(connection)
    for statements in TABLES:
        connection.execute(statements)
    connection.pragma("application_id", APPLICATION_ID)
    connection.pragma("user_version", SCHEMA_VERSION)


def _drop_tables(connection: Any) -> None:
    names = connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    ).fetchall()
    for (name,) in names:
        if name not in DURABLE_TABLES:
            connection.execute(f'DROP TABLE "{name}"')


def _read_number(connection: Any, pragma: str) -> int:
    value = connection.pragma(pragma)
    return value if isinstance(value, int) else 0
