"""Values that wait to be written are found, each by the operation that writes it."""

from collections.abc import Callable
from typing import Any, cast

from providers.kit.shared.file.connection import FileConnection
from providers.kit.shared.file.cursor import Cursor
from providers.kit.shared.file.unwritten_values import UnwrittenValue, UnwrittenValues, hash_name
from providers.kit.shared.store_backend import LazyValue


class WaitingFile:
    """A file that does nothing until it is told to."""

    def __init__(self) -> None:
        self.operations: list[tuple[Callable[[Cursor], Any], Callable[[], None]]] = []
        self.can_extend = True

    def send(
        self, operation: Callable[[Cursor], Any], _size: int = 0, **options: Any
    ) -> tuple[Callable[[Cursor], Any], Callable[[], None]]:
        self.operations.append((operation, options["on_end"]))
        return self.operations[-1]

    def extend(self, _pending: object, _size: int) -> bool:
        return self.can_extend

    def write(self, cursor: Any) -> None:
        operation, on_end = self.operations.pop(0)
        operation(cursor)
        on_end()


class RecordingCursor:
    """A cursor that keeps the rows that are written and the ids that are deleted."""

    def __init__(self) -> None:
        self.names: list[bytes] = []
        self.deleted: list[int] = []

    def executemany(self, _statement: str, rows: list[tuple[Any, ...]]) -> None:
        self.names += [row[3] for row in rows]

    def execute(self, _statement: str, ids: tuple[int]) -> None:
        self.deleted += ids


def make_value(name: str, content: str = "") -> UnwrittenValue:
    def encrypt(_name: str) -> bytes:
        return (content or name).encode()

    return UnwrittenValue(0, None, LazyValue(lambda: name, encrypt, max_bytes=10))


def make_values() -> tuple[UnwrittenValues, WaitingFile, list[int]]:
    file, written = WaitingFile(), list[int]()
    return UnwrittenValues(cast("FileConnection", file), written.append), file, written


def test_values_of_one_moment_are_written_by_one_operation() -> None:
    values, file, written = make_values()
    cursor = RecordingCursor()
    for name in ("first", "second"):
        values.add(make_value(name))
    assert hash_name("second") in values
    file.write(cursor)
    assert (cursor.names, file.operations) == ([b"first", b"second"], [])
    assert written == [hash_name("first"), hash_name("second")]
    assert hash_name("second") not in values


def test_a_value_that_comes_too_late_for_an_operation_gets_one_of_its_own() -> None:
    values, file, _ = make_values()
    values.add(make_value("first"))
    file.can_extend = False
    values.add(make_value("second"))
    file.write(RecordingCursor())
    assert hash_name("first") not in values
    found = values.get(hash_name("second"))
    assert found is not None
    assert found.encrypt().content == b"second"


def test_the_newest_value_of_a_name_is_found_until_it_is_written_itself() -> None:
    values, file, _ = make_values()
    values.add(make_value("name", "old"))
    assert hash_name("name") in values
    file.can_extend = False
    values.add(make_value("name", "new"))
    assert hash_name("name") in values
    file.write(RecordingCursor())
    found = values.get(hash_name("name"))
    assert found is not None
    assert found.encrypt().content == b"new"


def test_a_deleted_value_is_known_to_be_absent_until_that_is_in_the_file() -> None:
    values, file, _ = make_values()
    cursor = RecordingCursor()
    values.add(make_value("name"))
    values.delete(hash_name("name"))
    assert hash_name("name") in values
    assert values.get(hash_name("name")) is None
    file.write(cursor)
    file.write(cursor)
    assert cursor.deleted == [hash_name("name")]
    assert hash_name("name") not in values
