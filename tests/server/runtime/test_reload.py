"""Restarts on changes of the source files."""

import signal
from pathlib import Path

import httpx
import pytest

from server.__main__ import main
from server.runtime.reload import REPOSITORY, WATCHED_FOLDERS, find_python_files
from tests.server.runtime.forked_process import start_command
from tests.server.runtime.server_process import (
    TIMEOUT_SECONDS,
    Process,
    copy_program,
    start_process,
    wait_until,
)

pytestmark = pytest.mark.slow

CHANGED_FILE = Path("server", "observability", "health.py")


def read_liveness(process: Process) -> str:
    """Return the status that `/livez` reports."""
    return httpx.get(f"{process.address}/livez", timeout=TIMEOUT_SECONDS).json()["status"]


def test_a_changed_file_restarts_the_server_at_the_same_address(tmp_path: Path) -> None:
    copy_program(tmp_path)
    with start_process(
        "serve", "--sandbox", "--reload", folder=tmp_path, start=start_command
    ) as process:
        assert read_liveness(process) == "alive"
        source = (tmp_path / CHANGED_FILE).read_text()
        (tmp_path / CHANGED_FILE).write_text(source.replace('"alive"', '"changed"'))
        wait_until(lambda: process.output.read_text().count("\n") == 2)
        assert read_liveness(process) == "changed"
        process.popen.send_signal(signal.SIGTERM)
        assert process.popen.wait(TIMEOUT_SECONDS) == 0
        (reload_line,) = [line for line in process.lines if line["level"] == "warning"]
        assert str(CHANGED_FILE) in reload_line["message"]


def test_tests_and_foreign_packages_are_not_watched(tmp_path: Path) -> None:
    for path in ("module.py", "folder/module.py", "node_modules/tool/module.py", "page.html"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    found = {str(path.relative_to(tmp_path)) for path in find_python_files(tmp_path)}
    assert found == {"module.py", "folder/module.py"}
    assert "tests" not in WATCHED_FOLDERS
    assert all((REPOSITORY / name / "__init__.py").is_file() for name in WATCHED_FOLDERS)


def test_several_workers_cannot_reload(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--sandbox", "--reload", "--workers", "2"]) != 0
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err == "trophycase: --reload: cannot be combined with --workers above 1\n"
