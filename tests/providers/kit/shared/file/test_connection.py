"""Operations in batches: their order, their errors, and what is told of a failure."""

import asyncio
from pathlib import Path

import pytest

from providers.kit.shared.file import connection
from providers.kit.shared.file.connection import FileUnavailable
from providers.kit.shared.file.cursor import Cursor
from providers.kit.shared.shared_store import SharedStore
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
from tests.providers.kit.simulated_processes import wait_until

CREATE = "CREATE TABLE IF NOT EXISTS notes (id INTEGER PRIMARY KEY)"


@pytest.fixture(autouse=True)
def fast_recovery(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try to use the file again soon."""
    monkeypatch.setattr(connection, "RECOVERY_SECONDS", 0.02)


def add_note(cursor: Cursor) -> int:
    """Add a row; return how many there are."""
    cursor.execute(CREATE)
    cursor.execute("INSERT INTO notes DEFAULT VALUES")
    return cursor.execute("SELECT count(*) FROM notes").fetchone()[0]


def fail(cursor: Cursor) -> None:
    """Add a row and fail."""
    add_note(cursor)
    raise LookupError("a bug")


@pytest.mark.slow
def test_operations_run_in_the_order_of_the_calls(tmp_path: Path) -> None:
    async def scenario(store: SharedStore) -> None:
        file = get_file(store)
        results = await asyncio.gather(*(file.execute(add_note) for _ in range(600)))
        assert results == list(range(1, 601))

    run_with_file(tmp_path / NAME, scenario)


def test_the_error_of_one_operation_concerns_no_other(tmp_path: Path) -> None:
    async def scenario(store: SharedStore) -> None:
        file = get_file(store)
        one, error, two = await asyncio.gather(
            file.execute(add_note),
            file.execute(fail),
            file.execute(add_note),
            return_exceptions=True,
        )
        assert (one, two) == (1, 2)
        assert isinstance(error, LookupError)
        assert not file.is_unavailable

    run_with_file(tmp_path / NAME, scenario)


def test_a_cancelled_caller_does_not_affect_the_others(tmp_path: Path) -> None:
    async def scenario(store: SharedStore) -> None:
        file = get_file(store)
        impatient = asyncio.ensure_future(file.execute(add_note))
        patient = asyncio.ensure_future(file.execute(add_note))
        await asyncio.sleep(0)
        impatient.cancel()
        assert await patient == 2

    run_with_file(tmp_path / NAME, scenario)


def count_notes(cursor: Cursor) -> int:
    cursor.execute(CREATE)
    return cursor.execute("SELECT count(*) FROM notes").fetchone()[0]


def test_writes_that_may_wait_are_done_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "COLLECTING_SECONDS", 3600)

    async def scenario(store: SharedStore) -> None:
        file, done = get_file(store), list[str]()
        file.send(add_note, may_wait=True, on_end=lambda: done.append("one"))
        file.send(add_note, may_wait=True, on_end=lambda: done.append("two"))
        await store.get(store.build_key("a look-up"))
        assert not done

        assert await file.execute(count_notes) == 2  # in their order
        assert done == ["one", "two"]

    run_with_file(tmp_path / NAME, scenario)


def test_writes_that_may_wait_are_done_soon(tmp_path: Path) -> None:
    async def scenario(store: SharedStore) -> None:
        done = asyncio.Event()
        get_file(store).send(add_note, may_wait=True, on_end=done.set)
        await done.wait()

    run_with_file(tmp_path / NAME, scenario)


def test_writes_that_may_wait_are_done_at_once_if_there_are_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "COLLECTING_SECONDS", 3600)

    async def scenario(store: SharedStore) -> None:
        file, done = get_file(store), asyncio.Event()
        file.send(add_note, may_wait=True, on_end=done.set)
        for _ in range(connection.MAX_BATCH):
            file.send(add_note, may_wait=True)
        await done.wait()

    run_with_file(tmp_path / NAME, scenario)


def test_writes_that_may_wait_are_done_before_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "COLLECTING_SECONDS", 3600)
    done = list[str]()

    async def scenario(store: SharedStore) -> None:
        get_file(store).send(add_note, may_wait=True, on_end=lambda: done.append("one"))

    run_with_file(tmp_path / NAME, scenario)
    assert done == ["one"]


def test_before_it_is_open_the_file_is_unavailable(tmp_path: Path) -> None:
    file = connection.FileConnection(tmp_path / NAME)

    async def ask() -> None:
        with pytest.raises(FileUnavailable):
            await file.read(add_note)

    asyncio.run(ask())
    assert not file.is_unavailable


@pytest.mark.slow
def test_what_waits_at_the_end_is_written(tmp_path: Path) -> None:
    async def write(store: SharedStore) -> None:
        for index in range(2000):
            store.set_nowait(store.build_key(str(index)), bytes(1000), 600, is_evictable=True)

    async def read(store: SharedStore) -> None:
        assert all([await is_stored(store, str(index)) for index in range(2000)])

    run_with_file(tmp_path / NAME, write)
    run_with_file(tmp_path / NAME, read)


@pytest.mark.slow
def test_no_more_waits_than_the_queue_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "MAX_QUEUED", 10)

    async def scenario(store: SharedStore) -> None:
        for index in range(20):
            store.set_nowait(store.build_key(str(index)), b"content", 600)
        await finish_writes(store)
        stored = [await is_stored(store, str(index)) for index in range(20)]
        assert stored == [True] * 10 + [False] * 10

    run_with_file(tmp_path / NAME, scenario)


@pytest.mark.slow
def test_a_deletion_is_made_up_for_after_a_failure(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Holds that what a write has changed does not come back with the file."""

    async def scenario(store: SharedStore) -> None:
        name = await store_value(store, "note")
        file = get_file(store)
        hidden = take_disk_away(tmp_path)
        assert await store.get(name) is None
        assert store.is_degraded
        store.delete(name, ("policy", "key"))
        with pytest.raises(FileUnavailable):
            await file.execute(add_note)
        give_disk_back(tmp_path, hidden)
        await wait_until(lambda: not store.is_degraded)
        assert await store.get(name) is None
        await store_value(store, "other")
        assert await is_stored(store, "other")

    run_with_file(tmp_path / NAME, scenario)
    assert collect_problems(caplog) == [
        "The cache file cannot be used (it was removed or replaced): continuing without it",
        "The cache file can be used again",
    ]


@pytest.mark.slow
def test_after_too_many_deletions_nothing_is_read_that_may_be_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "MAX_OWED", 10)

    async def scenario(store: SharedStore) -> None:
        names = [await store_value(store, str(index)) for index in range(20)]
        hidden = take_disk_away(tmp_path)
        assert await store.get(names[0]) is None
        for name in names:
            store.delete(name, ("policy", name))
        give_disk_back(tmp_path, hidden)
        await wait_until(lambda: not store.is_degraded)
        assert [await store.get(name) for name in names] == [None] * 20

    run_with_file(tmp_path / NAME, scenario)


def test_a_lookup_does_not_wait_for_the_writes_before_it(tmp_path: Path) -> None:
    async def scenario(store: SharedStore) -> None:
        name = await store_value(store, "note")
        file = get_file(store)
        written: list[int] = []
        for index in range(200):
            file.send(add_note, on_end=lambda index=index: written.append(index))
        assert await store.get(name) == b"a value"
        assert len(written) < 200
        await finish_writes(store)
        assert written == list(range(200))

    run_with_file(tmp_path / NAME, scenario)


def test_a_lookup_finds_what_is_not_written_yet(tmp_path: Path) -> None:
    async def scenario(store: SharedStore) -> None:
        name = await store_value(store, "note", b"first")
        for index in range(200):
            get_file(store).send(add_note)
            store.set_nowait(name, str(index).encode(), 600, is_evictable=True)
        assert await store.get(name) == b"199"
        store.delete(name, ("policy", "key"))
        assert await store.get(name) is None
        await finish_writes(store)
        assert await store.get(name) is None

    run_with_file(tmp_path / NAME, scenario)
