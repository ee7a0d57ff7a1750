"""One sandbox process for all tests that need one, as it was at its start for each of them."""

import os
import sys
from collections.abc import Callable, Generator, Iterator, Mapping
from io import StringIO
from pathlib import Path

import pytest

from server.__main__ import main
from tests.server.credentials.processes import Ran, Sandbox
from tests.server.operations.running import running


@pytest.fixture(scope="session")
def upstream_process() -> Iterator[Sandbox]:
    """The sandbox on a socket of its own."""
    with running("sandbox") as process:
        yield Sandbox(process)


@pytest.fixture
def upstream(upstream_process: Sandbox) -> Generator[Sandbox]:
    """The sandbox without faults, its calls not yet counted."""
    upstream_process.reset()
    yield upstream_process
    upstream_process.reset()


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Callable[..., Ran]:
    """A command in this process, which spares the time that another takes to start."""
    monkeypatch.chdir(tmp_path)

    def ran(given: Mapping[str, str], *arguments: str, typed: str = "") -> Ran:
        monkeypatch.setattr(os, "environ", dict(given))
        monkeypatch.setattr(sys, "stdin", StringIO(typed))
        code = main(arguments)
        said = capsys.readouterr()
        return Ran(code, said.out, said.err)

    return ran


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state directory that is not there yet."""
    return tmp_path / "state" / "trophycase"
