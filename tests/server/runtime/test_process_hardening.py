"""A process that holds secrets leaves no image of its memory, and says when it runs as root."""

import builtins
import logging
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from server.runtime.process_hardening import disable_core_files, warn_when_root
from tests.server.runtime.server_process import (
    Process,
    build_environment,
    start_process,
    wait_until,
)

pytestmark = pytest.mark.slow

CORE_LIMIT = ["Max", "core", "file", "size", "0", "0", "bytes"]
UNREACHABLE_REDIS = "redis://127.0.0.1:1"  # which is done without


def list_process_ids(process: Process) -> list[int]:
    """Return the ids of a process and its children."""
    found, ids = [process.popen.pid], list[int]()
    while found:
        ids.append(found.pop())
        children = Path(f"/proc/{ids[-1]}/task/{ids[-1]}/children").read_text()
        found += [int(each) for each in children.split()]
    return ids


def read_core_limit(process_id: int) -> list[str]:
    lines = Path(f"/proc/{process_id}/limits").read_text().splitlines()
    return next(line.split() for line in lines if line.startswith("Max core"))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "count"),
    [(("serve", "--sandbox"), 1), (("sandbox",), 1), (("serve", "--sandbox", "--workers", "2"), 3)],
)
@pytest.mark.skipif(not Path("/proc/self/limits").exists(), reason="reads Linux's /proc")
def test_no_process_that_serves_leaves_a_core_file(arguments: tuple[str, ...], count: int) -> None:
    given = build_environment(TROPHYCASE_CACHE_URL=UNREACHABLE_REDIS)
    with start_process(*arguments, env=given) as process:
        ids = list_process_ids(process)
        try:
            assert len(ids) >= count
            assert [read_core_limit(each) for each in ids] == [CORE_LIMIT] * len(ids)
        finally:
            process.popen.send_signal(signal.SIGTERM)
            process.popen.wait(30)


def test_a_system_without_such_limits_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    imported: list[str] = []
    real_import: Callable[..., Any] = builtins.__import__

    def import_all_but_resource(name: str, *rest: Any) -> Any:
        imported.append(name)
        if name == "resource":
            raise ImportError
        return real_import(name, *rest)

    monkeypatch.setattr(builtins, "__import__", import_all_but_resource)

    disable_core_files()

    assert imported == ["resource"]


@pytest.mark.parametrize(("user", "count"), [(0, 1), (1000, 0)])
def test_running_as_root_is_warned_about(
    user: int, count: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: user)

    warn_when_root()

    assert [record.levelno for record in caplog.records] == [logging.WARNING] * count
    assert all("root" in record.getMessage() for record in caplog.records)


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="needs to be root")
@pytest.mark.parametrize(("arguments", "count"), [(("serve",), 1), (("serve", "--sandbox"), 0)])
def test_a_server_that_root_starts_says_so_once(
    arguments: tuple[str, ...], count: int, tmp_path: Path
) -> None:
    given = build_environment(TROPHYCASE_STATE_DIR=str(tmp_path))
    with start_process(*arguments, env=given) as process:
        wait_until(lambda: process.lines)
        found = [line for line in process.lines if line["logger"] == "trophycase.process"]
        assert [line["level"] for line in found] == ["warning"] * count
