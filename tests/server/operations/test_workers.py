"""Several workers behind one address."""

import signal
import subprocess
import sys

import httpx

from tests.server.operations.running import REPOSITORY, SECONDS, environment, running

NOBODY = "redis://127.0.0.1:1"  # which is done without


def test_several_workers_say_where_they_serve_and_leave_in_good_order() -> None:
    given = environment(TROPHYCASE_CACHE_URL=NOBODY)
    with running("serve", "--sandbox", "--workers", "2", given=given) as process:
        assert httpx.get(f"{process.address}/livez", timeout=SECONDS).status_code == 200
        process.popen.send_signal(signal.SIGTERM)
        assert process.popen.wait(SECONDS) == 0
        assert process.output.read_text().count("\n") == 1


def test_workers_that_cannot_start_never_say_that_they_serve() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "tests.server.operations.unstartable"],
        cwd=REPOSITORY,
        env=environment(TROPHYCASE_CACHE_URL=NOBODY),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )

    assert (ended.returncode, ended.stdout) == (1, "")


def test_what_no_worker_could_do_is_told_once() -> None:
    given = environment(TROPHYCASE_CACHE_URL=NOBODY, PSN_PERSISTED_QUERIES="/nonexistent")
    ended = subprocess.run(
        [sys.executable, "-m", "server", "serve", "--workers", "2", "--port", "0"],
        cwd=REPOSITORY,
        env=given,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )

    assert ended.returncode != 0
    assert ended.stdout == ""
    assert ended.stderr.startswith("trophycase: ")
    assert ended.stderr.count("\n") == 1
