"""The file of an export, which a later run continues.

Its last title may be incomplete, because the program was killed while it wrote it. A run therefore
cuts off the rows of the last title, and exports every title that has no row before them.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import msgspec

from server.export.rows import COLUMNS, CSV, TitleKey, encode_header


class ForeignFile(Exception):
    """The file exists and holds something else than an export of this format."""


class WrittenRow(msgspec.Struct, rename="camel"):
    """What identifies a row's title; every row of an export has these keys."""

    source: str
    account: str
    title_id: str | None
    achievement_id: str | None
    icon_url: str | None


@dataclass
class ExportFile:
    """An export's file, opened for appending; `written` are the titles that it has."""

    file: IO[bytes] = field(repr=False)
    written: set[TitleKey]

    @classmethod
    def open(cls, path: Path, form: str) -> Self:
        """Open a new file or one to continue. Raise `ForeignFile` and `OSError`."""
        file = path.open("a+b")
        try:
            written = _read_complete_titles(file, form)
        except BaseException:
            file.close()
            raise
        return cls(file, written)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.file.close()

    def append(self, rows: bytes) -> None:
        """Append a title's rows. Raise `OSError`."""
        self.file.write(rows)
        self.file.flush()


def _read_complete_titles(file: IO[bytes], form: str) -> set[TitleKey]:
    """Cut off the last title, and return the others."""
    written: set[TitleKey] = set()
    last, start = None, 0
    file.seek(0)
    rows = _iterate_csv(file) if form == CSV else _iterate_json_lines(file)
    for key, begin in rows:
        if key != last:
            if last is not None:
                written.add(last)
            last, start = key, begin
    header = encode_header(form)
    file.truncate(start)
    if last is None:
        file.write(header)
        file.flush()
    return written


def _iterate_lines(file: IO[bytes]) -> Iterator[tuple[bytes, int]]:
    """Yield the complete lines with their positions; the last one may have been cut off."""
    position = 0
    for line in file:
        if line.endswith(b"\n"):
            yield line, position
        position += len(line)


def _iterate_json_lines(file: IO[bytes]) -> Iterator[tuple[TitleKey, int]]:
    complete = 0
    for line, position in _iterate_lines(file):
        try:
            row = msgspec.json.decode(line, type=WrittenRow)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise ForeignFile from None
        complete = position + len(line)
        yield (row.source, row.account, row.title_id or ""), position
    _check_beginning(file, complete, b'{"source":')


def _iterate_csv(file: IO[bytes]) -> Iterator[tuple[TitleKey, int]]:
    # The reader takes only the lines of the row that it returns.
    position, complete = 0, 0

    def take_lines() -> Iterator[str]:
        nonlocal position
        for line, begin in _iterate_lines(file):
            position = begin + len(line)
            yield line.decode()

    header, *_ = COLUMNS
    try:
        for number, cells in enumerate(csv.reader(take_lines(), strict=True)):
            if (tuple(cells) != COLUMNS) if number == 0 else (len(cells) != len(COLUMNS)):
                raise ForeignFile
            if number:
                yield (cells[0], cells[1], cells[2]), complete
            complete = position
    except (UnicodeDecodeError, csv.Error):
        if not complete:
            raise ForeignFile from None
    _check_beginning(file, complete, f"{header},".encode())


def _check_beginning(file: IO[bytes], complete: int, beginning: bytes) -> None:
    """Raise `ForeignFile` for a file without a complete row that begins differently."""
    if complete:
        return
    file.seek(0)
    found = file.read(len(beginning))
    if found != beginning[: len(found)]:
        raise ForeignFile
