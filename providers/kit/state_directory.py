"""The state directory: small files that only this user may write, and the folders they stand in."""

import contextlib
import os
import secrets
import stat
from collections.abc import Generator
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from providers.kit.file_permissions import is_own, is_writable_by_others
from providers.kit.folder import Folder, open_folder

FOLDER_MODE, FILE_MODE = 0o700, 0o600
MAX_FILE_BYTES = 64 * 1024


@dataclass(frozen=True)
class StateDirectory:
    """One directory, whose owner and mode are checked each time it is used.

    Every method raises `ValueError`, in one line without a path, when the directory or the file is
    a link, belongs to another user, or can be written by others: its content could be theirs.
    `OSError` is left as it is.
    """

    path: Path

    def check(self) -> None:
        """Do nothing but raise, when the directory is not ours alone or does not exist."""
        with self._open_folder():
            pass

    def read(self, name: str) -> bytes | None:
        """Return a file's content, of at most 64 KiB; None when there is no such file."""
        try:
            with self._open_folder() as folder:
                return _read_file(folder, name)
        except FileNotFoundError:
            return None

    def write(self, name: str, content: bytes) -> None:
        """Replace a file in one step, so that no reader finds half of it."""
        make_private_folders(self.path)
        with self._open_folder() as folder, _write_temporary(folder, name, content) as temporary:
            folder.replace(temporary, name)

    def create(self, name: str, content: bytes) -> bool:
        """Write a file unless it exists; return whether this call has written it."""
        make_private_folders(self.path)
        with self._open_folder() as folder, _write_temporary(folder, name, content) as temporary:
            try:
                folder.link(temporary, name)
            except FileExistsError:
                return False
        return True

    @contextlib.contextmanager
    def _open_folder(self) -> Generator[Folder]:
        try:
            folder = open_folder(self.path)
        except OSError:
            if self.path.is_symlink():
                raise ValueError("the state directory is a link") from None
            raise
        try:
            check_owner(folder.read_status(), "the state directory")
            yield folder
        finally:
            folder.close()


def open_state_directory(path: Path) -> StateDirectory:
    """Return the directory at a path, made if it is missing.

    Raise `ValueError` in one line when others can write to it, `OSError` when it cannot be made.
    """
    make_private_folders(path)
    directory = StateDirectory(path)
    directory.check()
    return directory


def make_private_folders(path: Path) -> None:
    """Make what is missing of a path with mode 0700; keep the mode of what exists."""
    missing = takewhile(lambda folder: not folder.exists(), (path, *path.parents))
    for folder in reversed(list(missing)):
        with contextlib.suppress(FileExistsError):  # another process has just made it
            folder.mkdir(mode=FOLDER_MODE)


def check_owner(status: os.stat_result, label: str) -> None:
    """Raise `ValueError` for what another user owns or others may write; `label` begins it."""
    if not is_own(status):
        raise ValueError(f"{label} belongs to another user")
    if is_writable_by_others(status):
        raise ValueError(f"{label} can be written by others")


def _read_file(folder: Folder, name: str) -> bytes:
    label = f"{name} in the state directory"
    try:
        file = folder.open_to_read(name)
    except OSError:
        if stat.S_ISLNK(folder.read_file_status(name).st_mode):
            raise ValueError(f"{label} is a link") from None
        raise
    try:
        status = os.fstat(file)
        check_owner(status, label)
        if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_FILE_BYTES:
            raise ValueError(f"{label} is not a file of at most 64 KiB")
        return os.read(file, MAX_FILE_BYTES)
    finally:
        os.close(file)


@contextlib.contextmanager
def _write_temporary(folder: Folder, name: str, content: bytes) -> Generator[str]:
    """Yield the name of a complete file with this content; remove what is left of it."""
    temporary = f".{name}.{secrets.token_hex(8)}"
    file = folder.create(temporary, FILE_MODE)
    try:
        with os.fdopen(file, "wb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(file)
        yield temporary
    finally:
        with contextlib.suppress(FileNotFoundError):  # it was renamed
            folder.remove(temporary)
