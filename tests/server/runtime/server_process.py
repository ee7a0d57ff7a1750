"""The server as a process of its own, with all of its output."""

import base64
import json
import os
import re
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from providers.registry import Source
from tests.server.runtime.forked_process import (
    REPOSITORY,
    TIMEOUT_SECONDS,
    RunningProcess,
    fork_command,
)

SETTING_PATTERN = re.compile(
    "|".join(["_?TROPHYCASE_", *(name for source in Source for name in source.value.settings)])
)
PACKAGES = ("providers", "resolvers", "schema", "server")
CACHE_SECRET = base64.b64encode(bytes(range(32))).decode()
TIMELINE_QUERY = "{ viewer { achievements(first: 5) { edges { node { name } } } } }"


@dataclass(frozen=True)
class Process:
    """A process that runs or has ended."""

    popen: RunningProcess
    arguments: Sequence[str]
    output: Path
    errors: Path

    @property
    def address(self) -> str:
        """The address in its output; empty before it is printed."""
        found = re.search(r"http://[^/\s]+", self.output.read_text())
        return found.group() if found else ""

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The parsed lines of its log."""
        return [json.loads(line) for line in self.errors.read_text().splitlines()]

    def read_all_output(self) -> str:
        """Return its output, its log and its command line."""
        command = Path(f"/proc/{self.popen.pid}/cmdline")
        seen = command.read_text() if command.exists() else ""
        texts = (self.output.read_text(), self.errors.read_text(), seen, *self.arguments)
        return "".join(texts)

    def list_operation_lines(self) -> list[dict[str, Any]]:
        """Return the log lines of operations."""
        return [line for line in self.lines if line["message"] == "operation"]


def wait_until(condition: Callable[[], Any], seconds: float = TIMEOUT_SECONDS) -> Any:
    """Return the first true value of the condition; fail when the time is over."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.01)
    raise AssertionError(f"not within {seconds} seconds")


def build_environment(**settings: str) -> dict[str, str]:
    """Return this process' environment with these settings and no others of the server."""
    inherited = {
        name: value for name, value in os.environ.items() if not SETTING_PATTERN.match(name)
    }
    defaults = {
        "TROPHYCASE_STATE_DIR": "/nonexistent",
        "TROPHYCASE_CACHE_URL": "memory://",
        "TROPHYCASE_CACHE_SECRET": CACHE_SECRET,
        "TROPHYCASE_SANDBOX_UNLOCKS": "off",
    }
    return {**inherited, **defaults, **settings}


@contextmanager
def start_process(
    *arguments: str,
    env: dict[str, str] | None = None,
    folder: Path = REPOSITORY,
    start: Callable[..., RunningProcess] = fork_command,
    port: int = 0,
) -> Generator[Process]:
    """Start a command and yield its process; end it after the block."""
    with tempfile.TemporaryDirectory() as directory:
        output, errors = Path(directory) / "output", Path(directory) / "errors"
        given = (*arguments, "--port", str(port))
        environment = build_environment() if env is None else env
        with (
            Path(os.devnull).open("rb") as none,
            output.open("wb") as out,
            errors.open("wb") as err,
        ):
            popen = start(given, environment, folder, (none, out, err))
        process = Process(popen, given, output, errors)
        try:
            wait_until(lambda: process.address or popen.poll() is not None)
            assert process.address, errors.read_text()
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(popen.pid, signal.SIGKILL)  # its workers as well
            popen.wait()


@dataclass(frozen=True)
class CommandResult:
    """The exit code and output of a command."""

    exit_code: int
    output: str
    errors: str


def run_command(
    given: Mapping[str, str],
    *arguments: str,
    typed: str = "",
    folder: Path = REPOSITORY,
    start: Callable[..., RunningProcess] = fork_command,
) -> CommandResult:
    """Run a command to its end, with this text on its standard input."""
    with ExitStack() as stack:
        files = [
            stack.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8")) for _ in range(3)
        ]
        files[0].write(typed)
        files[0].seek(0)
        process = start(arguments, given, folder, files)
        try:
            exit_code = process.wait(TIMEOUT_SECONDS)
        finally:
            process.send_signal(signal.SIGKILL)
        for each in files:
            each.seek(0)
        return CommandResult(exit_code, files[1].read(), files[2].read())


def copy_program(folder: Path, *ignored_names: str) -> None:
    """Copy the packages to a folder, from which the server can then be started.

    What is compiled is copied as well: the times of the files are kept.
    """
    ignore = shutil.ignore_patterns("node_modules", *ignored_names)
    for name in PACKAGES:
        shutil.copytree(REPOSITORY / name, folder / name, ignore=ignore)


def ask(address: str, query: str = TIMELINE_QUERY, **options: Any) -> httpx.Response:
    """Send an operation on a connection of its own."""
    return httpx.post(
        f"{address}/graphql", json={"query": query}, timeout=TIMEOUT_SECONDS, **options
    )


def read_metric(text: str, name: str, **labels: str) -> float:
    """Return a metric's value, summed over all series with these labels; 0 without any."""
    total = 0.0
    for line in text.splitlines():
        match = re.fullmatch(rf"trophycase_{name}(?:\{{(.*)\}})? (\S+)", line)
        if match and all(f'{key}="{value}"' in (match[1] or "") for key, value in labels.items()):
            total += float(match[2])
    return total
