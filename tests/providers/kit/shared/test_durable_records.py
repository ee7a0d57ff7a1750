"""Durable records: values and logs that processes share, and what happens without their store."""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from providers.kit.shared.durable_records import MAX_CONTENT_BYTES, DurableRecords
from providers.kit.shared.memory_records import MemoryRecords
from providers.kit.shared.record_backend import LogKind, RecordKind, build_position
from providers.kit.shared.redis_connection import RedisConnection
from providers.kit.shared.shared_store import SharedStore
from tests.providers.kit.redis_server import RedisServer, run_redis_server
from tests.providers.kit.shared_backends import (
    Shared,
    every_backend,
    run_with_store,
    shared_backends,
)
from tests.providers.kit.simulated_processes import open_stores, run_scenario, wait_until

MARK = RecordKind("mark", seconds=3600, max_per_owner=3, max_total=5)
EVENTS = LogKind("events", seconds=3600, max_entries=4, max_total=8)
Scenario = Callable[[DurableRecords, DurableRecords], Awaitable[None]]


def run_with_records(backend: str, folder: Path, scenario: Scenario) -> None:
    """Run a scenario with the records of two processes; in memory both are one process's."""

    async def run(shared: Shared) -> None:
        async with open_stores(shared.url) as stores:
            one, two = (DurableRecords(store) for store in stores)
            await scenario(one, one if backend == "memory" else two)

    run_with_store(backend, folder, run)


@every_backend
def test_a_value_is_read_by_every_process_until_it_is_deleted(backend: str, tmp_path: Path) -> None:
    async def scenario(one: DurableRecords, two: DurableRecords) -> None:
        assert await two.get(MARK, "an-account") is None
        await one.set(MARK, "an-account", "", b"seen")
        await one.set(MARK, "an-account", "another-key", b"")
        assert await two.get(MARK, "an-account") == b"seen"
        assert await two.get(MARK, "an-account", "another-key") == b""
        assert await two.get(MARK, "another-account") is None
        await two.delete(MARK, "an-account")
        await two.delete(MARK, "an-account")
        assert await one.get(MARK, "an-account") is None

    run_with_records(backend, tmp_path, scenario)


@every_backend
def test_of_many_processes_that_set_an_absent_value_one_does(backend: str, tmp_path: Path) -> None:
    async def scenario(one: DurableRecords, two: DurableRecords) -> None:
        contents = [b"%d" % number for number in range(20)]
        found = await asyncio.gather(
            *(
                (one, two)[number % 2].set_if_absent(MARK, "an-owner", "a-key", content)
                for number, content in enumerate(contents)
            )
        )
        (winner,) = (content for content, old in zip(contents, found, strict=True) if old is None)
        assert {each for each in found if each is not None} == {winner}
        assert await two.get(MARK, "an-owner", "a-key") == winner

    run_with_records(backend, tmp_path, scenario)


@every_backend
def test_beyond_its_bound_an_owner_loses_the_oldest_values_and_none_that_is_not_set(
    backend: str, tmp_path: Path
) -> None:
    async def scenario(one: DurableRecords, two: DurableRecords) -> None:
        await one.set_if_absent(MARK, "an-owner", "running", b"begun")
        await one.set(MARK, "another-owner", "0", b"kept")
        for number in range(5):
            await (one, two)[number % 2].set(MARK, "an-owner", str(number), b"%d" % number)
            await asyncio.sleep(0.002)  # the resolution of the order
        kept = [await two.get(MARK, "an-owner", str(number)) for number in range(5)]
        assert kept == [None, None, b"2", b"3", b"4"]
        assert await two.get(MARK, "an-owner", "running") == b"begun"
        assert await two.get(MARK, "another-owner", "0") == b"kept"

    run_with_records(backend, tmp_path, scenario)


@every_backend
def test_a_value_ends_after_its_time(
    backend: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario(one: DurableRecords, two: DurableRecords) -> None:
        await one.set(MARK, "an-owner", "a-key", b"old")
        now = time.time()
        monkeypatch.setattr(time, "time", lambda: now + MARK.seconds)
        assert await two.get(MARK, "an-owner", "a-key") is None
        assert await two.set_if_absent(MARK, "an-owner", "a-key", b"new") is None
        assert await one.get(MARK, "an-owner", "a-key") == b"new"

    run_with_records(backend, tmp_path, scenario)


@every_backend
def test_a_log_is_read_from_any_position_by_every_process(backend: str, tmp_path: Path) -> None:
    async def scenario(one: DurableRecords, two: DurableRecords) -> None:
        before = build_position(time.time() - 1)
        first = await one.append(EVENTS, "an-account", b"first")
        second = await two.append(EVENTS, "an-account", b"second")
        await one.append(EVENTS, "another-account", b"another's")
        assert before < first < second
        whole = [(first, b"first"), (second, b"second")]
        assert await two.read_after(EVENTS, "an-account", 0) == whole
        assert await two.read_after(EVENTS, "an-account", before) == whole
        assert await one.read_after(EVENTS, "an-account", first) == whole[1:]
        assert await one.read_after(EVENTS, "an-account", second) == []

    run_with_records(backend, tmp_path, scenario)


@every_backend
def test_a_log_keeps_its_newest_entries(backend: str, tmp_path: Path) -> None:
    async def scenario(one: DurableRecords, two: DurableRecords) -> None:
        for number in range(6):
            await one.append(EVENTS, "an-account", b"%d" % number)
        entries = await two.read_after(EVENTS, "an-account", 0)
        assert [entry.content for entry in entries] == [b"2", b"3", b"4", b"5"]

    run_with_records(backend, tmp_path, scenario)


@every_backend
def test_an_entry_of_a_log_ends_after_its_time(
    backend: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario(one: DurableRecords, two: DurableRecords) -> None:
        await one.append(EVENTS, "an-account", b"old")
        now = time.time()
        monkeypatch.setattr(time, "time", lambda: now + EVENTS.seconds + 0.001)
        assert await two.read_after(EVENTS, "an-account", 0) == []

    run_with_records(backend, tmp_path, scenario)


@shared_backends
def test_values_and_logs_outlast_a_restart(backend: str, tmp_path: Path) -> None:
    async def scenario(shared: Shared) -> None:
        async with open_stores(shared.url, 1) as (store,):
            records = DurableRecords(store)
            await records.set(MARK, "an-owner", "a-key", b"seen")
            await records.append(EVENTS, "an-account", b"first")
        async with open_stores(shared.url, 1) as (store,):
            records = DurableRecords(store)
            assert await records.get(MARK, "an-owner", "a-key") == b"seen"
            await records.append(EVENTS, "an-account", b"second")
            entries = await records.read_after(EVENTS, "an-account", 0)
            assert [entry.content for entry in entries] == [b"first", b"second"]

    run_with_store(backend, tmp_path, scenario)


@shared_backends
def test_another_secret_reads_nothing(backend: str, tmp_path: Path) -> None:
    async def scenario(shared: Shared) -> None:
        async with (
            open_stores(shared.url, 1) as (ours,),
            open_stores(shared.url, 1, b"the secret of another server....") as (theirs,),
        ):
            await DurableRecords(ours).set(MARK, "an-owner", "a-key", b"seen")
            await DurableRecords(ours).append(EVENTS, "an-account", b"first")
            records = DurableRecords(theirs)
            assert await records.get(MARK, "an-owner", "a-key") is None
            assert await records.read_after(EVENTS, "an-account", 0) == []

    run_with_store(backend, tmp_path, scenario)


@shared_backends
def test_a_change_is_published_to_the_other_processes(backend: str, tmp_path: Path) -> None:
    async def scenario(shared: Shared) -> None:
        async with open_stores(shared.url) as (one, two):
            if shared.redis is not None:
                redis = shared.redis
                await wait_until(lambda: redis.count_subscribers() == 2)
            changes: list[tuple[str | None, str]] = []
            DurableRecords(two).change_listeners.append(
                lambda kind, owner: changes.append((kind, owner))
            )
            DurableRecords(one).publish_change(EVENTS, "an-account")
            await wait_until(lambda: changes)
            assert changes == [("events", "an-account")]

    run_with_store(backend, tmp_path, scenario)


def test_without_redis_records_are_the_processs_own_and_stored_when_it_is_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("providers.kit.shared.redis_connection.RECONNECT_SECONDS", 0.1)

    async def scenario(redis: RedisServer, one: DurableRecords, two: DurableRecords) -> None:
        await one.set(MARK, "an-owner", "deleted", b"0")
        redis.kill()
        await one.set(MARK, "an-owner", "a-key", b"1")
        await one.delete(MARK, "an-owner", "deleted")
        assert await one.set_if_absent(MARK, "an-owner", "b-key", b"2") is None
        position = await one.append(EVENTS, "an-account", b"first")
        assert await one.get(MARK, "an-owner", "a-key") == b"1"
        assert await one.get(MARK, "an-owner", "deleted") is None
        assert await one.set_if_absent(MARK, "an-owner", "b-key", b"3") == b"2"
        assert await one.read_after(EVENTS, "an-account", 0) == [(position, b"first")]
        assert await two.get(MARK, "an-owner", "a-key") is None
        redis.start()

        async def is_stored() -> bool:
            await one.get(MARK, "an-owner", "any")  # a use of Redis that succeeds
            return await two.get(MARK, "an-owner", "b-key") == b"2"

        await wait_until(is_stored)
        assert await two.get(MARK, "an-owner", "a-key") == b"1"
        assert await two.get(MARK, "an-owner", "deleted") is None
        later = await one.append(EVENTS, "an-account", b"second")
        assert await one.read_after(EVENTS, "an-account", 0) == [
            (position, b"first"),
            (later, b"second"),
        ]

    with run_redis_server() as redis:

        async def run() -> None:
            async with open_stores(redis.url) as (one, two):
                await scenario(redis, DurableRecords(one), DurableRecords(two))

        run_scenario(run)


def test_a_record_that_none_of_our_processes_wrote_is_none_and_is_replaced() -> None:
    async def scenario(redis: RedisConnection, store: SharedStore) -> None:
        records = DurableRecords(store)
        await records.set(MARK, "an-owner", "a-key", b"seen")
        await records.append(EVENTS, "an-account", b"first")
        keys: list[bytes] = await redis.execute("KEYS", "*")
        for key in keys:
            if await redis.execute("TYPE", key) == b"string":
                await redis.execute("SET", key, b"forged" * 20)
            elif await redis.execute("TYPE", key) == b"stream":
                await redis.execute("XADD", key, "*", "e", b"forged" * 20)
                await redis.execute("XADD", key, f"{10**18}-0", "e", b"of a time that never comes")
        assert await records.get(MARK, "an-owner", "a-key") is None
        assert await records.set_if_absent(MARK, "an-owner", "a-key", b"ours") is None
        assert await records.get(MARK, "an-owner", "a-key") == b"ours"
        entries = await records.read_after(EVENTS, "an-account", 0)
        assert [entry.content for entry in entries] == [b"first"]

    with run_redis_server() as redis:

        async def run() -> None:
            async with open_stores(redis.url, 1) as (store,):
                assert store.redis is not None
                await scenario(store.redis, store)

        run_scenario(run)


def test_of_two_processes_that_replace_an_invalid_value_one_does() -> None:
    async def scenario(redis: RedisConnection, stores: list[SharedStore]) -> None:
        one, two = (DurableRecords(store) for store in stores)
        await one.set(MARK, "an-owner", "a-key", b"seen")
        for key in await redis.execute("KEYS", "*"):
            if await redis.execute("TYPE", key) == b"string":
                await redis.execute("SET", key, b"forged" * 20)
        found = await asyncio.gather(
            *(
                records.set_if_absent(MARK, "an-owner", "a-key", content)
                for records, content in ((one, b"of one"), (two, b"of two"))
            )
        )
        assert [each for each in found if each is not None] == [
            await one.get(MARK, "an-owner", "a-key")
        ]

    with run_redis_server() as redis:

        async def run() -> None:
            async with open_stores(redis.url) as stores:
                assert stores[0].redis is not None
                await scenario(stores[0].redis, stores)

        run_scenario(run)


def test_someone_who_overwrites_a_value_again_and_again_is_as_no_backend(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def return_forged(*_: object) -> bytes:
        return secrets.token_bytes(100)

    async def scenario() -> None:
        backend = MemoryRecords()
        monkeypatch.setattr(backend, "set_if_absent", return_forged)
        records = DurableRecords(backend=backend)
        assert await records.set_if_absent(MARK, "an-owner", "a-key", b"ours") is None
        assert await records.set_if_absent(MARK, "an-owner", "a-key", b"other") == b"ours"

    run_scenario(scenario)


def test_no_name_and_no_content_can_be_read_in_redis() -> None:
    with run_redis_server() as redis:

        async def scenario() -> None:
            async with open_stores(redis.url, 1) as (store,):
                records = DurableRecords(store)
                await records.set(MARK, "the-owner", "the-key", b"the-content")
                await records.append(EVENTS, "the-account", b"the-event")
            stored = redis.dump_all()
            assert b"record.mark" in stored
            for word in (b"the-owner", b"the-key", b"the-content", b"the-account", b"the-event"):
                assert word not in stored

        run_scenario(scenario)


def test_in_memory_the_oldest_values_and_logs_of_all_owners_go_first() -> None:
    async def scenario() -> None:
        records = DurableRecords()
        for number in range(6):
            await records.set(MARK, f"owner-{number}", "", b"value")
            await records.append(EVENTS, f"account-{number}", b"event")
        values = [await records.get(MARK, f"owner-{number}") for number in range(6)]
        assert values == [None, *[b"value"] * 5]
        logs = [await records.read_after(EVENTS, f"account-{number}", 0) for number in range(6)]
        assert [len(log) for log in logs] == [0, 0, 0, 0, 1, 1]
        for number in range(10):
            await records.set_if_absent(MARK, "an-owner", str(number), b"begun")
        assert await records.get(MARK, "an-owner", "0") == b"begun"
        assert await records.get(MARK, "owner-5") is None

    run_scenario(scenario)


def test_a_record_has_a_largest_size() -> None:
    async def scenario() -> None:
        with pytest.raises(ValueError, match="at most"):
            await DurableRecords().set(MARK, "an-owner", "", bytes(MAX_CONTENT_BYTES + 1))

    run_scenario(scenario)
