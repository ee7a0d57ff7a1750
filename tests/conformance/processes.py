"""Starts the server, and published programs that use it, in processes of their own."""

import json
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.server.runtime.server_process import run_command, start_process

REPOSITORY = Path(__file__).parents[2]
CONFORMANCE_FOLDER = Path(__file__).parent
SETTING_PATTERN = re.compile(
    r"(_?TROPHYCASE|PSN|RETROACHIEVEMENTS|TROPHY_SO|STEAM|XBOX|APOLLO|HIVE)_"
)
MIN_NODE_VERSION = 20
TIMEOUT_SECONDS = 240


def find_node() -> str | None:
    """Return the path of Node if it is new enough for these packages."""
    found = shutil.which("node")
    if found is None:
        return None
    version = subprocess.run([found, "--version"], capture_output=True, text=True, check=True)  # noqa: S603
    return found if int(version.stdout.strip("v").partition(".")[0]) >= MIN_NODE_VERSION else None


def build_environment(**settings: str) -> dict[str, str]:
    """Return the environment with these settings and no others of the programs."""
    inherited = {
        name: value for name, value in os.environ.items() if not SETTING_PATTERN.match(name)
    }
    return {**inherited, "TROPHYCASE_STATE_DIR": "/nonexistent", **settings}


@contextmanager
def start_program(command: list[str | Path], **settings: str) -> Generator[str]:
    """Start a program and yield the URL that it prints."""
    with subprocess.Popen(  # noqa: S603
        command,
        cwd=REPOSITORY,
        env=build_environment(**settings),
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            address = re.search(r"http://\S+", line)
            assert address, f"{command} said {line!r}"
            yield address.group()
        finally:
            process.terminate()


@contextmanager
def start_server(**settings: str) -> Generator[str]:
    """Start the server on the sandbox with these settings, and time for a busy machine."""
    given = build_environment(**{"TROPHYCASE_DEADLINE": "60", **settings})
    with start_process("serve", "--sandbox", env=given) as process:
        yield f"{process.address}/graphql"


@contextmanager
def start_sandbox() -> Generator[str]:
    """Start the upstreams' sandbox alone."""
    with start_process("sandbox", env=build_environment()) as process:
        yield process.address


def print_sdl(*options: str, **settings: str) -> str:
    """Return the SDL that the command prints."""
    ran = run_command(build_environment(**settings), "schema", *options)
    assert ran.exit_code == 0, ran.errors
    return ran.output


def run_script(
    script: str | Path, *arguments: str | Path, payload: Mapping[str, Any] | None = None
) -> Any:
    """Run a script with the payload on stdin, and return the JSON value that it prints.

    A script without a folder is one of this folder's.
    """
    finished = subprocess.run(  # noqa: S603
        [shutil.which("node") or "node", CONFORMANCE_FOLDER / "scripts" / script, *arguments],
        cwd=CONFORMANCE_FOLDER,
        env=build_environment(NODE_NO_WARNINGS="1"),
        input=json.dumps(payload or {}),
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr + finished.stdout
    return json.loads(finished.stdout)


def listen_on_free_port() -> tuple[socket.socket, int]:
    """Return a listening socket on a free port of this machine, and the port."""
    bound = socket.create_server(("127.0.0.1", 0))
    return bound, bound.getsockname()[1]
