"""The tables of the file, and files of others."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest

from providers.kit.shared.file import housekeeping, schema
from providers.kit.shared.file.schema import (
    DURABLE_TABLES,
    SCHEMA_VERSION,
    UnknownFile,
    check_version,
    is_empty,
    prepare_schema,
)

VALUE = "INSERT INTO stored_values (id, expires_at, content) VALUES (1, 9e9, x'00')"
ENTRY = "INSERT INTO log_entries (log, expires_at, content) VALUES (1, 9e9, x'00')"


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Any]:
    """Return a connection to a new file."""
    opened: Any = apsw.Connection(str(tmp_path / "cache.db"))
    yield opened
    opened.close()


def list_tables(connection: Any) -> set[str]:
    """Return the names of the tables."""
    rows = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
    return {name for (name,) in rows if not name.startswith("sqlite_")}


def test_the_tables_are_created_once(connection: Any) -> None:
    assert is_empty(connection)

    prepare_schema(connection)
    first = list_tables(connection)
    prepare_schema(connection)

    check_version(connection)
    assert list_tables(connection) == first
    assert first > set(DURABLE_TABLES)


def test_a_file_of_another_program_is_left_alone(connection: Any) -> None:
    connection.execute("CREATE TABLE notes (text)")

    with pytest.raises(UnknownFile):
        prepare_schema(connection)

    assert list_tables(connection) == {"notes"}


def test_a_file_of_a_newer_version_is_left_alone(connection: Any) -> None:
    prepare_schema(connection)
    connection.pragma("user_version", SCHEMA_VERSION + 1)

    with pytest.raises(UnknownFile):
        prepare_schema(connection)

    assert connection.pragma("user_version") == SCHEMA_VERSION + 1


def test_an_older_version_loses_what_can_be_loaded_again(
    connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare_schema(connection)
    connection.execute(VALUE)
    connection.execute(ENTRY)
    monkeypatch.setattr(schema, "SCHEMA_VERSION", SCHEMA_VERSION + 1)

    prepare_schema(connection)

    assert connection.execute("SELECT * FROM stored_values").fetchall() == []
    assert len(connection.execute("SELECT * FROM log_entries").fetchall()) == 1
    assert connection.pragma("user_version") == SCHEMA_VERSION + 1


def test_every_durable_table_is_cleaned(connection: Any) -> None:
    prepare_schema(connection)

    expiring = {statement.split()[2] for statement in housekeeping.EXPIRE_DURABLE}

    assert expiring == set(DURABLE_TABLES)
