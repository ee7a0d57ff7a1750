"""The file as the worker thread sees it."""

import stat
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from providers.kit.shared.file.cursor import Cursor
from providers.kit.shared.file.database import (
    DamagedFile,
    Database,
    Failure,
    FileProblem,
    FileReplaced,
    Operation,
)
from tests.providers.kit.shared.file.shared_file import NAME

ADD = "INSERT INTO processes (id, seen_at) VALUES (?, 0)"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Return an open database in a new file."""
    opened = Database(tmp_path / NAME)
    assert not opened.open()
    yield opened
    opened.close()


def list_names(cursor: Cursor) -> list[str]:
    """Return what was added, in order."""
    return [name for (name,) in cursor.execute("SELECT id FROM processes ORDER BY id").fetchall()]


def add(name: str) -> Operation:
    """Return the operation that adds a row."""

    def run(cursor: Cursor) -> str:
        cursor.execute(ADD, (name,))
        return name

    return run


def test_the_operations_of_a_batch_see_each_other(database: Database) -> None:
    assert database.run([add("a"), add("b"), list_names], writes=True) == ["a", "b", ["a", "b"]]


def test_a_failing_operation_does_not_undo_the_others(database: Database) -> None:
    def fail(_cursor: Cursor) -> None:
        raise LookupError("mine")

    first, failure, last = database.run([add("a"), fail, add("b")], writes=True)

    assert (first, last) == ("a", "b")
    assert isinstance(failure, Failure)
    assert isinstance(failure.error, LookupError)
    assert database.run([list_names], writes=False) == [["a", "b"]]


def test_the_file_and_its_log_are_readable_by_their_owner_alone(database: Database) -> None:
    database.run([add("a")], writes=True)

    modes = {
        each.name: stat.S_IMODE(each.stat().st_mode) for each in database.path.parent.iterdir()
    }

    assert modes == dict.fromkeys((NAME, f"{NAME}-wal", f"{NAME}-shm"), 0o600)


def test_what_another_connection_has_written_is_noticed_until_it_is_read(
    database: Database,
) -> None:
    database.has_changed()
    database.note_changes()
    other = Database(database.path)
    other.open()

    other.run([add("a")], writes=True)

    assert [database.has_changed(), database.has_changed()] == [True, True]
    database.note_changes()
    assert not database.has_changed()
    assert database.run([list_names], writes=False) == [["a"]]
    other.close()


def test_a_removed_file_is_a_problem_until_it_is_opened_again(database: Database) -> None:
    database.run([add("a")], writes=True)
    database.path.unlink()

    with pytest.raises(FileReplaced):
        database.run([list_names], writes=False)
    assert not database.open()

    assert database.run([list_names], writes=False) == [[]]


def test_a_damaged_file_is_put_aside(tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_bytes(b"SQLite format 3\x00" + bytes(range(256)) * 64)
    path.chmod(0o600)
    database = Database(path)

    assert database.open()

    assert database.run([list_names], writes=False) == [[]]
    assert path.with_name(f"{NAME}.damaged").read_bytes().endswith(bytes(range(256)))
    database.close()


def test_damage_that_a_batch_finds_lets_the_next_opening_begin_anew(
    database: Database,
) -> None:
    def find_damage(_cursor: Cursor) -> None:
        raise apsw.CorruptError

    with pytest.raises(DamagedFile):
        database.run([find_damage], writes=True)

    assert database.open()


def test_nothing_is_run_before_the_file_is_open(tmp_path: Path) -> None:
    with pytest.raises(FileProblem):
        Database(tmp_path / NAME).run([list_names], writes=False)


def test_a_long_log_is_written_back(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("providers.kit.shared.file.database.LONG_LOG_PAGES", 3)
    for number in range(20):
        database.run([add(f"{number:0500}")], writes=True)
    assert database.has_long_log
    size = database.path.stat().st_size

    database.write_back()

    assert database.path.stat().st_size > size
