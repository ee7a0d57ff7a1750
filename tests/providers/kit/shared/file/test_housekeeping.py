"""The bound of the file: who goes first, who stays, and what is cleaned up."""

import time
from pathlib import Path

import pytest

from providers.kit.shared.encryption import Cipher
from providers.kit.shared.file import file_backend, housekeeping
from providers.kit.shared.file.file_backend import FileBackend
from providers.kit.shared.file.file_url import build_file_url
from providers.kit.shared.shared_store import SharedStore
from tests.providers.kit.shared.file.shared_file import NAME, finish_writes, get_file
from tests.providers.kit.simulated_processes import SECRET, run_scenario

MEBIBYTE = 1024 * 1024
BOUND = 4 * MEBIBYTE
CONTENT = bytes(4000)

pytestmark = pytest.mark.slow


def open_small(path: Path) -> SharedStore:
    """Return a store in a file of four megabytes."""
    return SharedStore(build_file_url(path), Cipher(SECRET), BOUND)


async def store_many(store: SharedStore, first: int, count: int) -> None:
    """Store evictable values, and wait until they are in the file."""
    for index in range(first, first + count):
        store.set_nowait(store.build_key(str(index)), CONTENT, 600, is_evictable=True)
    await finish_writes(store)


async def find(store: SharedStore, indexes: range) -> int:
    """Return how many of the values are still there."""
    found = [await store.get(store.build_key(str(index))) for index in indexes]
    return sum(each is not None for each in found)


def test_the_file_does_not_outgrow_its_bound(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with open_small(tmp_path / NAME) as store:
            for turn in range(20):
                await store_many(store, 200 * turn, 200)
                assert (tmp_path / NAME).stat().st_size <= BOUND
            assert not store.is_degraded
            assert await find(store, range(3900, 4000)) == 100
            assert await find(store, range(100)) == 0

    run_scenario(scenario, 60)


def test_what_was_used_least_recently_goes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [time.time()]
    monkeypatch.setattr(time, "time", lambda: clock[0])

    async def scenario() -> None:
        async with open_small(tmp_path / NAME) as store:
            await store_many(store, 0, 100)
            clock[0] += housekeeping.USE_SECONDS
            await store_many(store, 100, 300)
            clock[0] += 1
            assert await find(store, range(20)) == 20
            backend = store.backend
            assert isinstance(backend, FileBackend)
            backend.flush_uses()
            clock[0] += 1
            await store_many(store, 400, 500)
            assert await find(store, range(20)) == 20
            assert await find(store, range(20, 100)) == 0

    run_scenario(scenario, 60)


def test_tokens_and_marks_are_not_evicted(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with open_small(tmp_path / NAME) as store:
            await store.set(store.build_key("tokens"), b"tokens", 600)
            await store_many(store, 0, 2000)
            assert await store.get(store.build_key("tokens")) == b"tokens"

    run_scenario(scenario, 60)


def test_a_value_that_would_evict_many_is_not_stored(tmp_path: Path) -> None:
    size = int(BOUND * file_backend.MAX_VALUE_SHARE)

    async def scenario() -> None:
        async with open_small(tmp_path / NAME) as store:
            await store.set(store.build_key("large"), bytes(size), 600, is_evictable=True)
            assert await store.get(store.build_key("large")) is None

    run_scenario(scenario)


def test_what_has_ended_is_deleted_and_its_room_given_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "VACUUMED_PAGES", 100)
    real_time = time.time

    async def scenario() -> None:
        async with open_small(tmp_path / NAME) as store:
            await store_many(store, 0, 400)
            before = await get_file(store).read(housekeeping.count_used_pages)
            monkeypatch.setattr(time, "time", lambda: real_time() + 601)
            await get_file(store).execute(housekeeping.clean)
            monkeypatch.setattr(time, "time", real_time)
            assert await get_file(store).read(housekeeping.count_used_pages) < before / 4

    run_scenario(scenario, 60)
