"""What stands in the state directory is its owner's alone, and nothing else is touched."""

import os
import stat
from pathlib import Path

import pytest

from providers.kit.state_directory import (
    MAX_FILE_BYTES,
    StateDirectory,
    make_private_folders,
    open_state_directory,
)

NAME = "secret"


def read_mode(path: Path) -> int:
    return stat.S_IMODE(path.stat(follow_symlinks=False).st_mode)


def list_names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def directory(tmp_path: Path) -> StateDirectory:
    """A directory with one file."""
    made = open_state_directory(tmp_path / "state")
    made.write(NAME, b"mine")
    return made


@pytest.mark.parametrize("umask", [0o000, 0o002, 0o022, 0o077])
def test_every_folder_that_is_made_is_its_owners_alone(tmp_path: Path, umask: int) -> None:
    """Holds that parents are not made under the umask."""
    before = os.umask(umask)
    try:
        StateDirectory(tmp_path / "one" / "two" / "state").write(NAME, b"mine")
    finally:
        os.umask(before)

    made = [tmp_path / "one", tmp_path / "one" / "two", tmp_path / "one" / "two" / "state"]
    assert [read_mode(folder) for folder in made] == [0o700] * 3
    assert read_mode(made[-1] / NAME) == 0o600


@pytest.mark.parametrize("mode", [0o755, 0o750, 0o700, 0o1755])
def test_a_folder_that_exists_keeps_its_mode(tmp_path: Path, mode: int) -> None:
    """Holds that a folder of the system, such as /srv, is never closed for the others."""
    for folder in (tmp_path / "parent", tmp_path / "parent" / "state"):
        folder.mkdir()
        folder.chmod(mode)

    directory = open_state_directory(tmp_path / "parent" / "state")
    directory.write(NAME, b"mine")

    assert read_mode(directory.path.parent) == read_mode(directory.path) == mode
    assert directory.read(NAME) == b"mine"


@pytest.mark.parametrize("mode", [0o777, 0o1777, 0o770, 0o720, 0o702])
def test_a_directory_that_others_can_write_is_refused(directory: StateDirectory, mode: int) -> None:
    directory.path.chmod(mode)

    for use in (
        directory.check,
        lambda: directory.read(NAME),
        lambda: directory.write(NAME, b"new"),
        lambda: directory.create("other", b"new"),
        lambda: open_state_directory(directory.path),
    ):
        with pytest.raises(ValueError, match=r"^the state directory can be written by others$"):
            use()

    assert read_mode(directory.path) == mode
    assert list_names(directory.path) == [NAME]
    assert (directory.path / NAME).read_bytes() == b"mine"


@pytest.mark.parametrize("mode", [0o666, 0o620, 0o602])
def test_a_file_that_others_can_write_is_not_read(directory: StateDirectory, mode: int) -> None:
    (directory.path / NAME).chmod(mode)

    with pytest.raises(ValueError, match=rf"^{NAME} in the state directory can be written by"):
        directory.read(NAME)

    directory.write(NAME, b"new")
    assert (directory.read(NAME), read_mode(directory.path / NAME)) == (b"new", 0o600)


def test_what_belongs_to_another_user_is_refused(
    directory: StateDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    another = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: another)

    with pytest.raises(ValueError, match=r"^the state directory belongs to another user$"):
        directory.read(NAME)


def test_a_link_in_the_directorys_place_is_refused_and_its_target_left_alone(
    tmp_path: Path,
) -> None:
    target = tmp_path / "target"
    target.mkdir()
    target.chmod(0o755)
    (tmp_path / "state").symlink_to(target)
    directory = StateDirectory(tmp_path / "state")

    for use in (lambda: directory.read(NAME), lambda: directory.write(NAME, b"mine")):
        with pytest.raises(ValueError, match=r"^the state directory is a link$"):
            use()

    assert (read_mode(target), list_names(target)) == (0o755, [])


def test_a_link_that_leads_nowhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "state").symlink_to(tmp_path / "nowhere")

    with pytest.raises(ValueError, match=r"^the state directory is a link$"):
        open_state_directory(tmp_path / "state")

    assert not (tmp_path / "nowhere").exists()


def test_a_link_in_a_files_place_is_not_read_and_its_target_not_written(
    directory: StateDirectory, tmp_path: Path
) -> None:
    target = tmp_path / "target"
    target.write_bytes(b"theirs")
    (directory.path / NAME).unlink()
    (directory.path / NAME).symlink_to(target)

    with pytest.raises(ValueError, match=rf"^{NAME} in the state directory is a link$"):
        directory.read(NAME)
    directory.write(NAME, b"mine")

    assert (target.read_bytes(), directory.read(NAME)) == (b"theirs", b"mine")


def test_what_is_no_small_file_is_not_read(directory: StateDirectory) -> None:
    os.mkfifo(directory.path / "pipe", 0o600)
    (directory.path / "folder").mkdir(mode=0o700)
    directory.write("large", b"x" * (MAX_FILE_BYTES + 1))

    for name in ("pipe", "folder", "large"):
        with pytest.raises(ValueError, match=rf"^{name} in the state directory is not a file"):
            directory.read(name)


def test_a_missing_file_or_directory_holds_nothing(directory: StateDirectory) -> None:
    assert directory.read("other") is None
    assert StateDirectory(directory.path / "missing").read(NAME) is None
    assert not (directory.path / "missing").exists()


def test_a_file_is_replaced_as_a_whole_and_nothing_else_is_left(directory: StateDirectory) -> None:
    before = (directory.path / NAME).stat().st_ino

    directory.write(NAME, b"new")

    assert directory.read(NAME) == b"new"
    assert (directory.path / NAME).stat().st_ino != before
    assert list_names(directory.path) == [NAME]


def test_a_file_that_cannot_be_replaced_leaves_nothing_behind(directory: StateDirectory) -> None:
    (directory.path / "folder").mkdir()

    with pytest.raises(OSError, match=r"folder"):
        directory.write("folder", b"new")

    assert list_names(directory.path) == ["folder", NAME]


def test_of_two_that_create_a_file_the_first_one_wins(directory: StateDirectory) -> None:
    assert directory.create("drawn", b"first")
    assert not directory.create("drawn", b"second")

    assert directory.read("drawn") == b"first"
    assert read_mode(directory.path / "drawn") == 0o600
    assert list_names(directory.path) == ["drawn", NAME]


def test_a_folder_that_another_process_makes_meanwhile_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "state").mkdir(mode=0o700)

    def was_missing_before(path: Path) -> bool:
        return path == tmp_path

    monkeypatch.setattr(Path, "exists", was_missing_before)

    make_private_folders(tmp_path / "state")

    assert read_mode(tmp_path / "state") == 0o700
