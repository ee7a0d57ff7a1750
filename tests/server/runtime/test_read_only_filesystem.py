"""The server runs from a checkout that its user cannot write."""

import os
import shutil
import stat
import tempfile
from collections.abc import Generator
from functools import partial
from pathlib import Path

import httpx
import pytest

from tests.server.runtime.forked_process import start_command
from tests.server.runtime.server_process import (
    ask,
    build_environment,
    copy_program,
    start_process,
    wait_until,
)

pytestmark = pytest.mark.slow

UNUSED_UID = "12345"  # a number that no user has


@pytest.fixture
def checkout() -> Generator[Path]:
    """Copy the program without write permissions."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        copy_program(place)
        _set_modes(place, 0o555, 0o444)
        yield place
        _set_modes(place, 0o755, 0o644)


def _set_modes(place: Path, folder: int, file: int) -> None:
    for path in (place, *place.rglob("*")):
        path.chmod(folder if path.is_dir() else file)


def _build_unprivileged_prefix() -> tuple[str, ...]:
    """Return a command prefix that drops root's permission to write everywhere."""
    if os.geteuid() != 0:
        return ()
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        pytest.skip("root can only give up its rights with setpriv")
    identity = (f"--reuid={UNUSED_UID}", f"--regid={UNUSED_UID}", "--clear-groups")
    capabilities = "-all,+dac_read_search"
    return (
        setpriv,
        *identity,
        f"--inh-caps={capabilities}",
        f"--ambient-caps={capabilities}",
        f"--bounding-set={capabilities}",
    )


def _read_modification_times(place: Path) -> dict[Path, float]:
    return {path: path.stat().st_mtime for path in place.rglob("*")}


@pytest.mark.parametrize("home", [None, "/nonexistent"])
def test_the_sandbox_runs_from_a_checkout_that_cannot_be_written(
    checkout: Path, home: str | None
) -> None:
    given = build_environment() | ({"HOME": home} if home else {})
    for name in ("HOME",) * (home is None) + ("TROPHYCASE_STATE_DIR", "XDG_STATE_HOME"):
        given.pop(name, None)
    before = _read_modification_times(checkout)
    start = partial(start_command, prefix=_build_unprivileged_prefix())
    with start_process("serve", "--sandbox", env=given, folder=checkout, start=start) as process:
        assert ask(process.address).json()["data"]["viewer"]
        assert httpx.get(f"{process.address}/readyz").status_code == 200
        assert {line["level"] for line in wait_until(lambda: process.lines)} == {"info"}
    assert _read_modification_times(checkout) == before
    assert not stat.S_IMODE(checkout.stat().st_mode) & 0o222
