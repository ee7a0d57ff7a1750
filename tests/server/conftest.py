"""A sandbox process that tests share, reset for each of them, and commands in this process."""

import os
import sys
from collections.abc import Callable, Generator, Iterator, Mapping
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from server.__main__ import main
from tests.server.command_process import SandboxProcess
from tests.server.runtime.server_process import CommandResult, start_process


@pytest.fixture(scope="session")
def upstream_process() -> Iterator[SandboxProcess]:
    """Serve the sandbox on a socket, for the whole session."""
    with start_process("sandbox") as process:
        yield SandboxProcess(process)


@pytest.fixture
def upstream(upstream_process: SandboxProcess) -> Generator[SandboxProcess]:
    """Return the sandbox without faults and counts."""
    upstream_process.reset()
    yield upstream_process
    upstream_process.reset()


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Callable[..., CommandResult]:
    """Return a function that runs a command in this process, which needs no time to start."""
    monkeypatch.chdir(tmp_path)

    def run_in_process(given: Mapping[str, str], *arguments: str, typed: str = "") -> CommandResult:
        monkeypatch.setattr(os, "environ", dict(given))
        monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(typed.encode()), "utf-8"))
        code = main(arguments)
        output = capsys.readouterr()
        return CommandResult(code, output.out, output.err)

    return run_in_process


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """Return the path of a state directory that does not exist yet."""
    return tmp_path / "state" / "trophycase"
