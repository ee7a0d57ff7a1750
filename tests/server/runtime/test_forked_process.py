"""A forked command behaves as one in a new interpreter."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.server.runtime.forked_process import (
    REPOSITORY,
    TIMEOUT_SECONDS,
    fork_command,
    start_command,
)
from tests.server.runtime.server_process import build_environment, run_command, start_process

pytestmark = pytest.mark.slow


def test_the_exit_code_and_output_are_those_of_a_new_interpreter() -> None:
    forked, started = (
        run_command(build_environment(), "dance", start=start)
        for start in (fork_command, start_command)
    )

    assert forked == started
    assert forked.exit_code == 2
    assert "no such command" in forked.errors


def test_a_fork_has_the_environment_folder_and_input_of_its_command(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("TROPHYCASE_NODE=never\n", encoding="utf-8")

    from_file = run_command(build_environment(), "schema", folder=tmp_path)
    overruled = run_command(build_environment(TROPHYCASE_NODE="on"), "schema", folder=tmp_path)
    entered = run_command(build_environment(PSN_CLIENT_ID="id"), "psn", "login", typed="short\n")

    assert from_file.errors.startswith("trophycase: TROPHYCASE_NODE: ")
    assert overruled.output == (REPOSITORY / "schema" / "schema.graphql").read_text("utf-8")
    assert "64 letters and digits" in entered.errors


def test_a_fork_is_ended_by_a_signal_and_then_receives_none() -> None:
    with start_process("sandbox") as process:
        assert os.getsid(process.popen.pid) == process.popen.pid
        assert process.popen.poll() is None
        with pytest.raises(subprocess.TimeoutExpired):
            process.popen.wait(0)
        process.popen.send_signal(signal.SIGKILL)
        assert process.popen.wait(TIMEOUT_SECONDS) == -signal.SIGKILL
        process.popen.send_signal(signal.SIGKILL)
        assert process.popen.poll() == -signal.SIGKILL
