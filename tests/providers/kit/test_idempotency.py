"""Mutations that are sent twice under one idempotency key."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec import Struct

from providers.errors import (
    BadInput,
    Forbidden,
    IdempotencyConflict,
    OutcomeUnknown,
    ProviderError,
)
from providers.kit.idempotency import MAX_DELAY_SECONDS, WRITES, IdempotencyStore, hash_input
from providers.kit.request_context import RequestContext, get_current, set_current
from providers.kit.shared.durable_records import DurableRecords
from tests.providers.kit.shared_backends import Shared, run_with_store, shared_backends
from tests.providers.kit.simulated_processes import open_stores, start_request, wait_until

REPOSITORY = Path(__file__).parents[3]
SCOPE = ("viewer", "send")


class FakeWrite:
    """A write that counts how often it was executed, once it is released."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.count = 0
        self.has_begun = False
        self.released = asyncio.Event()
        self.released.set()

    async def __call__(self) -> int:
        self.has_begun = True
        await self.released.wait()
        self.count += 1
        if self.error is not None:
            raise self.error
        return self.count


class Sent(Struct, frozen=True):
    """What a write returns."""

    uid: str
    sent_at: datetime | None = None


def run_with_processes(
    backend: str, folder: Path, scenario: Callable[[Sequence[IdempotencyStore]], Awaitable[None]]
) -> None:
    """Run a scenario with the stores of four processes."""

    async def run(shared: Shared) -> None:
        async with open_stores(shared.url, 4) as stores:
            await scenario([IdempotencyStore(DurableRecords(store)) for store in stores])

    run_with_store(backend, folder, run)


def run_scenario(scenario: Callable[[IdempotencyStore], Awaitable[None]]) -> None:
    async def run_in_context() -> None:
        set_current(RequestContext(deadline=time.monotonic() + 60))
        await scenario(IdempotencyStore())

    asyncio.run(run_in_context())


def test_the_same_key_with_the_same_input_writes_once_and_returns_the_same() -> None:
    async def scenario(store: IdempotencyStore) -> None:
        write = FakeWrite()
        assert [await store.run_once(SCOPE, "k", "a", int, write) for _ in range(3)] == [1, 1, 1]
        assert write.count == 1

    run_scenario(scenario)


def test_a_concurrent_repetition_waits_for_the_first_write() -> None:
    async def scenario(store: IdempotencyStore) -> None:
        write = FakeWrite()
        write.released.clear()
        requests = [
            asyncio.ensure_future(store.run_once(SCOPE, "k", "a", int, write)) for _ in range(5)
        ]
        await asyncio.sleep(0)
        write.released.set()
        assert await asyncio.gather(*requests) == [1] * 5

    run_scenario(scenario)


def test_another_input_is_a_conflict_even_while_the_first_is_in_progress() -> None:
    async def scenario(store: IdempotencyStore) -> None:
        write = FakeWrite()
        write.released.clear()
        first = asyncio.ensure_future(store.run_once(SCOPE, "k", "a", int, write))
        await asyncio.sleep(0)
        with pytest.raises(IdempotencyConflict):
            await store.run_once(SCOPE, "k", "b", int, write)
        write.released.set()
        assert await first == 1

    run_scenario(scenario)


def test_keys_are_separate_by_viewer_and_mutation() -> None:
    async def scenario(store: IdempotencyStore) -> None:
        write = FakeWrite()
        scopes = [SCOPE, ("another", "send"), ("viewer", "remove")]
        assert [await store.run_once(scope, "k", "a", int, write) for scope in scopes] == [1, 2, 3]

    run_scenario(scenario)


def test_without_a_key_every_write_is_made() -> None:
    async def scenario(store: IdempotencyStore) -> None:
        write = FakeWrite()
        assert [await store.run_once(SCOPE, None, "a", int, write) for _ in range(2)] == [1, 2]

    run_scenario(scenario)


def test_a_certain_failure_may_be_retried() -> None:
    async def scenario(store: IdempotencyStore) -> None:
        write = FakeWrite(Forbidden("No."))
        for _ in range(2):
            with pytest.raises(Forbidden):
                await store.run_once(SCOPE, "k", "a", int, write)
        assert write.count == 2
        write.error = None
        assert await store.run_once(SCOPE, "k", "b", int, write) == 3

    run_scenario(scenario)


@pytest.mark.parametrize("error", [OutcomeUnknown("Unknown."), RuntimeError("a bug")])
def test_an_unknown_outcome_is_not_retried(error: Exception) -> None:
    async def scenario(store: IdempotencyStore) -> None:
        write = FakeWrite(error)
        for expected in (type(error), OutcomeUnknown):
            with pytest.raises(expected):
                await store.run_once(SCOPE, "k", "a", int, write)
        assert write.count == 1

    run_scenario(scenario)


def test_cancelling_a_waiter_does_not_cancel_the_write() -> None:
    async def scenario(store: IdempotencyStore) -> None:
        write = FakeWrite()
        write.released.clear()
        first = asyncio.ensure_future(store.run_once(SCOPE, "k", "a", int, write))
        await asyncio.sleep(0)
        first.cancel()
        write.released.set()
        assert await store.run_once(SCOPE, "k", "a", int, write) == 1

    run_scenario(scenario)


def test_at_the_deadline_the_outcome_is_unknown_and_can_be_read_later() -> None:
    async def scenario(store: IdempotencyStore) -> None:
        write = FakeWrite()
        write.released.clear()
        set_current(RequestContext(deadline=time.monotonic()))
        with pytest.raises(OutcomeUnknown):
            await store.run_once(SCOPE, "k", "a", int, write)
        set_current(RequestContext(deadline=time.monotonic() + 60))
        write.released.set()
        assert await store.run_once(SCOPE, "k", "a", int, write) == 1

    run_scenario(scenario)


def test_a_key_expires_after_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(store: IdempotencyStore) -> None:
        write, now = FakeWrite(), time.time()
        for seconds, fingerprint, count in ((0, "a", 1), (86_399, "a", 1), (86_400, "b", 2)):
            monkeypatch.setattr(time, "time", lambda at=now + seconds: at)
            assert await store.run_once(SCOPE, "k", fingerprint, int, write) == count

    run_scenario(scenario)


@pytest.mark.slow
def test_beyond_a_thousand_keys_a_viewer_loses_the_oldest_and_none_that_is_running() -> None:
    async def scenario(store: IdempotencyStore) -> None:
        running, write = FakeWrite(), FakeWrite()
        running.released.clear()
        first = asyncio.ensure_future(store.run_once(SCOPE, "running", "x", int, running))
        await store.run_once(("another", "send"), "0", "x", int, write)
        for number in range(1_001):
            await store.run_once(SCOPE, str(number), "x", int, write)
        assert write.count == 1_002
        assert await store.run_once(SCOPE, "1", "x", int, write) == 3
        assert await store.run_once(("another", "send"), "0", "x", int, write) == 1
        assert await store.run_once(SCOPE, "0", "x", int, write) == 1_003
        running.released.set()
        assert await store.run_once(SCOPE, "running", "x", int, write) == await first == 1

    run_scenario(scenario)


@pytest.mark.parametrize("key", ["", "k" * 256])
def test_a_key_has_1_to_255_characters(key: str) -> None:
    async def scenario(store: IdempotencyStore) -> None:
        write = FakeWrite()
        with pytest.raises(BadInput) as error:
            await store.run_once(SCOPE, key, "a", int, write)
        assert (error.value.argument, write.count) == ("idempotencyKey", 0)
        assert await store.run_once(SCOPE, "k" * 255, "a", int, write) == 1

    run_scenario(scenario)


def test_a_cancelled_write_has_an_unknown_outcome() -> None:
    async def raise_cancelled() -> int:
        raise asyncio.CancelledError

    async def scenario(store: IdempotencyStore) -> None:
        for _ in range(2):
            with pytest.raises(OutcomeUnknown):
                await store.run_once(SCOPE, "k", "a", int, raise_cancelled)

    run_scenario(scenario)


def test_the_fingerprint_ignores_the_order_of_fields() -> None:
    assert hash_input({"a": 1, "b": [2]}) == hash_input({"b": [2], "a": 1})
    assert hash_input({"a": "\ud800"}) != hash_input({"a": "\ud801"})
    assert issubclass(IdempotencyConflict, ProviderError)


@shared_backends
def test_every_process_returns_the_outcome_of_one_write(backend: str, tmp_path: Path) -> None:
    async def scenario(stores: Sequence[IdempotencyStore]) -> None:
        write = FakeWrite()
        results = await asyncio.gather(
            *(store.run_once(SCOPE, "k", "a", int, write) for store in stores for _ in range(3))
        )
        assert results == [1] * 12
        for store in stores:
            with pytest.raises(IdempotencyConflict):
                await store.run_once(SCOPE, "k", "b", int, write)

    run_with_processes(backend, tmp_path, scenario)


@shared_backends
def test_a_declared_record_is_returned_alike_by_another_process(
    backend: str, tmp_path: Path
) -> None:
    sent = Sent("uid-1", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))

    async def send() -> Sent:
        return sent

    async def scenario(stores: Sequence[IdempotencyStore]) -> None:
        for store in stores:
            assert await store.run_once(SCOPE, "k", "a", Sent, send) == sent

    run_with_processes(backend, tmp_path, scenario)


@shared_backends
def test_a_write_that_runs_in_another_process_is_waited_for_until_the_deadline(
    backend: str, tmp_path: Path
) -> None:
    async def scenario(stores: Sequence[IdempotencyStore]) -> None:
        one, two = stores[:2]
        write = FakeWrite()
        write.released.clear()
        first = asyncio.ensure_future(one.run_once(SCOPE, "k", "a", int, write))
        second = asyncio.ensure_future(two.run_once(SCOPE, "k", "a", int, write))
        done, _ = await asyncio.wait({second}, timeout=0.05)
        assert done == set()
        with pytest.raises(OutcomeUnknown):
            await start_request(lambda: two.run_once(SCOPE, "k", "a", int, write), seconds=0.01)
        write.released.set()
        assert await first == await second == 1

    run_with_processes(backend, tmp_path, scenario)


@shared_backends
def test_a_process_that_dies_in_the_middle_leaves_an_unknown_outcome(
    backend: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario(stores: Sequence[IdempotencyStore]) -> None:
        one, two = stores[:2]
        never_ends, write = FakeWrite(), FakeWrite()
        never_ends.released.clear()
        running = asyncio.ensure_future(one.run_once(SCOPE, "k", "a", int, never_ends))
        await wait_until(lambda: never_ends.has_begun)
        now = time.time() + get_current().get_remaining_seconds() + MAX_DELAY_SECONDS
        monkeypatch.setattr(time, "time", lambda: now + 1)
        for _ in range(2):
            with pytest.raises(OutcomeUnknown, match="check it"):
                await two.run_once(SCOPE, "k", "a", int, write)
        with pytest.raises(IdempotencyConflict):
            await two.run_once(SCOPE, "k", "b", int, write)
        assert write.count == 0
        running.cancel()

    run_with_processes(backend, tmp_path, scenario)


@shared_backends
def test_after_a_certain_failure_another_process_writes(backend: str, tmp_path: Path) -> None:
    async def scenario(stores: Sequence[IdempotencyStore]) -> None:
        one, two = stores[:2]
        failing, write = FakeWrite(Forbidden("No.")), FakeWrite()
        failing.released.clear()
        first = asyncio.ensure_future(one.run_once(SCOPE, "k", "a", int, failing))
        await wait_until(lambda: failing.has_begun)
        second = asyncio.ensure_future(two.run_once(SCOPE, "k", "a", int, write))
        failing.released.set()
        with pytest.raises(Forbidden):
            await first
        assert await second == 1

    run_with_processes(backend, tmp_path, scenario)


@shared_backends
def test_another_version_of_the_server_does_not_write_again(backend: str, tmp_path: Path) -> None:
    async def send() -> Sent:
        return Sent("uid-1")

    async def scenario(stores: Sequence[IdempotencyStore]) -> None:
        one, two = stores[:2]
        write = FakeWrite()
        await one.run_once(SCOPE, "k", "a", Sent, send)
        with pytest.raises(OutcomeUnknown):
            await two.run_once(SCOPE, "k", "a", int, write)
        assert write.count == 0

    run_with_processes(backend, tmp_path, scenario)


def test_a_record_that_cannot_be_read_is_an_unknown_outcome() -> None:
    async def scenario(_: IdempotencyStore) -> None:
        records, write = DurableRecords(), FakeWrite()
        await records.set(WRITES, "viewer", f"send {hash_input('k')}", b"of another version")
        with pytest.raises(OutcomeUnknown):
            await IdempotencyStore(records).run_once(SCOPE, "k", "a", int, write)
        assert write.count == 0

    run_scenario(scenario)


PROCESS = """
import asyncio, os, sys, time
from providers.kit.idempotency import IdempotencyStore
from providers.kit.request_context import RequestContext, set_current
from providers.kit.shared.durable_records import DurableRecords
from providers.kit.shared.encryption import Cipher
from providers.kit.shared.shared_store import SharedStore

async def write():
    os.write(1, b".")
    await asyncio.sleep(600)

async def main():
    set_current(RequestContext(time.monotonic() + 60))
    async with SharedStore(sys.argv[1], Cipher(bytes(32))) as store:
        records = DurableRecords(store)
        await IdempotencyStore(records).run_once(("viewer", "send"), "k", "a", int, write)

asyncio.run(main())
"""


@pytest.mark.slow
@shared_backends
def test_a_killed_process_leaves_an_unknown_outcome(
    backend: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario(shared: Shared) -> None:
        command = [sys.executable, "-c", PROCESS, shared.url]
        with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=REPOSITORY) as process:  # noqa: ASYNC220, S603 - our own program, for which the test waits
            assert process.stdout is not None
            assert process.stdout.read(1) == b"."
            process.kill()
        now = time.time()
        monkeypatch.setattr(time, "time", lambda: now + 60 + MAX_DELAY_SECONDS)
        async with open_stores(shared.url, 1, bytes(32)) as (later,):
            store, write = IdempotencyStore(DurableRecords(later)), FakeWrite()
            for _ in range(2):
                with pytest.raises(OutcomeUnknown, match="check it"):
                    await store.run_once(SCOPE, "k", "a", int, write)
            assert write.count == 0

    run_with_store(backend, tmp_path, scenario, seconds=60)
