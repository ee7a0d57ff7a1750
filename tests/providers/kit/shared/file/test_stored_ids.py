"""What is known of the file without looking: never more than there is not."""

from pathlib import Path
from typing import Any

import pytest

from providers.kit.caching.cache import Cache
from providers.kit.caching.policy import CachePolicy
from providers.kit.shared.file import stored_ids
from providers.kit.shared.file.database import Database, Operation
from providers.kit.shared.file.file_url import build_file_url
from providers.kit.shared.file.stored_ids import StoredIds
from providers.kit.shared.shared_store import SharedStore
from tests.providers.kit.shared.file.shared_file import (
    NAME,
    get_backend,
    is_stored,
    run_with_file,
    store_value,
)
from tests.providers.kit.simulated_processes import open_stores, start_request, wait_until

POLICY: CachePolicy[str] = CachePolicy("PSN.value", str, max_age=600)
MEBIBYTE = 1024 * 1024


async def load() -> str:
    return "a value"


def is_absent(store: SharedStore, label: str, since: float = 0) -> bool:
    """Return whether the store knows that there is no value."""
    return get_backend(store).is_absent(store.build_key(label), since)


async def wait_for_list(store: SharedStore) -> None:
    """Wait until the store knows what is not in the file."""
    await wait_until(lambda: is_absent(store, "never stored"))


def test_nothing_is_known_before_the_list_is_complete() -> None:
    ids = StoredIds(MEBIBYTE)
    assert ids.may_be_stored(1)
    ids.begin_list()
    assert ids.may_be_stored(1)
    ids.add_listed([5, -7])
    ids.add(9)
    ids.complete_list()
    assert [ids.may_be_stored(each) for each in (5, -7, 9, 1)] == [True, True, True, False]


def test_a_list_during_which_another_process_writes_is_worth_nothing() -> None:
    ids = StoredIds(MEBIBYTE)
    ids.begin_list()
    ids.forget()
    ids.add_listed([5])
    ids.complete_list()
    assert ids.may_be_stored(1)


def test_the_ids_are_listed_again_when_most_are_of_what_is_not_stored_any_more() -> None:
    ids = StoredIds(MEBIBYTE)
    assert ids.is_outdated
    ids.begin_list()
    ids.complete_list()
    assert not ids.is_outdated
    for number in range(3000):
        ids.add(number)
    assert ids.is_outdated
    ids.begin_list()
    ids.complete_list()
    assert not ids.may_be_stored(17)


def test_what_a_process_finds_at_its_start_is_not_absent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored_ids, "MAX_LISTED", 3)
    monkeypatch.setattr("providers.kit.shared.file.file_backend.MAX_LISTED", 3)

    async def write(store: SharedStore) -> None:
        for index in range(9):
            await store_value(store, str(index))

    async def read(store: SharedStore) -> None:
        await wait_for_list(store)
        assert [is_absent(store, str(index)) for index in range(9)] == [False] * 9
        assert is_absent(store, "9")

    run_with_file(tmp_path / NAME, write)
    run_with_file(tmp_path / NAME, read)


def test_what_waits_to_be_written_is_not_absent(tmp_path: Path) -> None:
    async def scenario(store: SharedStore) -> None:
        store.set_nowait(store.build_key("before the list"), b"content", 600)
        await wait_for_list(store)
        store.set_nowait(store.build_key("after the list"), b"content", 600)
        assert not is_absent(store, "before the list")
        assert not is_absent(store, "after the list")

    run_with_file(tmp_path / NAME, scenario)


def test_nothing_is_absent_that_another_process_may_have_written_since(tmp_path: Path) -> None:
    async def scenario(one: SharedStore) -> None:
        await wait_for_list(one)
        async with open_stores(build_file_url(tmp_path / NAME), 1) as (two,):
            await store_value(two, "note")
            assert await is_stored(one, "note")
            assert not is_absent(one, "other")

    run_with_file(tmp_path / NAME, scenario)


def test_a_request_finds_what_another_process_has_written_before_it(tmp_path: Path) -> None:
    """Holds at once, although a process that is alone looks for others every second only."""

    async def fail() -> str:
        raise AssertionError("loaded twice")

    async def scenario(one: SharedStore) -> None:
        await wait_for_list(one)
        async with open_stores(build_file_url(tmp_path / NAME), 1) as (two,):
            caches = [Cache(shared_store=store) for store in (one, two)]
            await start_request(lambda: caches[1].get_or_load(POLICY, "scope", ("key",), load))
            await two.finish_writes()
            found, _ = await start_request(
                lambda: caches[0].get_or_load(POLICY, "scope", ("key",), fail)
            )
            assert found.value == "a value"

    run_with_file(tmp_path / NAME, scenario)


def test_of_many_absent_values_of_one_request_the_file_is_asked_for_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario(store: SharedStore) -> None:
        await wait_for_list(store)
        cache, run, lookups = Cache(shared_store=store), Database.run, list[int]()

        def count(database: Database, operations: list[Operation], **options: bool) -> list[Any]:
            if not options["writes"]:
                lookups.append(len(operations))
            return run(database, operations, **options)

        async def ask() -> None:
            for index in range(61):
                assert await cache.get(POLICY, "scope", (str(index),)) is None

        monkeypatch.setattr(Database, "run", count)
        await start_request(ask)
        assert lookups == [1]

    run_with_file(tmp_path / NAME, scenario)
