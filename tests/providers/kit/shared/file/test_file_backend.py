"""The shared store in a file: what outlasts a restart, and what several processes share."""

import os
import time
from pathlib import Path
from typing import Any

import apsw
import pytest

from providers.kit.caching.cache import Cache
from providers.kit.caching.policy import CachePolicy
from providers.kit.shared.file.cursor import Cursor
from providers.kit.shared.file.database import Database, Operation
from providers.kit.shared.file.file_url import build_file_url
from providers.kit.shared.lease import acquire
from providers.kit.shared.shared_store import Message, SharedStore
from tests.providers.kit.caching.two_caches import SCOPE, make_blocked_source, make_lookup
from tests.providers.kit.shared.file.shared_file import (
    NAME,
    finish_writes,
    get_backend,
    get_file,
    is_stored,
    read_all,
    read_modes,
    run_with_file,
    store_value,
)
from tests.providers.kit.simulated_processes import open_stores, start_request, wait_until

FRIENDS: CachePolicy[str] = CachePolicy("PSN.friends", str, max_age=600, invalidated_by_writes=True)
KEY = ("key",)


async def load() -> str:
    return "a value"


def count_values(cursor: Cursor) -> int:
    """Return how many values are in the file."""
    return cursor.execute("SELECT count(*) FROM stored_values").fetchone()[0]


def test_a_value_outlasts_its_process(tmp_path: Path) -> None:
    async def write(store: SharedStore) -> None:
        store.set_nowait(store.build_key("note"), b"content", 600)

    async def read(store: SharedStore) -> None:
        assert await store.get(store.build_key("note")) == b"content"
        assert await store.get(store.build_key("other")) is None

    run_with_file(tmp_path / NAME, write)
    run_with_file(tmp_path / NAME, read)


def test_finished_writes_are_in_the_file(tmp_path: Path) -> None:
    """Holds for a deletion that nothing but its caller waits for: the process may end next."""

    def count_from_outside() -> int:
        connection: Any = apsw.Connection(str(tmp_path / NAME))
        count = count_values(connection.cursor())
        connection.close()
        return count

    async def scenario(store: SharedStore) -> None:
        name = await store_value(store, "note")
        store.delete(name, KEY)
        before = count_from_outside()
        await store.finish_writes()
        assert (before, count_from_outside()) == (1, 0)

    run_with_file(tmp_path / NAME, scenario)


@pytest.mark.slow
def test_values_of_the_same_moment_are_written_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Holds that no batch of them is long: a look-up may be waiting behind it."""

    async def scenario(store: SharedStore) -> None:
        run, written = Database.run, list[int]()

        def count(database: Database, operations: list[Operation], **options: bool) -> list[Any]:
            results = run(database, [count_values, *operations, count_values], **options)
            written.append(results.pop() - results.pop(0))
            return results

        monkeypatch.setattr(Database, "run", count)
        for index in range(150):
            store.set_nowait(store.build_key(str(index)), b"content", 600)
        await finish_writes(store)
        assert [count for count in written if count] == [64, 64, 22]

    run_with_file(tmp_path / NAME, scenario)


def test_a_value_is_the_one_that_was_stored_or_deleted_last(tmp_path: Path) -> None:
    async def scenario(store: SharedStore) -> None:
        changing, deleted = store.build_key("changing"), store.build_key("deleted")
        for name in (changing, deleted):
            store.set_nowait(name, b"first", 600)
            store.set_nowait(name, b"second", 600)
        store.delete(changing, KEY)
        store.set_nowait(changing, b"third", 600)
        store.set_nowait(deleted, b"third", 600)
        store.delete(deleted, KEY)
        for _ in range(2):
            assert await store.get(changing) == b"third"
            assert await store.get(deleted) is None
            await finish_writes(store)

    run_with_file(tmp_path / NAME, scenario)


def test_a_value_ends_after_its_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real_time = time.time

    async def scenario(store: SharedStore) -> None:
        await store_value(store, "note")
        monkeypatch.setattr(time, "time", lambda: real_time() + 601)
        assert not await is_stored(store, "note")
        monkeypatch.setattr(time, "time", real_time)

    run_with_file(tmp_path / NAME, scenario)


def test_neither_names_nor_contents_are_readable_in_the_file(tmp_path: Path) -> None:
    async def scenario(store: SharedStore) -> None:
        store.set_nowait(store.build_key("PSN.titles", "a-handle"), b"a secret content", 600)
        async with store.lock("PSN.sign_in.a-handle"):
            await finish_writes(store)
            content = read_all(tmp_path)
        assert len(content) > 1000
        for text in (b"a-handle", b"a secret content", b"PSN"):
            assert text not in content

    run_with_file(tmp_path / NAME, scenario)


def test_all_files_are_readable_by_their_user_alone(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"

    async def scenario(store: SharedStore) -> None:
        await store_value(store, "note")
        files = {NAME: 0o600, f"{NAME}-wal": 0o600, f"{NAME}-shm": 0o600}
        assert read_modes(folder) == {"": 0o700, **files}

    umask = os.umask(0)
    try:
        run_with_file(folder / NAME, scenario)
    finally:
        os.umask(umask)


@pytest.mark.slow
def test_a_lookup_of_many_values_takes_two_batches_at_most(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Holds that a page of titles waits for the worker thread once, not once for each title."""

    async def scenario(store: SharedStore) -> None:
        for index in range(61):
            await store_value(store, str(index))
        run, batches = Database.run, list[int]()

        def count(database: Database, operations: list[Operation], **options: bool) -> list[Any]:
            batches.append(len(operations))
            return run(database, operations, writes=options["writes"])

        monkeypatch.setattr(Database, "run", count)
        lookups = [start_request(lambda at=at: is_stored(store, str(at))) for at in range(61)]
        assert all([(await lookup)[0] for lookup in lookups])
        assert sum(batches) == 61
        assert len(batches) <= 2

    run_with_file(tmp_path / NAME, scenario)


def test_processes_see_each_others_values_at_once(tmp_path: Path) -> None:
    async def scenario(one: SharedStore, two: SharedStore) -> None:
        await one.set(one.build_key("note"), b"content", 600)
        assert await two.get(two.build_key("note")) == b"content"

    run_with_file(tmp_path / NAME, scenario, processes=2)


@pytest.mark.slow
def test_a_message_reaches_every_other_process_once(tmp_path: Path) -> None:
    async def scenario(one: SharedStore, two: SharedStore, three: SharedStore) -> None:
        received: dict[str, list[Message | None]] = {"one": [], "two": [], "three": []}
        for store, name in ((one, "one"), (two, "two"), (three, "three")):
            store.subscribe("topic", received[name].append)
            store.subscribe("other topic", received[name].append)
        one.publish("topic", b"first")
        one.publish("topic", b"second")
        await wait_until(lambda: len(received["two"]) == len(received["three"]) == 2)
        for name in ("two", "three"):
            assert [each.content for each in received[name] if each] == [b"first", b"second"]
        assert received["one"] == []

    run_with_file(tmp_path / NAME, scenario, processes=3)


def test_a_process_that_is_alone_stores_no_messages(tmp_path: Path) -> None:
    async def scenario(store: SharedStore) -> None:
        assert not store.has_others
        store.publish("topic", b"content")
        rows = await get_file(store).read(
            lambda cursor: cursor.execute("SELECT * FROM messages").fetchall()
        )
        assert rows == []

    run_with_file(tmp_path / NAME, scenario)


def test_a_process_knows_at_its_next_lookup_that_another_has_started(tmp_path: Path) -> None:
    async def scenario(one: SharedStore) -> None:
        assert not one.has_others

        async with open_stores(build_file_url(tmp_path / NAME), 1) as (two,):
            assert two.has_others
            assert not await is_stored(one, "anything")
            assert one.has_others
        assert not await is_stored(one, "anything")
        assert not one.has_others

    run_with_file(tmp_path / NAME, scenario)


@pytest.mark.slow
def test_what_a_write_has_changed_is_forgotten_by_every_process(tmp_path: Path) -> None:
    async def scenario(one: SharedStore, two: SharedStore) -> None:
        caches = [Cache(shared_store=store) for store in (one, two)]
        for cache in caches:
            assert (await cache.get_or_load(FRIENDS, SCOPE, KEY, load)).value == "a value"
        caches[0].invalidate(FRIENDS, SCOPE, KEY)
        await wait_until(lambda: caches[1].peek(FRIENDS, SCOPE, KEY) is None)
        assert await caches[1].get(FRIENDS, SCOPE, KEY) is None

    run_with_file(tmp_path / NAME, scenario, processes=2)


def test_one_process_loads_for_all(tmp_path: Path) -> None:
    async def scenario(one: SharedStore, two: SharedStore) -> None:
        sources = [make_blocked_source(), make_blocked_source()]
        loads = [
            start_request(make_lookup(Cache(shared_store=store), source))
            for store, source in zip((one, two), sources, strict=True)
        ]
        await wait_until(lambda: sources[0].calls + sources[1].calls == 1)
        for source in sources:
            source.released.set()
        for each in loads:
            await each
        assert sources[0].calls + sources[1].calls == 1

    run_with_file(tmp_path / NAME, scenario, processes=2)


@pytest.mark.slow
def test_a_lease_has_one_holder_until_it_is_released(tmp_path: Path) -> None:
    async def scenario(one: SharedStore, two: SharedStore) -> None:
        backends = [get_backend(store) for store in (one, two)]
        lease, _ = await acquire(backends[0], "name")
        assert lease is not None
        assert await acquire(backends[1], "name") == (None, lease.token)
        lease.release()
        await finish_writes(one)
        assert (await acquire(backends[1], "name"))[0] is not None

    run_with_file(tmp_path / NAME, scenario, processes=2)


@pytest.mark.parametrize("seconds", [-1.0, 86_400.0])
def test_a_holder_without_a_valid_end_is_none(tmp_path: Path, seconds: float) -> None:
    """Holds after a process has died, and after the clock was set back."""

    async def scenario(store: SharedStore) -> None:
        backend = get_backend(store)
        await acquire(backend, "name")
        ends_at = time.time() + seconds
        await get_file(store).execute(
            lambda cursor: cursor.execute("UPDATE leases SET ends_at = ?", (ends_at,))
        )
        assert await backend.read_lease("name", 3) is None
        assert (await acquire(backend, "name"))[0] is not None

    run_with_file(tmp_path / NAME, scenario)


def test_the_file_is_that_of_the_newest_sqlite(tmp_path: Path) -> None:
    """Holds that no old library of the system is used, which would lose what the file relies on."""
    assert apsw.sqlite_lib_version() >= "3.50"

    async def scenario(store: SharedStore) -> None:
        mode = await get_file(store).read(
            lambda cursor: cursor.execute("PRAGMA journal_mode").fetchone()
        )
        assert mode == ("wal",)

    run_with_file(tmp_path / NAME, scenario)
