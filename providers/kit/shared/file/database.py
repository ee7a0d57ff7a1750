"""The SQLite file, as the worker thread sees it: opened, checked, and used in transactions."""

import contextlib
import os
import stat
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw

from providers.kit.folder import open_folder
from providers.kit.shared.file.cursor import Cursor
from providers.kit.shared.file.schema import UnknownFile, check_version, is_empty, prepare_schema
from providers.kit.state_directory import FILE_MODE, check_owner, make_private_folders

Operation = Callable[[Cursor], Any]

DEFAULT_MAX_BYTES = 512 * 1024 * 1024
PAGE_BYTES = 4096
NORMAL, FULL = 1, 2
# Another process that writes is waited for so long at a time, in milliseconds: look-ups that need
# no lock wait behind it.
BUSY_MILLISECONDS = 50
# Processes that start together open the file one after the other, and nothing waits behind it.
OPENING_SECONDS = 3.0
OPENING_PAUSE_SECONDS = 0.02
# The log is written back to the file in the background from so many pages on, and by the writer
# itself if that is not fast enough.
LONG_LOG_PAGES, MAX_LOG_PAGES = 1000, 4000
MAX_LOG_BYTES = LONG_LOG_PAGES * PAGE_BYTES  # between two uses of the log
# SQLite's own files beside the database.
COMPANIONS = ("", "-wal", "-shm")
DAMAGED_SUFFIX = ".damaged"


class FileProblem(Exception):
    """The file cannot be used, and why, in words for the log."""


class FileReplaced(FileProblem):
    """Another file, or none, is in its place: opening it again may help."""


class LockedFile(FileProblem):
    """Another process has a lock: a little later it may have none."""


class DamagedFile(FileProblem):
    """The content of the file is damaged."""


@dataclass(frozen=True)
class Failure:
    """The error of one operation, which does not concern the others."""

    error: Exception


class Database:
    """The connection of this process to the file. Every method may take as long as the disk.

    A damaged file is renamed to `NAME.damaged`, and a new one takes its place. A file that another
    user could have written, of another program, or of a newer version is left alone.
    """

    def __init__(self, path: Path, max_bytes: int = DEFAULT_MAX_BYTES) -> None:
        """Open nothing yet; the file takes at most `max_bytes`, and its log some more."""
        self.path = path
        self._max_pages = max_bytes // PAGE_BYTES
        self._connection: Any | None = None
        self._identity: tuple[int, int] | None = None
        self._data_version = self._found_version = 0
        self._read_changes: Operation | None = None
        self._changes: Any | None = None
        self._is_damaged = False
        self._log_pages = 0

    def open(self) -> bool:
        """Open and check the file; return whether a damaged one was put aside.

        Raise `FileProblem`.
        """
        self.close()
        is_damaged, self._is_damaged = self._is_damaged, False
        try:
            if not is_damaged:
                self._open_in_turn()
                return False
        except DamagedFile:
            pass
        self._set_aside()
        self._open_in_turn()
        return True

    def watch(self, read_changes: Operation) -> None:
        """Run an operation before those of a transaction if another process has written."""
        self._read_changes = read_changes

    def take_changes(self) -> Any | None:
        """Return what the watching operation has found since the last time, None for nothing."""
        changes, self._changes = self._changes, None
        return changes

    def run(
        self, operations: list[Operation], *, writes: bool, is_durable: bool = False
    ) -> list[Any]:
        """Run operations in one transaction; return the result or the `Failure` of each.

        A durable one is on the disk itself afterwards. Raise `FileProblem` if none was done.
        """
        connection = self._get_connection()
        try:
            with _explain_errors(), _synchronous(connection, is_durable=is_durable):
                results = self._run_in_transaction(connection, operations, writes=writes)
                if self._log_pages > MAX_LOG_PAGES:
                    with contextlib.suppress(apsw.BusyError):  # another one is writing it back
                        connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
                return results
        except FileProblem as problem:
            self._is_damaged = isinstance(problem, DamagedFile)
            raise
        except Exception as error:  # noqa: BLE001 - it is given to the caller of the operation
            if len(operations) == 1:
                return [Failure(error)]
        return [
            result
            for each in operations
            for result in self.run([each], writes=writes, is_durable=is_durable)
        ]

    @property
    def has_long_log(self) -> bool:
        """Whether it is time for `write_back`."""
        return self._log_pages > LONG_LOG_PAGES

    def write_back(self) -> None:
        """Write the log back to the file; in another thread, because it waits for the disk.

        A failure is not reported: the next batch has it as well.
        """
        if self._read_identity() != self._identity:
            return
        with contextlib.suppress(apsw.Error), contextlib.closing(_connect(self.path)) as connection:
            is_empty(connection)  # a connection that has read nothing knows of no log
            connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)

    def has_changed(self) -> bool:
        """Return whether another connection has changed the file since `note_changes`."""
        connection = self._get_connection()
        with _explain_errors():
            return self._look_for_changes(connection.cursor())

    def note_changes(self) -> None:
        """Take the changes that `has_changed` has found for read."""
        self._data_version = self._found_version

    def close(self) -> None:
        """Close the file, if it is open."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(apsw.Error):
                connection.close()

    def _run_in_transaction(
        self, connection: Any, operations: list[Operation], *, writes: bool
    ) -> list[Any]:
        cursor = connection.cursor()
        try:
            cursor.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
            read_changes = self._read_changes if self._look_for_changes(cursor) else None
            changes = None if read_changes is None else read_changes(cursor)
            results = [operation(cursor) for operation in operations]
            cursor.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(apsw.Error):
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
            raise
        if changes is not None:
            self._changes = changes
            self.note_changes()
        return results

    def _look_for_changes(self, cursor: Cursor) -> bool:
        (self._found_version,) = cursor.execute("PRAGMA data_version").fetchone()
        return self._found_version != self._data_version

    def _open_in_turn(self) -> None:
        """Open the file, after the other processes that are opening it."""
        deadline = time.monotonic() + OPENING_SECONDS
        while True:
            try:
                return self._open()
            except LockedFile:
                if time.monotonic() >= deadline:
                    raise
            time.sleep(OPENING_PAUSE_SECONDS)

    def _open(self) -> None:
        with _explain_preparation_errors():
            self._prepare_file()
        with _explain_errors():
            connection = _connect(self.path)
        self._connection = connection
        try:
            with _explain_errors():
                self._configure(connection)
            self._identity = self._read_identity()
        except BaseException:
            self.close()
            raise

    def _prepare_file(self) -> None:
        make_private_folders(self.path.parent)
        with contextlib.closing(open_folder(self.path.parent)) as folder:
            check_owner(folder.read_status(), "its directory")
            with contextlib.suppress(FileExistsError):
                # SQLite gives its other files the mode of this one.
                os.close(folder.create(self.path.name, FILE_MODE))
            status = folder.read_file_status(self.path.name)
        check_owner(status, "it")
        if not stat.S_ISREG(status.st_mode):
            raise ValueError("it is not a file")
        if not os.access(self.path, os.W_OK):
            raise ValueError("it is read-only")

    def _configure(self, connection: Any) -> None:
        connection.set_busy_timeout(BUSY_MILLISECONDS)
        if is_empty(connection):  # both have to come before the first table
            connection.pragma("auto_vacuum", 2)  # incremental
            connection.pragma("page_size", PAGE_BYTES)
        else:
            check_version(connection)  # before anything is changed
        if connection.pragma("journal_mode", "wal") != "wal":
            raise FileProblem("it cannot have a write-ahead log")
        connection.pragma("synchronous", NORMAL)  # normal: a lost current may take the last seconds
        connection.pragma("journal_size_limit", MAX_LOG_BYTES)
        connection.set_wal_hook(self._note_log_pages)  # instead of SQLite's own, at each thousand
        if connection.pragma("quick_check", 1) != "ok":
            raise apsw.CorruptError
        connection.execute("BEGIN IMMEDIATE")
        prepare_schema(connection)
        connection.execute("COMMIT")
        connection.pragma("max_page_count", self._max_pages)

    def _note_log_pages(self, _connection: Any, _name: str, pages: int) -> int:
        self._log_pages = pages
        return apsw.SQLITE_OK

    def _get_connection(self) -> Any:
        """Return the open connection; raise `FileProblem` if its file is not in its place."""
        if self._connection is None:
            raise FileProblem("it is not open")
        if self._read_identity() != self._identity:
            raise FileReplaced("it was removed or replaced")
        return self._connection

    def _read_identity(self) -> tuple[int, int] | None:
        try:
            status = self.path.stat(follow_symlinks=False)
        except OSError:
            return None
        return (status.st_dev, status.st_ino)

    def _set_aside(self) -> None:
        """Rename a damaged file; the one renamed before makes room for it."""
        name = self.path.name
        for companion in COMPANIONS:
            source = self.path.with_name(name + companion)
            target = self.path.with_name(name + DAMAGED_SUFFIX + companion)
            with _explain_preparation_errors():
                target.unlink(missing_ok=True)
                with contextlib.suppress(FileNotFoundError):
                    source.rename(target)


def _connect(path: Path) -> Any:
    return apsw.Connection(str(path), apsw.SQLITE_OPEN_READWRITE)


@contextlib.contextmanager
def _synchronous(connection: Any, *, is_durable: bool) -> Generator[None]:
    """Wait for the disk at the end of a transaction that is durable."""
    if not is_durable:
        yield
        return
    connection.pragma("synchronous", FULL)
    try:
        yield
    finally:
        connection.pragma("synchronous", NORMAL)


@contextlib.contextmanager
def _explain_errors() -> Generator[None]:
    """Turn the errors of the disk and of the file into `FileProblem`; leave all others."""
    try:
        yield
    except (apsw.CorruptError, apsw.NotADBError) as error:
        raise DamagedFile("it is damaged") from error
    except UnknownFile as error:
        raise FileProblem(str(error)) from error
    except (apsw.SQLError, apsw.SchemaChangeError) as error:
        # Another version of the server has taken the file over.
        raise FileReplaced("its tables have changed") from error
    except (apsw.BusyError, apsw.LockedError, apsw.ProtocolError) as error:
        raise LockedFile("another program has locked it") from error
    except tuple(REASONS) as error:
        reason = next(reason for kind, reason in REASONS.items() if isinstance(error, kind))
        raise FileProblem(reason) from error


@contextlib.contextmanager
def _explain_preparation_errors() -> Generator[None]:
    """Turn the errors of a directory or file that cannot be had into `FileProblem`."""
    try:
        yield
    except OSError as error:
        raise FileProblem(os.strerror(error.errno or 0)) from error
    except ValueError as error:
        raise FileProblem(str(error)) from error


REASONS: dict[type[Exception], str] = {
    apsw.FullError: "the disk is full",
    apsw.ReadOnlyError: "it is read-only",
    apsw.CantOpenError: "it cannot be opened",
    apsw.PermissionsError: "it may not be used",
    apsw.IOError: "the disk does not work",
}
