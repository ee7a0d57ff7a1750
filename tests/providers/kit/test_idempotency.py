"""Mutations that are sent twice under one idempotency key."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from providers.errors import (
    BadInput,
    Forbidden,
    IdempotencyConflict,
    OutcomeUnknown,
    ProviderError,
)
from providers.kit.idempotency import IdempotencyStore, hash_input
from providers.kit.request_context import RequestContext, set_current

SCOPE = ("viewer", "send")


class FakeWrite:
    """A write that counts how often it was executed, once it is released."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.count = 0
        self.released = asyncio.Event()
        self.released.set()

    async def __call__(self) -> int:
        await self.released.wait()
        self.count += 1
        if self.error is not None:
            raise self.error
        return self.count


def run_scenario(scenario: Callable[[IdempotencyStore], Awaitable[None]]) -> None:
    async def run_in_context() -> None:
        set_current(RequestContext(deadline=time.monotonic() + 60))
        await scenario(IdempotencyStore())

    asyncio.run(run_in_context())


def test_the_same_key_with_the_same_input_writes_once_and_returns_the_same() -> None:
    async def scenario(store: IdempotencyStore) -> None:
        write = FakeWrite()
        assert [await store.run_once(SCOPE, "k", "a", write) for _ in range(3)] == [1, 1, 1]
        assert write.count == 1

    run_scenario(scenario)


def test_a_concurrent_repetition_waits_for_the_first_write() -> None:
    async def scenario(store: IdempotencyStore) -> None:
        write = FakeWrite()
        write.released.clear()
        requests = [asyncio.ensure_future(store.run_once(SCOPE, "k", "a", write)) for _ in range(5)]
        await asyncio.sleep(0)
        write.released.set()
        assert await asyncio.gather(*requests) == [1] * 5

    run_scenario(scenario)


def test_another_input_is_a_conflict_even_while_the_first_is_in_progress() -> None:
    async def scenario(store: IdempotencyStore) -> None:
        write = FakeWrite()
        write.released.clear()
        first = asyncio.ensure_future(store.run_once(SCOPE, "k", "a", write))
        await asyncio.sleep(0)
        with pytest.raises(IdempotencyConflict):
            await store.run_once(SCOPE, "k", "b", write)
        write.released.set()
        assert await first == 1

    run_scenario(scenario)


def test_keys_are_separate_by_viewer_and_mutation() -> None:
    async def scenario(store: IdempotencyStore) -> None:
        write = FakeWrite()
        scopes = [SCOPE, ("another", "send"), ("viewer", "remove")]
        assert [await store.run_once(scope, "k", "a", write) for scope in scopes] == [1, 2, 3]

    run_scenario(scenario)


def test_without_a_key_every_write_is_made() -> None:
    async def scenario(store: IdempotencyStore) -> None:
        write = FakeWrite()
        assert [await store.run_once(SCOPE, None, "a", write) for _ in range(2)] == [1, 2]

    run_scenario(scenario)


def test_a_certain_failure_may_be_retried() -> None:
    async def scenario(store: IdempotencyStore) -> None:
        write = FakeWrite(Forbidden("No."))
        for _ in range(2):
            with pytest.raises(Forbidden):
                await store.run_once(SCOPE, "k", "a", write)
        assert write.count == 2
        write.error = None
        assert await store.run_once(SCOPE, "k", "b", write) == 3

    run_scenario(scenario)


@pytest.mark.parametrize("error", [OutcomeUnknown("Unknown."), RuntimeError("a bug")])
def test_an_unknown_outcome_is_not_retried(error: Exception) -> None:
    async def scenario(store: IdempotencyStore) -> None:
        write = FakeWrite(error)
        for _ in range(2):
            with pytest.raises(type(error)):
                await store.run_once(SCOPE, "k", "a", write)
        assert write.count == 1

    run_scenario(scenario)


def test_cancelling_a_waiter_does_not_cancel_the_write() -> None:
    async def scenario(store: IdempotencyStore) -> None:
        write = FakeWrite()
        write.released.clear()
        first = asyncio.ensure_future(store.run_once(SCOPE, "k", "a", write))
        await asyncio.sleep(0)
        first.cancel()
        write.released.set()
        assert await store.run_once(SCOPE, "k", "a", write) == 1

    run_scenario(scenario)


def test_at_the_deadline_the_outcome_is_unknown_and_can_be_read_later() -> None:
    async def scenario(store: IdempotencyStore) -> None:
        write = FakeWrite()
        write.released.clear()
        set_current(RequestContext(deadline=time.monotonic()))
        with pytest.raises(OutcomeUnknown):
            await store.run_once(SCOPE, "k", "a", write)
        set_current(RequestContext(deadline=time.monotonic() + 60))
        write.released.set()
        assert await store.run_once(SCOPE, "k", "a", write) == 1

    run_scenario(scenario)


def test_a_key_expires_after_a_day() -> None:
    async def scenario(_: IdempotencyStore) -> None:
        now = 0.0
        store, write = IdempotencyStore(clock=lambda: now), FakeWrite()
        assert await store.run_once(SCOPE, "k", "a", write) == 1
        now = 86_399.0
        assert await store.run_once(SCOPE, "k", "a", write) == 1
        now = 86_400.0
        assert await store.run_once(SCOPE, "k", "b", write) == 2

    run_scenario(scenario)


def test_the_least_recently_used_key_is_evicted_first() -> None:
    async def scenario(_: IdempotencyStore) -> None:
        store, write = IdempotencyStore(capacity=2), FakeWrite()
        for key in ("a", "b", "a", "c"):
            await store.run_once(SCOPE, key, "x", write)
        assert write.count == 3
        assert await store.run_once(SCOPE, "a", "x", write) == 1
        assert await store.run_once(SCOPE, "b", "x", write) == 4

    run_scenario(scenario)


@pytest.mark.parametrize("key", ["", "k" * 256])
def test_a_key_has_1_to_255_characters(key: str) -> None:
    async def scenario(store: IdempotencyStore) -> None:
        write = FakeWrite()
        with pytest.raises(BadInput) as error:
            await store.run_once(SCOPE, key, "a", write)
        assert (error.value.argument, write.count) == ("idempotencyKey", 0)
        assert await store.run_once(SCOPE, "k" * 255, "a", write) == 1

    run_scenario(scenario)


def test_a_cancelled_write_has_an_unknown_outcome() -> None:
    async def raise_cancelled() -> int:
        raise asyncio.CancelledError

    async def scenario(store: IdempotencyStore) -> None:
        for _ in range(2):
            with pytest.raises(OutcomeUnknown):
                await store.run_once(SCOPE, "k", "a", raise_cancelled)

    run_scenario(scenario)


def test_the_fingerprint_ignores_the_order_of_fields() -> None:
    assert hash_input({"a": 1, "b": [2]}) == hash_input({"b": [2], "a": 1})
    assert hash_input({"a": "\ud800"}) != hash_input({"a": "\ud801"})
    assert issubclass(IdempotencyConflict, ProviderError)
