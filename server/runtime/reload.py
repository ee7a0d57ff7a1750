"""Restarts on changes of the source files, for development."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import uvicorn
from uvicorn.supervisors.statreload import StatReload

from server.runtime.graceful_shutdown import AnnouncingServer

REPOSITORY = Path(__file__).parents[2]
WATCHED_FOLDERS = ("server", "schema", "resolvers", "providers")
SKIPPED_FOLDERS = frozenset({"node_modules", "__pycache__"})


class Reloader(StatReload):
    """uvicorn's reloader, which polls the files' times of modification."""

    def iter_py_files(self) -> Iterator[Path]:
        """Yield the `.py` files of the server's packages.

        uvicorn's own search has no exclusions, and would read all of `node_modules` each time.
        """
        for name in WATCHED_FOLDERS:
            yield from find_python_files(REPOSITORY / name)


def find_python_files(folder: Path) -> Iterator[Path]:
    """Yield the `.py` files in a folder, without those of other programs' packages."""
    for path, folders, files in os.walk(folder):
        folders[:] = [each for each in folders if each not in SKIPPED_FOLDERS]
        yield from (Path(path, file) for file in files if file.endswith(".py"))


def serve_with_reload(config: uvicorn.Config, sockets: list[socket.socket], line: str) -> None:
    """Serve in one process, and restart it on each change, until a signal ends it."""
    server = AnnouncingServer(config, line)
    Reloader(config, server.run, sockets).run()
