"""The command `export`, over a sandbox on a socket."""

import fcntl
import os
import pty
import signal
import struct
import termios
from pathlib import Path

import pytest

from providers.registry import Source
from tests.server.command_process import SandboxProcess
from tests.server.export.exported import parse_csv, parse_json_lines
from tests.server.runtime.forked_process import REPOSITORY, TIMEOUT_SECONDS, fork_command
from tests.server.runtime.server_process import run_command, wait_until

pytestmark = pytest.mark.slow
KILLS = 2


@pytest.fixture
def environment(upstream: SandboxProcess, tmp_path: Path) -> dict[str, str]:
    """Return the environment of an operator with an account on each source."""
    return upstream.build_environment(tmp_path / "state", TROPHYCASE_CACHE_URL="memory://")


def test_everything_of_the_operator_is_written_to_standard_output(
    environment: dict[str, str],
) -> None:
    ended = run_command(environment, "export")

    assert (ended.exit_code, ended.errors) == (0, "")
    rows = parse_json_lines(ended.output)
    assert {row["source"] for row in rows} == {source.name for source in Source}
    assert not any(row["name"] for row in rows if row["hidden"] and not row["earned"])


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_an_export_that_was_killed_twice_is_finished_by_the_next_run(
    upstream: SandboxProcess, environment: dict[str, str], tmp_path: Path, form: str
) -> None:
    whole = run_command(environment, "export", "--format", form).output
    path = tmp_path / "export"
    arguments = ("export", "--format", form, "--output", str(path))
    upstream.inject_fault("api/trophy/v1|API_Get|GetPlayer|achievements", delay=0.02)

    for number in range(KILLS):
        target = len(whole) * (number + 1) // (KILLS + 1)
        with Path(os.devnull).open("r+b") as none:
            process = fork_command(arguments, environment, REPOSITORY, (none, none, none))
            wait_until(lambda target=target: path.exists() and path.stat().st_size > target)
            process.send_signal(signal.SIGKILL)
            process.wait(TIMEOUT_SECONDS)
    assert path.stat().st_size < len(whole.encode())
    ended = run_command(environment, *arguments)

    assert (ended.exit_code, ended.output, ended.errors) == (0, "", "")
    parse = parse_csv if form == "csv" else parse_json_lines
    found, expected = parse(path.read_bytes().decode()), parse(whole)
    assert len(found) == len(expected)
    assert sorted(map(str, found)) == sorted(map(str, expected))


def test_a_finished_export_is_not_read_again(
    upstream: SandboxProcess, environment: dict[str, str], tmp_path: Path
) -> None:
    arguments = ("export", "--account", "XBOX:me", "--output", str(tmp_path / "export"))
    run_command(environment, *arguments)
    first = (tmp_path / "export").read_bytes()
    calls = upstream.count_calls("")

    ended = run_command(environment, *arguments)

    assert ended.exit_code == 0
    assert (tmp_path / "export").read_bytes() == first
    assert upstream.count_calls("") - calls < calls


def test_a_source_that_fails_is_named_and_does_not_end_the_others(
    upstream: SandboxProcess, environment: dict[str, str]
) -> None:
    upstream.inject_fault("API_", status=401)

    ended = run_command(environment, "export")

    assert ended.exit_code == 1
    assert ended.errors.startswith("trophycase: not exported: RETRO_ACHIEVEMENTS: ")
    assert ended.errors.count("\n") == 1
    sources = {row["source"] for row in parse_json_lines(ended.output)}
    assert sources == {source.name for source in Source} - {"RETRO_ACHIEVEMENTS"}


def test_a_file_of_something_else_is_refused_in_one_line(
    environment: dict[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "letter"
    path.write_text("Dear reader,\n")

    ended = run_command(environment, "export", "--output", str(path))

    assert (ended.exit_code, path.read_text()) == (2, "Dear reader,\n")
    assert ended.errors == (
        "trophycase: --output: the file is no export in this format; name another one\n"
    )


def test_nothing_to_export_is_said(tmp_path: Path) -> None:
    ended = run_command(
        {**os.environ, "TROPHYCASE_STATE_DIR": str(tmp_path), "TROPHYCASE_CACHE_URL": "memory://"},
        "export",
    )

    assert ended.exit_code == 2
    assert ended.errors == (
        "trophycase: export: no source is configured, and no --account is given\n"
    )


@pytest.mark.parametrize("size", [(24, 100), (0, 0)], ids=["sized", "without a size"])
def test_the_progress_is_shown_on_a_terminal_alone(
    environment: dict[str, str], tmp_path: Path, size: tuple[int, int]
) -> None:
    reader, writer = pty.openpty()
    fcntl.fcntl(reader, fcntl.F_SETFL, os.O_NONBLOCK)
    fcntl.ioctl(writer, termios.TIOCSWINSZ, struct.pack("4H", *size, 0, 0))
    arguments = ("export", "--account", "XBOX:me", "--output", str(tmp_path / "export"))
    with Path(os.devnull).open("r+b") as none, os.fdopen(writer, "wb") as terminal:
        process = fork_command(arguments, environment, REPOSITORY, (none, none, terminal))
        exit_code = process.wait(TIMEOUT_SECONDS)
    shown = os.read(reader, 100_000).decode()
    os.close(reader)

    assert exit_code == 0
    assert "XBOX Vega North: 0/" in shown
    assert " titles |" in shown
