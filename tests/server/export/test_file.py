"""The file of an export, which a later run continues."""

from pathlib import Path

import pytest

from providers.records import Achievement, Title
from providers.registry import Source
from resolvers.context import AccountRef
from resolvers.export.account_export import ExportedTitle
from server.export.file import ExportFile, ForeignFile
from server.export.rows import (
    CSV,
    FORMATS,
    JSON_LINES,
    build_rows,
    build_title_key,
    encode_header,
    encode_rows,
)

ACCOUNT = AccountRef(Source.PSN, "me")
HANDLE = "-vega\n"  # what CSV has to quote and to escape
TITLES = [Title(native_id=f"T{number}", name='a "b",\nc') for number in range(3)]
ACHIEVEMENTS = tuple(Achievement(native_id=str(number)) for number in range(2))


def encode_title(title: Title | None, form: str) -> bytes:
    """Return the rows of a title with two achievements."""
    return encode_rows(build_rows(ACCOUNT, HANDLE, ExportedTitle(title, ACHIEVEMENTS)), form)


def write_titles(path: Path, form: str) -> list[bytes]:
    """Write a file with all titles, and return its parts."""
    parts = [encode_header(form), *(encode_title(title, form) for title in TITLES)]
    with ExportFile.open(path, form) as file:
        for part in parts[1:]:
            file.append(part)
    return parts


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMATS)
def test_every_cut_keeps_the_titles_before_the_last(tmp_path: Path, form: str) -> None:
    path = tmp_path / "export"
    parts = write_titles(path, form)
    content = path.read_bytes()
    assert content == b"".join(parts)

    for length in range(0, len(content) + 1, 3):
        path.write_bytes(content[:length])
        with ExportFile.open(path, form) as file:
            written = file.written
        kept = path.read_bytes()

        assert kept == b"".join(parts[: len(written) + 1])
        keys = [build_title_key(ACCOUNT, HANDLE, title, form) for title in TITLES]
        assert written == set(keys[: len(written)])
        lost = length - len(kept)
        assert lost <= max(map(len, parts)) * 2


@pytest.mark.parametrize("form", FORMATS)
def test_achievements_without_a_title_are_a_title_of_their_own(tmp_path: Path, form: str) -> None:
    path = tmp_path / "export"
    with ExportFile.open(path, form) as file:
        file.append(encode_title(None, form))
        file.append(encode_title(TITLES[0], form))

    with ExportFile.open(path, form) as file:
        assert file.written == {build_title_key(ACCOUNT, HANDLE, None, form)}


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    "content",
    [
        b"a letter\n",
        b"no line",
        b"\xff\xfe\n",
        b'{"source":"PSN"}\n',
        b"[]\n",
        b"\n",
        b"source,account\nPSN,me\n",
        b"\x00" * 100,
    ],
)
def test_a_file_of_something_else_is_refused_and_left_alone(
    tmp_path: Path, form: str, content: bytes
) -> None:
    path = tmp_path / "export"
    path.write_bytes(content)

    with pytest.raises(ForeignFile):
        ExportFile.open(path, form)

    assert path.read_bytes() == content


@pytest.mark.parametrize(("form", "other"), [(JSON_LINES, CSV), (CSV, JSON_LINES)])
def test_an_export_in_the_other_format_is_refused(tmp_path: Path, form: str, other: str) -> None:
    path = tmp_path / "export"
    write_titles(path, form)

    with pytest.raises(ForeignFile):
        ExportFile.open(path, other)
