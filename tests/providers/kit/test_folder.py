"""A folder does the same by its path, where there are no descriptors of folders."""

import os
from collections.abc import Generator
from pathlib import Path

import pytest

from providers.kit.folder import DescriptorFolder, Folder, PathFolder, open_folder

NAME, OTHER = "name", "other"


@pytest.fixture(params=["descriptor", "path"])
def folder(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Generator[Folder]:
    """An open folder with one file."""
    (tmp_path / NAME).write_bytes(b"mine\r\n")
    if request.param == "path":
        monkeypatch.setattr(os, "supports_dir_fd", set[object]())
    opened = open_folder(tmp_path)
    assert isinstance(opened, PathFolder if request.param == "path" else DescriptorFolder)
    yield opened
    opened.close()


def read(folder: Folder, name: str) -> bytes:
    with os.fdopen(folder.open_to_read(name), "rb") as file:
        return file.read()


def test_a_file_is_read_as_it_is(folder: Folder, tmp_path: Path) -> None:
    assert read(folder, NAME) == b"mine\r\n"
    assert folder.read_status().st_ino == tmp_path.stat().st_ino
    assert folder.read_file_status(NAME).st_size == 6


def test_a_new_file_replaces_another(folder: Folder) -> None:
    with os.fdopen(folder.create(OTHER, 0o600), "wb") as file:
        file.write(b"new\n")
    folder.replace(OTHER, NAME)

    assert read(folder, NAME) == b"new\n"
    with pytest.raises(FileNotFoundError):
        folder.open_to_read(OTHER)


def test_neither_a_new_file_nor_a_second_name_replaces_a_file(folder: Folder) -> None:
    folder.link(NAME, OTHER)
    assert read(folder, OTHER) == b"mine\r\n"

    for attempt in (lambda: folder.create(OTHER, 0o600), lambda: folder.link(NAME, OTHER)):
        with pytest.raises(FileExistsError):
            attempt()


def test_a_file_is_removed(folder: Folder, tmp_path: Path) -> None:
    folder.remove(NAME)

    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_not_opened(folder: Folder, tmp_path: Path) -> None:
    assert folder.read_status()
    with pytest.raises(FileNotFoundError):
        open_folder(tmp_path / "missing")
    with pytest.raises(FileNotFoundError):
        folder.read_file_status("missing")
