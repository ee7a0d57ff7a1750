"""Starts the real server on the sandbox world, as a person would."""

import re
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

REPOSITORY = Path(__file__).parents[3]


@contextmanager
def start_sandbox_server(directory: Path = REPOSITORY) -> Generator[str]:
    """The address of a server run from `directory`."""
    with subprocess.Popen(
        [sys.executable, "-m", "server", "serve", "--sandbox", "--port", "0"],
        cwd=directory,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        try:
            assert server.stdout is not None
            line = server.stdout.readline()
            address = re.search(r"http://\S+", line)
            assert address, f"the server said {line!r}"
            yield address.group()
        finally:
            server.terminate()
