"""What is asked for twice under one key."""

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
    """A change that counts how often it was made."""

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
    async def scenario(known: IdempotencyStore) -> None:
        change = FakeWrite()
        assert [await known.run_once(SCOPE, "k", "a", change) for _ in range(3)] == [1, 1, 1]
        assert change.count == 1

    run_scenario(scenario)


def test_the_second_of_two_at_once_waits_for_the_first() -> None:
    async def scenario(known: IdempotencyStore) -> None:
        change = FakeWrite()
        change.released.clear()
        asked = [asyncio.ensure_future(known.run_once(SCOPE, "k", "a", change)) for _ in range(5)]
        await asyncio.sleep(0)
        change.released.set()
        assert await asyncio.gather(*asked) == [1] * 5

    run_scenario(scenario)


def test_another_input_is_a_conflict_even_while_the_first_is_in_progress() -> None:
    async def scenario(known: IdempotencyStore) -> None:
        change = FakeWrite()
        change.released.clear()
        first = asyncio.ensure_future(known.run_once(SCOPE, "k", "a", change))
        await asyncio.sleep(0)
        with pytest.raises(IdempotencyConflict):
            await known.run_once(SCOPE, "k", "b", change)
        change.released.set()
        assert await first == 1

    run_scenario(scenario)


def test_keys_are_separate_by_viewer_and_mutation() -> None:
    async def scenario(known: IdempotencyStore) -> None:
        change = FakeWrite()
        scopes = [SCOPE, ("another", "send"), ("viewer", "remove")]
        assert [await known.run_once(scope, "k", "a", change) for scope in scopes] == [1, 2, 3]

    run_scenario(scenario)


def test_without_a_key_every_write_is_made() -> None:
    async def scenario(known: IdempotencyStore) -> None:
        change = FakeWrite()
        assert [await known.run_once(SCOPE, None, "a", change) for _ in range(2)] == [1, 2]

    run_scenario(scenario)


def test_a_certain_failure_may_be_retried() -> None:
    async def scenario(known: IdempotencyStore) -> None:
        change = FakeWrite(Forbidden("No."))
        for _ in range(2):
            with pytest.raises(Forbidden):
                await known.run_once(SCOPE, "k", "a", change)
        assert change.count == 2
        change.error = None
        assert await known.run_once(SCOPE, "k", "b", change) == 3

    run_scenario(scenario)


@pytest.mark.parametrize("error", [OutcomeUnknown("Who knows."), RuntimeError("a bug")])
def test_an_unknown_outcome_is_not_retried(error: Exception) -> None:
    async def scenario(known: IdempotencyStore) -> None:
        change = FakeWrite(error)
        for _ in range(2):
            with pytest.raises(type(error)):
                await known.run_once(SCOPE, "k", "a", change)
        assert change.count == 1

    run_scenario(scenario)


def test_cancelling_a_waiter_does_not_cancel_the_write() -> None:
    async def scenario(known: IdempotencyStore) -> None:
        change = FakeWrite()
        change.released.clear()
        first = asyncio.ensure_future(known.run_once(SCOPE, "k", "a", change))
        await asyncio.sleep(0)
        first.cancel()
        change.released.set()
        assert await known.run_once(SCOPE, "k", "a", change) == 1

    run_scenario(scenario)


def test_at_the_deadline_the_outcome_is_unknown_and_can_be_read_later() -> None:
    async def scenario(known: IdempotencyStore) -> None:
        change = FakeWrite()
        change.released.clear()
        set_current(RequestContext(deadline=time.monotonic()))
        with pytest.raises(OutcomeUnknown):
            await known.run_once(SCOPE, "k", "a", change)
        set_current(RequestContext(deadline=time.monotonic() + 60))
        change.released.set()
        assert await known.run_once(SCOPE, "k", "a", change) == 1

    run_scenario(scenario)


def test_a_key_expires_after_a_day() -> None:
    async def scenario(_: IdempotencyStore) -> None:
        now = 0.0
        known, change = IdempotencyStore(clock=lambda: now), FakeWrite()
        assert await known.run_once(SCOPE, "k", "a", change) == 1
        now = 86_399.0
        assert await known.run_once(SCOPE, "k", "a", change) == 1
        now = 86_400.0
        assert await known.run_once(SCOPE, "k", "b", change) == 2

    run_scenario(scenario)


def test_the_least_recently_used_key_is_evicted_first() -> None:
    async def scenario(_: IdempotencyStore) -> None:
        known, change = IdempotencyStore(capacity=2), FakeWrite()
        for key in ("a", "b", "a", "c"):
            await known.run_once(SCOPE, key, "x", change)
        assert change.count == 3
        assert await known.run_once(SCOPE, "a", "x", change) == 1
        assert await known.run_once(SCOPE, "b", "x", change) == 4

    run_scenario(scenario)


@pytest.mark.parametrize("key", ["", "k" * 256])
def test_a_key_has_1_to_255_characters(key: str) -> None:
    async def scenario(known: IdempotencyStore) -> None:
        change = FakeWrite()
        with pytest.raises(BadInput) as caught:
            await known.run_once(SCOPE, key, "a", change)
        assert (caught.value.argument, change.count) == ("idempotencyKey", 0)
        assert await known.run_once(SCOPE, "k" * 255, "a", change) == 1

    run_scenario(scenario)


def test_a_cancelled_write_has_an_unknown_outcome() -> None:
    async def raise_cancelled() -> int:
        raise asyncio.CancelledError

    async def scenario(known: IdempotencyStore) -> None:
        for _ in range(2):
            with pytest.raises(OutcomeUnknown):
                await known.run_once(SCOPE, "k", "a", raise_cancelled)

    run_scenario(scenario)


def test_the_fingerprint_ignores_the_order_of_fields() -> None:
    assert hash_input({"a": 1, "b": [2]}) == hash_input({"b": [2], "a": 1})
    assert hash_input({"a": "\ud800"}) != hash_input({"a": "\ud801"})
    assert issubclass(IdempotencyConflict, ProviderError)
