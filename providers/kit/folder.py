"""An open folder, in which files are opened and renamed by name.

A descriptor stands for the folder itself, so that nothing put in its place later is meant. Windows
has none: there a file is found by its path.
"""

import os
from pathlib import Path
from typing import Protocol

# Windows has neither folders nor links to guard against here, and translates line ends otherwise.
_FOLDER_FLAGS = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
_FILE_FLAGS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
# Opening a pipe that stands in a file's place would wait for its writer.
_READ_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | _FILE_FLAGS
_CREATE_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FILE_FLAGS


class Folder(Protocol):
    """What can be done in an open folder. Every method raises `OSError`."""

    def read_status(self) -> os.stat_result:
        """Return the folder's own status."""
        ...

    def read_file_status(self, name: str) -> os.stat_result:
        """Return the status of a file, or of the link in its place."""
        ...

    def open_to_read(self, name: str) -> int:
        """Return the descriptor of a file, which is no link."""
        ...

    def create(self, name: str, mode: int) -> int:
        """Return the descriptor of a new file, to write to."""
        ...

    def replace(self, name: str, other: str) -> None:
        """Give a file the name of another one."""
        ...

    def link(self, name: str, other: str) -> None:
        """Give a file a second name; raise `FileExistsError` if there is a file of this name."""
        ...

    def remove(self, name: str) -> None:
        """Remove a file."""
        ...

    def close(self) -> None:
        """Close the folder."""
        ...


def open_folder(path: Path) -> Folder:
    """Open the folder at a path, which is no link. Raise `OSError`."""
    if os.open in os.supports_dir_fd:
        return DescriptorFolder(os.open(path, _FOLDER_FLAGS))
    path.lstat()  # which raises if there is none
    return PathFolder(path)


class DescriptorFolder:
    """A folder by its descriptor."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def read_status(self) -> os.stat_result:
        return os.fstat(self._descriptor)

    def read_file_status(self, name: str) -> os.stat_result:
        return os.stat(name, dir_fd=self._descriptor, follow_symlinks=False)

    def open_to_read(self, name: str) -> int:
        return os.open(name, _READ_FLAGS, dir_fd=self._descriptor)

    def create(self, name: str, mode: int) -> int:
        return os.open(name, _CREATE_FLAGS, mode, dir_fd=self._descriptor)

    def replace(self, name: str, other: str) -> None:
        os.replace(name, other, src_dir_fd=self._descriptor, dst_dir_fd=self._descriptor)

    def link(self, name: str, other: str) -> None:
        os.link(name, other, src_dir_fd=self._descriptor, dst_dir_fd=self._descriptor)

    def remove(self, name: str) -> None:
        os.unlink(name, dir_fd=self._descriptor)

    def close(self) -> None:
        os.close(self._descriptor)


class PathFolder:
    """A folder by its path."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read_status(self) -> os.stat_result:
        return self._path.lstat()

    def read_file_status(self, name: str) -> os.stat_result:
        return (self._path / name).lstat()

    def open_to_read(self, name: str) -> int:
        return os.open(self._path / name, _READ_FLAGS)

    def create(self, name: str, mode: int) -> int:
        return os.open(self._path / name, _CREATE_FLAGS, mode)

    def replace(self, name: str, other: str) -> None:
        (self._path / name).replace(self._path / other)

    def link(self, name: str, other: str) -> None:
        (self._path / other).hardlink_to(self._path / name)

    def remove(self, name: str) -> None:
        (self._path / name).unlink()

    def close(self) -> None:
        """Do nothing: nothing is open."""
