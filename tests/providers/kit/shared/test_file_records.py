"""Durable records in the file: encrypted, bounded, and this process's own without the file."""

import asyncio
from pathlib import Path
from typing import Any

import apsw
import pytest

from providers.kit.idempotency import WRITES
from providers.kit.shared.durable_records import DurableRecords
from providers.kit.shared.file.cursor import Cursor
from providers.kit.shared.file.schema import SCHEMA_VERSION
from providers.kit.shared.record_backend import LogKind, RecordKind
from providers.kit.shared.shared_store import SharedStore
from tests.providers.kit.shared.file.shared_file import (
    NAME,
    finish_writes,
    get_file,
    give_disk_back,
    read_all,
    run_with_file,
    take_disk_away,
)
from tests.providers.kit.simulated_processes import wait_until

MARK = RecordKind("mark", seconds=3600, max_per_owner=1_000)
EVENTS = LogKind("events", seconds=3600, max_entries=1_000)
MEBIBYTE = 1024 * 1024


def test_no_name_and_no_content_can_be_read_in_the_file(tmp_path: Path) -> None:
    async def scenario(store: SharedStore) -> None:
        records = DurableRecords(store)
        await records.set(MARK, "the-owner", "the-key", b"the-content")
        await records.append(EVENTS, "the-account", b"the-event")

    run_with_file(tmp_path / NAME, scenario)
    stored = read_all(tmp_path)
    for word in (b"the-owner", b"the-key", b"the-content", b"the-account", b"the-event"):
        assert word not in stored


def test_synchronous_values_are_on_the_disk_itself_when_they_are_stored(tmp_path: Path) -> None:
    """Holds as SQLite's own setting does, within the transaction that stores them."""

    async def scenario(store: SharedStore) -> None:
        records, file = DurableRecords(store), get_file(store)
        settings: list[int] = []

        def read_setting(cursor: Cursor) -> None:
            settings.append(cursor.execute("PRAGMA synchronous").fetchone()[0])

        for operation in (
            records.set_if_absent(WRITES, "an-owner", "a-key", b"begun"),
            records.set(WRITES, "an-owner", "a-key", b"done"),
            records.set(MARK, "an-owner", "a-key", b"seen"),
        ):
            # Both are in one batch, and so in one transaction.
            await asyncio.gather(operation, file.execute(read_setting))
        assert settings == [2, 2, 1]
        await file.execute(read_setting)
        assert settings[-1] == 1

    run_with_file(tmp_path / NAME, scenario)


def test_in_all_owners_together_the_oldest_values_go_first(tmp_path: Path) -> None:
    few = RecordKind("few", seconds=3600, max_per_owner=10, max_total=3)

    async def scenario(store: SharedStore) -> None:
        records = DurableRecords(store)
        await records.set_if_absent(few, "owner-0", "running", b"begun")
        for number in range(5):
            await records.set(few, f"owner-{number}", "", b"value")
        values = [await records.get(few, f"owner-{number}") for number in range(5)]
        assert values == [None, None, b"value", b"value", b"value"]
        assert await records.get(few, "owner-0", "running") == b"begun"

    run_with_file(tmp_path / NAME, scenario)


@pytest.mark.slow
def test_records_take_a_quarter_of_the_file_at_most(tmp_path: Path) -> None:
    async def scenario(store: SharedStore) -> None:
        assert store.file is not None
        store.file.max_bytes = 8 * MEBIBYTE
        records, content = DurableRecords(store), bytes(100 * 1024)
        for number in range(15):
            await records.set(MARK, "an-owner", str(number), content)
            await records.append(EVENTS, "an-account", content)
        await finish_writes(store)
        kept = [await records.get(MARK, "an-owner", str(number)) for number in range(15)]
        entries = await records.read_after(EVENTS, "an-account", 0)
        assert 0 < len(entries) * len(content) <= MEBIBYTE
        assert 0 < sum(each is not None for each in kept) * len(content) <= MEBIBYTE
        assert kept[0] is None
        await records.set(MARK, "an-owner", "newest", b"kept")
        assert await records.get(MARK, "an-owner", "newest") == b"kept"

    run_with_file(tmp_path / NAME, scenario)


def test_records_outlast_another_version_of_the_cache(tmp_path: Path) -> None:
    async def write(store: SharedStore) -> None:
        records = DurableRecords(store)
        await records.set(MARK, "an-owner", "a-key", b"seen")
        await store.set(store.build_key("value"), b"cached", 600)
        await finish_writes(store)

    async def read(store: SharedStore) -> None:
        assert await DurableRecords(store).get(MARK, "an-owner", "a-key") == b"seen"
        assert await store.get(store.build_key("value")) is None

    run_with_file(tmp_path / NAME, write)
    connection: Any = apsw.Connection(str(tmp_path / NAME))  # its own types are incomplete
    connection.pragma("user_version", SCHEMA_VERSION - 1)
    connection.close()
    run_with_file(tmp_path / NAME, read)


@pytest.mark.slow
def test_without_the_file_records_are_the_processs_own_and_stored_when_it_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("providers.kit.shared.file.connection.RECOVERY_SECONDS", 0.1)
    folder = tmp_path / "state"

    async def scenario(one: SharedStore, two: SharedStore) -> None:
        records, others = DurableRecords(one), DurableRecords(two)
        await records.set(MARK, "an-owner", "before", b"0")
        hidden = take_disk_away(folder)
        await records.set(MARK, "an-owner", "a-key", b"1")
        await records.delete(MARK, "an-owner", "before")
        assert await records.get(MARK, "an-owner", "a-key") == b"1"
        assert await records.get(MARK, "an-owner", "before") is None
        assert await records.set_if_absent(MARK, "an-owner", "a-key", b"2") == b"1"
        give_disk_back(folder, hidden)

        async def is_stored() -> bool:
            await records.get(MARK, "an-owner", "any")  # a use of the file that succeeds
            return await others.get(MARK, "an-owner", "a-key") == b"1"

        await wait_until(is_stored)
        assert await others.get(MARK, "an-owner", "before") is None

    run_with_file(folder / NAME, scenario, processes=2)
