"""The server runs where the modules and functions are missing that Windows lacks."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from providers.psn.sandbox.constants import OWNER_NPSSO
from providers.registry import Source
from tests.server.command_process import TOKEN_FILE, SandboxProcess
from tests.server.runtime.forked_process import REPOSITORY, RunningProcess, Stream
from tests.server.runtime.server_process import ask, build_environment, run_command, start_process

pytestmark = pytest.mark.slow

LIMITED_PROGRAM = ("-m", "tests.server.runtime.limited_system")
# What is read as the system's own encoding is read wrongly where that is not UTF-8.
NO_DEFAULT_ENCODING = ("-X", "warn_default_encoding", "-W", "error::EncodingWarning")


def start_limited(
    arguments: Sequence[str], given: Mapping[str, str], folder: Path, streams: Sequence[Stream]
) -> RunningProcess:
    """Start a command on such a system."""
    stdin, stdout, stderr = streams
    return subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, *NO_DEFAULT_ENCODING, *LIMITED_PROGRAM, *arguments],
        cwd=folder,
        env={**given, "PYTHONPATH": str(REPOSITORY)},
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        start_new_session=True,
    )


def test_the_server_answers(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("TROPHYCASE_DEADLINE=20\n")
    with start_process("--sandbox", folder=tmp_path, start=start_limited) as process:
        answer = ask(process.address, trust_env=False).json()

    assert len(answer["data"]["viewer"]["achievements"]["edges"]) == 5


def test_calls_over_connections_and_the_stored_sign_in_work(
    upstream: SandboxProcess, state: Path, tmp_path: Path
) -> None:
    given = build_environment(**upstream.build_settings(state, Source.PSN, PSN_NPSSO=""))

    login = run_command(
        given, "psn", "login", typed=f"{OWNER_NPSSO}\n", folder=tmp_path, start=start_limited
    )
    assert (login.exit_code, login.errors) == (0, "")
    assert json.loads((state / TOKEN_FILE).read_bytes())["tokens"]
    check = run_command(given, "check", folder=tmp_path, start=start_limited)
    assert (check.exit_code, check.errors) == (0, "")


def test_the_cache_file_is_kept_and_its_secret_is_drawn_once(state: Path, tmp_path: Path) -> None:
    given = build_environment(
        TROPHYCASE_STATE_DIR=str(state),
        TROPHYCASE_CACHE_SECRET="",
        TROPHYCASE_CACHE_URL="sqlite://",
    )
    drawn: list[bytes] = []
    for _ in range(2):
        with start_process(folder=tmp_path, env=given, start=start_limited):
            drawn.append((state / "cache-secret").read_bytes())

    assert drawn[0] == drawn[1]
    assert (state / "cache.db").stat().st_size
