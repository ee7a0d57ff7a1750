"""What a disk can do: the cache becomes slower and never wrong, says so once, and comes back."""

import asyncio
import resource
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import apsw
import pytest

from providers.kit.caching.cache import Cache
from providers.kit.caching.policy import CachePolicy
from providers.kit.shared.file import connection, database, file_backend
from providers.kit.shared.file.connection import FileUnavailable
from providers.kit.shared.file.database import COMPANIONS
from providers.kit.shared.file.schema import SCHEMA_VERSION
from providers.kit.shared.shared_store import SharedStore
from tests.providers.kit.shared.file import small_disk
from tests.providers.kit.shared.file.shared_file import (
    NAME,
    collect_problems,
    finish_writes,
    get_file,
    give_disk_back,
    is_stored,
    run_with_file,
    store_value,
    take_disk_away,
)
from tests.providers.kit.simulated_processes import start_request, wait_until

POLICY: CachePolicy[str] = CachePolicy("PSN.value", str, max_age=600)
USED_AGAIN = "The cache file can be used again"
WAS_DAMAGED = "The cache file was damaged: it was renamed, and a new one begun"
MEBIBYTE = 1024 * 1024
UNSHARE = ("unshare", "--mount")
HOLD_LOCK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
for statement in sys.argv[2:]:
    connection.execute(statement)
print("locked", flush=True)
sys.stdin.read()
"""

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def fast_recovery(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for a lock shortly, and try to use the file again soon."""
    monkeypatch.setattr(connection, "RECOVERY_SECONDS", 0.02)
    monkeypatch.setattr(connection, "LOCK_SECONDS", 0.1)
    monkeypatch.setattr(database, "OPENING_SECONDS", 0.1)


def tell_problem(reason: str) -> str:
    """Return the log line of a file that cannot be used."""
    return f"The cache file cannot be used ({reason}): continuing without it"


async def load() -> str:
    return "a value"


async def check_that_memory_serves(store: SharedStore) -> None:
    """Check that values are loaded once and cached, whatever the file does."""
    cache = Cache(shared_store=store)
    for _ in range(2):
        loaded, _ = await start_request(
            lambda: cache.get_or_load(POLICY, "a-scope", ("key",), load)
        )
        assert loaded.value == "a value"
    assert cache.peek(POLICY, "a-scope", ("key",)) is not None


async def wait_for_recovery(store: SharedStore) -> None:
    """Wait until the file is used again, and check that it is."""
    await wait_until(lambda: not store.is_degraded)
    await store_value(store, "after")
    assert await is_stored(store, "after")


@contextmanager
def hold_lock(path: Path, *statements: str) -> Generator[None]:
    """Hold a lock on the file in another program, which has run these statements."""
    with subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", HOLD_LOCK, str(path), *statements],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"locked\n"
        yield
        process.kill()


def write_outside(path: Path, offset: int, content: bytes) -> None:
    """Overwrite a part of the file in another process: closing it here would end our locks."""
    command = "import sys; f = open(sys.argv[1], 'r+b'); f.seek(int(sys.argv[2])); "
    subprocess.run(  # noqa: S603 - our own interpreter
        [
            sys.executable,
            "-c",
            command + "f.write(sys.stdin.buffer.read())",
            str(path),
            str(offset),
        ],
        input=content,
        check=True,
    )


def make_file(path: Path) -> None:
    """Make a cache file with one value."""

    async def scenario(store: SharedStore) -> None:
        await store_value(store, "before")

    run_with_file(path, scenario)


def change_version(path: Path, version: int) -> None:
    """Make the file one that another version of the server has written."""
    other: Any = apsw.Connection(str(path))
    other.pragma("user_version", version)
    other.close()


def take_over(path: Path) -> None:
    """Change the tables as another version of the server might."""
    other: Any = apsw.Connection(str(path))
    other.execute("ALTER TABLE stored_values RENAME COLUMN content TO value")
    other.pragma("user_version", SCHEMA_VERSION + 1)
    other.close()


async def begin_slow_write(store: SharedStore, seconds: float) -> None:
    """Let the disk be busy for some seconds from now on."""
    begun = threading.Event()
    get_file(store).send(lambda _cursor: (begun.set(), time.sleep(seconds)))
    await wait_until(begun.is_set)


def can_mount() -> bool:
    """Return whether this user may mount a file system for one process."""
    if shutil.which(UNSHARE[0]) is None:
        return False
    return subprocess.run([*UNSHARE, "true"], check=False).returncode == 0  # noqa: S603 - constants


@contextmanager
def limit_file_sizes(size: int) -> Generator[None]:
    """Let every write beyond a size fail, as on a disk that does not work."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_missing_disk_at_the_start(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = tmp_path / "disk"
    folder.write_text("not mounted")

    async def scenario(store: SharedStore) -> None:
        assert store.is_degraded
        await check_that_memory_serves(store)
        folder.unlink()
        await wait_for_recovery(store)

    run_with_file(folder / NAME, scenario)
    assert collect_problems(caplog) == [tell_problem("Not a directory"), USED_AGAIN]


def test_a_disk_that_goes_away_and_comes_back(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario(store: SharedStore) -> None:
        await store_value(store, "before")
        hidden = take_disk_away(tmp_path)
        assert not await is_stored(store, "before")
        assert store.is_degraded
        await check_that_memory_serves(store)
        give_disk_back(tmp_path, hidden)
        await wait_for_recovery(store)
        assert await is_stored(store, "before")

    run_with_file(tmp_path / NAME, scenario)
    assert collect_problems(caplog) == [tell_problem("it was removed or replaced"), USED_AGAIN]


def test_a_file_that_is_removed_begins_anew(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario(store: SharedStore) -> None:
        await store_value(store, "before")
        for companion in COMPANIONS:
            (tmp_path / (NAME + companion)).unlink()
        await check_that_memory_serves(store)
        await wait_for_recovery(store)
        assert not await is_stored(store, "before")

    run_with_file(tmp_path / NAME, scenario)
    assert collect_problems(caplog) == [tell_problem("it was removed or replaced"), USED_AGAIN]


def test_a_file_that_is_replaced_is_read_at_once(tmp_path: Path) -> None:
    make_file(tmp_path / "other")

    async def scenario(store: SharedStore) -> None:
        (tmp_path / "other").rename(tmp_path / NAME)
        for companion in ("-wal", "-shm"):
            (tmp_path / (NAME + companion)).unlink()
        assert not await is_stored(store, "before")
        await wait_for_recovery(store)
        assert await is_stored(store, "before")

    run_with_file(tmp_path / NAME, scenario)


def test_a_file_that_another_program_has_locked_at_the_start(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    make_file(tmp_path / NAME)

    async def scenario(store: SharedStore) -> None:
        assert store.is_degraded
        await check_that_memory_serves(store)
        lock.__exit__(None, None, None)
        await wait_for_recovery(store)
        assert await is_stored(store, "before")

    lock = hold_lock(
        tmp_path / NAME, "PRAGMA locking_mode = EXCLUSIVE", "BEGIN IMMEDIATE", "COMMIT"
    )
    lock.__enter__()
    run_with_file(tmp_path / NAME, scenario)
    assert collect_problems(caplog) == [tell_problem("another program has locked it"), USED_AGAIN]


def test_a_lock_of_another_program_while_running(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Holds that values can be read meanwhile, and that the first write says what is wrong."""

    async def scenario(store: SharedStore) -> None:
        await store_value(store, "before")
        with hold_lock(tmp_path / NAME, "BEGIN IMMEDIATE"):
            assert await is_stored(store, "before")
            store.set_nowait(store.build_key("during"), b"a value", 600, is_evictable=True)
            await wait_until(lambda: store.is_degraded)
            await check_that_memory_serves(store)
        await wait_for_recovery(store)
        assert await is_stored(store, "before")
        assert not await is_stored(store, "during")

    run_with_file(tmp_path / NAME, scenario)
    assert collect_problems(caplog) == [tell_problem("another program has locked it"), USED_AGAIN]


def test_a_short_lock_while_running_is_waited_for(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Holds for processes of our own, which write for a moment: look-ups go on meanwhile."""
    monkeypatch.setattr(connection, "LOCK_SECONDS", 60.0)
    monkeypatch.setattr(connection, "TIMEOUT_SECONDS", 60.0)
    monkeypatch.setattr(database, "BUSY_MILLISECONDS", 1)

    async def scenario(store: SharedStore) -> None:
        await store_value(store, "before")
        with hold_lock(tmp_path / NAME, "BEGIN IMMEDIATE"):
            write = asyncio.ensure_future(store_value(store, "during"))
            for _ in range(5):
                assert await is_stored(store, "before")
            assert not write.done()
        await write
        assert await is_stored(store, "during")

    run_with_file(tmp_path / NAME, scenario)
    assert collect_problems(caplog) == []


def test_a_write_that_waits_for_a_lock_gives_up_before_the_file_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Holds for those that are waited for: their callers go on without the file."""
    monkeypatch.setattr(connection, "LOCK_SECONDS", 60.0)

    async def scenario(store: SharedStore) -> None:
        await store_value(store, "before")
        with hold_lock(tmp_path / NAME, "BEGIN IMMEDIATE"):
            with pytest.raises(FileUnavailable):
                await finish_writes(store)
            assert await is_stored(store, "before")
            assert not store.is_degraded

    run_with_file(tmp_path / NAME, scenario)


def test_what_other_processes_say_is_not_missed_behind_a_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "LOCK_SECONDS", 60.0)
    monkeypatch.setattr(connection, "TIMEOUT_SECONDS", 60.0)
    monkeypatch.setattr(database, "BUSY_MILLISECONDS", 1)
    monkeypatch.setattr(file_backend, "POLL_SECONDS", 60.0)
    monkeypatch.setattr(file_backend, "POLL_SECONDS_ALONE", 60.0)

    async def scenario(one: SharedStore, two: SharedStore) -> None:
        heard: list[bytes] = []
        two.subscribe("a-topic", lambda message: heard.append(message.content if message else b""))
        await finish_writes(two)
        one.publish("a-topic", b"a message")
        await finish_writes(one)
        with hold_lock(tmp_path / NAME, "BEGIN IMMEDIATE"):
            write = asyncio.ensure_future(finish_writes(two))
            await asyncio.sleep(0.05)
            assert (write.done(), heard) == (False, [])
        await write
        assert heard == [b"a message"]

    run_with_file(tmp_path / NAME, scenario, processes=2)


def test_processes_that_start_wait_for_each_other(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Holds for a file that another process is still opening."""
    make_file(tmp_path / NAME)
    monkeypatch.setattr(database, "OPENING_SECONDS", 60.0)

    async def scenario(store: SharedStore) -> None:
        assert not store.is_degraded
        assert await is_stored(store, "before")

    locking = ("PRAGMA locking_mode = EXCLUSIVE", "BEGIN IMMEDIATE")
    with ExitStack() as stack:
        stack.enter_context(hold_lock(tmp_path / NAME, *locking))
        release = threading.Timer(0.3, stack.close)
        release.start()
        run_with_file(tmp_path / NAME, scenario)
        release.join()
    assert collect_problems(caplog) == []


@pytest.mark.parametrize("offset", [0, 2 * 4096], ids=["header", "tables"])
def test_a_file_that_is_damaged_at_the_start(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, offset: int
) -> None:
    make_file(tmp_path / NAME)
    content = bytearray((tmp_path / NAME).read_bytes())
    content[offset : offset + 8192] = b"\xa5" * 8192
    (tmp_path / NAME).write_bytes(content)

    async def scenario(store: SharedStore) -> None:
        assert not store.is_degraded
        assert not await is_stored(store, "before")
        await store_value(store, "after")

    async def read(store: SharedStore) -> None:
        assert await is_stored(store, "after")

    run_with_file(tmp_path / NAME, scenario)
    run_with_file(tmp_path / NAME, read)
    assert collect_problems(caplog) == [WAS_DAMAGED]
    damaged = (tmp_path / f"{NAME}.damaged").read_bytes()
    assert damaged[offset : offset + 8192] == b"\xa5" * 8192


def test_a_file_that_is_damaged_while_running(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario(store: SharedStore) -> None:
        for index in range(200):
            store.set_nowait(store.build_key(str(index)), bytes(1000), 600, is_evictable=True)
        await finish_writes(store)
        await get_file(store).read(_write_back)
        size = (tmp_path / NAME).stat().st_size
        write_outside(tmp_path / NAME, 4096, b"\xa5" * (size - 4096))
        await get_file(store).read(lambda cursor: cursor.execute("PRAGMA shrink_memory").fetchall())
        assert not await is_stored(store, "7")
        await check_that_memory_serves(store)
        await wait_for_recovery(store)
        assert (tmp_path / f"{NAME}.damaged").exists()

    run_with_file(tmp_path / NAME, scenario)
    assert collect_problems(caplog) == [tell_problem("it is damaged"), USED_AGAIN]


def _write_back(cursor: connection.Cursor) -> None:
    cursor.execute("COMMIT")
    cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    cursor.execute("BEGIN")


def test_a_file_of_a_newer_version_is_left_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    make_file(tmp_path / NAME)
    change_version(tmp_path / NAME, SCHEMA_VERSION + 1)
    before = (tmp_path / NAME).read_bytes()

    run_with_file(tmp_path / NAME, check_that_memory_serves)
    assert (tmp_path / NAME).read_bytes() == before
    reason = "a newer version of this server has written it"
    assert collect_problems(caplog) == [tell_problem(reason)]


def test_a_file_of_an_older_version_begins_anew(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    make_file(tmp_path / NAME)
    change_version(tmp_path / NAME, SCHEMA_VERSION - 1)

    async def scenario(store: SharedStore) -> None:
        assert not await is_stored(store, "before")
        await store_value(store, "after")
        assert await is_stored(store, "after")

    run_with_file(tmp_path / NAME, scenario)
    assert collect_problems(caplog) == []


def test_a_file_that_a_newer_version_takes_over_while_running(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario(store: SharedStore) -> None:
        await store_value(store, "before")
        take_over(tmp_path / NAME)
        assert not await is_stored(store, "before")
        assert store.is_degraded
        await check_that_memory_serves(store)

    run_with_file(tmp_path / NAME, scenario)
    assert collect_problems(caplog) == [tell_problem("its tables have changed")]


def test_a_file_of_another_program_is_left_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with sqlite3.connect(tmp_path / NAME) as other:
        other.execute("CREATE TABLE photos (id INTEGER)")
        other.execute("INSERT INTO photos VALUES (1)")
    other.close()

    run_with_file(tmp_path / NAME, check_that_memory_serves)
    assert collect_problems(caplog) == [tell_problem("it belongs to another program")]
    with sqlite3.connect(tmp_path / NAME) as other:
        assert other.execute("SELECT * FROM photos").fetchall() == [(1,)]
    other.close()


@pytest.mark.parametrize("place", ["file", "folder", "link"])
def test_a_file_that_others_could_have_written_is_left_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, place: str
) -> None:
    folder = tmp_path / "folder"
    make_file(folder / NAME)
    if place == "link":
        (folder / NAME).rename(tmp_path / NAME)
        (folder / NAME).symlink_to(tmp_path / NAME)
    else:
        (folder / NAME if place == "file" else folder).chmod(0o777)

    run_with_file(folder / NAME, check_that_memory_serves)
    reasons = {
        "file": "it can be written by others",
        "folder": "its directory can be written by others",
        "link": "it can be written by others",  # a link has no mode of its own
    }
    assert collect_problems(caplog) == [tell_problem(reasons[place])]


def test_a_disk_that_does_not_work(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def scenario(store: SharedStore) -> None:
        await store_value(store, "before")
        with limit_file_sizes(MEBIBYTE):
            for index in range(600):
                store.set_nowait(store.build_key(str(index)), bytes(4000), 600, is_evictable=True)
            await wait_until(lambda: store.is_degraded)
            await check_that_memory_serves(store)
        await wait_for_recovery(store)
        assert await is_stored(store, "before")

    run_with_file(tmp_path / NAME, scenario)
    assert collect_problems(caplog) == [tell_problem("the disk does not work"), USED_AGAIN]


@pytest.mark.parametrize(
    ("kind", "reason"), [("full", "the disk is full"), ("read-only", "it is read-only")]
)
def test_a_disk_that_takes_no_more(tmp_path: Path, kind: str, reason: str) -> None:
    """Holds for a real file system of two megabytes."""
    if not can_mount():
        pytest.skip("a file system cannot be mounted here")
    command = [*UNSHARE, sys.executable, "-m", small_disk.__name__, kind, str(tmp_path)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own module
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines() == [tell_problem(reason), USED_AGAIN]


def test_a_slow_disk_delays_a_lookup_by_a_fifth_of_a_second_at_most(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "TIMEOUT_SECONDS", 0.2)

    async def scenario(store: SharedStore) -> None:
        await store_value(store, "before")
        await begin_slow_write(store, 2.5)
        started_at = time.monotonic()
        assert not await is_stored(store, "before")
        assert time.monotonic() - started_at < 1
        await wait_until(lambda: store.is_degraded)
        started_at = time.monotonic()
        await check_that_memory_serves(store)
        assert time.monotonic() - started_at < 0.2
        await wait_for_recovery(store)
        assert await is_stored(store, "before")

    run_with_file(tmp_path / NAME, scenario)
    assert collect_problems(caplog) == [tell_problem("the disk is too slow"), USED_AGAIN]


def test_a_disk_that_hesitates_is_not_lost(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Holds for the sources' sake: what waits to be written is still written."""
    monkeypatch.setattr(connection, "TIMEOUT_SECONDS", 0.2)

    async def scenario(store: SharedStore) -> None:
        await store_value(store, "before")
        await begin_slow_write(store, 0.5)
        store.set_nowait(store.build_key("during"), b"a value", 600, is_evictable=True)
        assert not await is_stored(store, "before")
        await wait_until(lambda: is_stored(store, "before"))
        await finish_writes(store)
        assert await is_stored(store, "during")

    run_with_file(tmp_path / NAME, scenario)
    assert collect_problems(caplog) == []


def test_writes_alone_may_take_as_long_as_the_disk(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "TIMEOUT_SECONDS", 0.05)

    async def scenario(store: SharedStore) -> None:
        written = threading.Event()
        get_file(store).send(lambda _cursor: time.sleep(0.5), on_end=written.set)
        await wait_until(written.is_set)
        assert not store.is_degraded

    run_with_file(tmp_path / NAME, scenario)
    assert collect_problems(caplog) == []
