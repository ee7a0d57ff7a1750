"""One sandbox process for all tests that need one, as it was at its start for each of them."""

import os
import sys
from collections.abc import Callable, Generator, Iterator, Mapping
from io import StringIO
from pathlib import Path

import pytest

from server.__main__ import main
from tests.server.command_process import CommandResult, SandboxProcess
from tests.server.runtime.server_process import start_process


@pytest.fixture(scope="session")
def upstream_process() -> Iterator[SandboxProcess]:
    """The sandbox on a socket of its own."""
    with start_process("sandbox") as process:
        yield SandboxProcess(process)


@pytest.fixture
def upstream(upstream_process: SandboxProcess) -> Generator[SandboxProcess]:
    """The sandbox without faults, its calls not yet counted."""
    upstream_process.reset()
    yield upstream_process
    upstream_process.reset()


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Callable[..., CommandResult]:
    """A command in this process, which spares the time that another takes to start."""
    monkeypatch.chdir(tmp_path)

    def run_in_process(given: Mapping[str, str], *arguments: str, typed: str = "") -> CommandResult:
        monkeypatch.setattr(os, "environ", dict(given))
        monkeypatch.setattr(sys, "stdin", StringIO(typed))
        code = main(arguments)
        said = capsys.readouterr()
        return CommandResult(code, said.out, said.err)

    return run_in_process


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state directory that is not there yet."""
    return tmp_path / "state" / "trophycase"
