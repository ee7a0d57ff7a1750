"""The tables of the file. Each module that has one of its own adds it to `TABLES`."""

from typing import Any

# "trophycase" among SQLite's files; another program's file is left alone.
APPLICATION_ID = 0x54435331
# Raised when a table or its content changes its meaning. A file with a higher one is left alone,
# and one with a lower one begins anew: what is in it can be loaded again.
SCHEMA_VERSION = 1

# Values by a hash of their name. `used_at` is the minute, since 1970, of the last use; only what is
# evictable has one.
VALUES = """
CREATE TABLE IF NOT EXISTS stored_values (
    id INTEGER PRIMARY KEY,
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

TABLES = (VALUES, LEASES, MESSAGES)


class UnknownFile(Exception):
    """The file belongs to another program, or to a newer version of this one."""


def prepare_schema(connection: Any) -> None:
    """Create the tables that are missing; the caller has begun a transaction.

    Raise `UnknownFile` for a file of another program or of a newer version.
    """
    version = _read_number(connection, "user_version")
    if _has_content(connection) and (_read_number(connection, "application_id") != APPLICATION_ID):
        raise UnknownFile("it belongs to another program")
    if version > SCHEMA_VERSION:
        raise UnknownFile("a newer version of this server has written it")
    if version < SCHEMA_VERSION:
        _drop_tables(connection)
    for statements in TABLES:
        connection.execute(statements)
    connection.pragma("application_id", APPLICATION_ID)
    connection.pragma("user_version", SCHEMA_VERSION)


def _has_content(connection: Any) -> bool:
    return bool(connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchall())


def _drop_tables(connection: Any) -> None:
    names = connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    ).fetchall()
    for (name,) in names:
        connection.execute(f'DROP TABLE "{name}"')


def _read_number(connection: Any, pragma: str) -> int:
    value = connection.pragma(pragma)
    return value if isinstance(value, int) else 0
