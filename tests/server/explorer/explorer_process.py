"""The server on the sandbox, as a process of its own."""

import os
import re
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

# Something is unlocked and looked for each second.
MOVING = {"TROPHYCASE_LIVE_INTERVAL": "1", "TROPHYCASE_SANDBOX_UNLOCKS": "1"}
REPOSITORY = Path(__file__).parents[3]


@contextmanager
def start_sandbox_server(directory: Path = REPOSITORY, **settings: str) -> Generator[str]:
    """Start a server in `directory` with these settings, and yield its address."""
    with subprocess.Popen(
        [sys.executable, "-m", "server", "serve", "--sandbox", "--port", "0"],
        cwd=directory,
        env={**os.environ, **MOVING, **settings},
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
