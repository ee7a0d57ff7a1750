"""Several worker processes behind one address."""

import signal
import subprocess
import sys

import httpx
import pytest

from tests.server.runtime.server_process import (
    REPOSITORY,
    TIMEOUT_SECONDS,
    build_environment,
    start_process,
)

pytestmark = pytest.mark.slow

UNREACHABLE_REDIS = "redis://127.0.0.1:1"  # the server runs without it


def test_several_workers_announce_one_address_and_shut_down_gracefully() -> None:
    given = build_environment(TROPHYCASE_CACHE_URL=UNREACHABLE_REDIS)
    with start_process("serve", "--sandbox", "--workers", "2", env=given) as process:
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
    ended = subprocess.run(
        [sys.executable, "-m", "server", "serve", "--workers", "2", "--port", "0"],
        cwd=REPOSITORY,
        env=given,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )

    assert ended.returncode != 0
    assert ended.stdout == ""
    assert ended.stderr.startswith("trophycase: ")
    assert ended.stderr.count("\n") == 1
