"""Several worker processes behind one address."""

import signal
import subprocess
import sys

import httpx
import pytest

from tests.server.runtime.forked_process import start_command
from tests.server.runtime.server_process import (
    REPOSITORY,
    TIMEOUT_SECONDS,
    build_environment,
    run_command,
    start_process,
)

pytestmark = pytest.mark.slow

UNREACHABLE_REDIS = "redis://127.0.0.1:1"  # the server runs without it


def test_several_workers_announce_one_address_and_shut_down_gracefully() -> None:
    given = build_environment(TROPHYCASE_CACHE_URL=UNREACHABLE_REDIS)
    arguments = ("serve", "--sandbox", "--workers", "2")
    with start_process(*arguments, env=given, start=start_command) as process:
        assert httpx.get(f"{process.address}/livez", timeout=TIMEOUT_SECONDS).status_code == 200
        process.popen.send_signal(signal.SIGTERM)
        assert process.popen.wait(TIMEOUT_SECONDS) == 0
        assert process.output.read_text().count("\n") == 1


def test_workers_that_cannot_start_never_announce_an_address() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "tests.server.runtime.failing_workers"],
        cwd=REPOSITORY,
        env=build_environment(TROPHYCASE_CACHE_URL=UNREACHABLE_REDIS),
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )

    assert (ended.returncode, ended.stdout) == (1, "")


def test_an_error_of_every_worker_is_reported_once() -> None:
    given = build_environment(
        TROPHYCASE_CACHE_URL=UNREACHABLE_REDIS, PSN_PERSISTED_QUERIES="/nonexistent"
    )
    ended = run_command(given, "serve", "--workers", "2", "--port", "0")

    assert ended.exit_code != 0
    assert ended.output == ""
    assert ended.errors.startswith("trophycase: ")
    assert ended.errors.count("\n") == 1
