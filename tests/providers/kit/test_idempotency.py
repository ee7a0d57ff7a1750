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
from providers.kit.idempotency import Idempotency, fingerprint_of
from providers.kit.request_context import Operation, begin

SCOPE = ("viewer", "send")


class Change:
    """A change that counts how often it was made."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.made = 0
        self.go = asyncio.Event()
        self.go.set()

    async def __call__(self) -> int:
        await self.go.wait()
        self.made += 1
        if self.error is not None:
            raise self.error
        return self.made


def run(question: Callable[[Idempotency], Awaitable[None]]) -> None:
    async def running() -> None:
        begin(Operation(deadline=time.monotonic() + 60))
        await question(Idempotency())

    asyncio.run(running())


def test_the_same_key_with_the_same_input_acts_once_and_answers_alike() -> None:
    async def question(known: Idempotency) -> None:
        change = Change()
        assert [await known.once(SCOPE, "k", "a", change) for _ in range(3)] == [1, 1, 1]
        assert change.made == 1

    run(question)


def test_the_second_of_two_at_once_waits_for_the_first() -> None:
    async def question(known: Idempotency) -> None:
        change = Change()
        change.go.clear()
        asked = [asyncio.ensure_future(known.once(SCOPE, "k", "a", change)) for _ in range(5)]
        await asyncio.sleep(0)
        change.go.set()
        assert await asyncio.gather(*asked) == [1] * 5

    run(question)


def test_another_input_is_a_conflict_even_while_the_first_is_under_way() -> None:
    async def question(known: Idempotency) -> None:
        change = Change()
        change.go.clear()
        first = asyncio.ensure_future(known.once(SCOPE, "k", "a", change))
        await asyncio.sleep(0)
        with pytest.raises(IdempotencyConflict):
            await known.once(SCOPE, "k", "b", change)
        change.go.set()
        assert await first == 1

    run(question)


def test_viewers_and_changes_have_keys_of_their_own() -> None:
    async def question(known: Idempotency) -> None:
        change = Change()
        scopes = [SCOPE, ("another", "send"), ("viewer", "remove")]
        assert [await known.once(scope, "k", "a", change) for scope in scopes] == [1, 2, 3]

    run(question)


def test_without_a_key_it_is_always_done() -> None:
    async def question(known: Idempotency) -> None:
        change = Change()
        assert [await known.once(SCOPE, None, "a", change) for _ in range(2)] == [1, 2]

    run(question)


def test_what_failed_for_sure_may_be_tried_again() -> None:
    async def question(known: Idempotency) -> None:
        change = Change(Forbidden("No."))
        for _ in range(2):
            with pytest.raises(Forbidden):
                await known.once(SCOPE, "k", "a", change)
        assert change.made == 2
        change.error = None
        assert await known.once(SCOPE, "k", "b", change) == 3

    run(question)


@pytest.mark.parametrize("error", [OutcomeUnknown("Who knows."), RuntimeError("a bug")])
def test_what_may_have_happened_is_not_done_again(error: Exception) -> None:
    async def question(known: Idempotency) -> None:
        change = Change(error)
        for _ in range(2):
            with pytest.raises(type(error)):
                await known.once(SCOPE, "k", "a", change)
        assert change.made == 1

    run(question)


def test_one_who_stops_waiting_does_not_stop_the_change() -> None:
    async def question(known: Idempotency) -> None:
        change = Change()
        change.go.clear()
        first = asyncio.ensure_future(known.once(SCOPE, "k", "a", change))
        await asyncio.sleep(0)
        first.cancel()
        change.go.set()
        assert await known.once(SCOPE, "k", "a", change) == 1

    run(question)


def test_at_the_deadline_the_outcome_is_unknown_and_can_be_asked_for_later() -> None:
    async def question(known: Idempotency) -> None:
        change = Change()
        change.go.clear()
        begin(Operation(deadline=time.monotonic()))
        with pytest.raises(OutcomeUnknown):
            await known.once(SCOPE, "k", "a", change)
        begin(Operation(deadline=time.monotonic() + 60))
        change.go.set()
        assert await known.once(SCOPE, "k", "a", change) == 1

    run(question)


def test_a_key_is_good_for_a_day() -> None:
    async def question(_: Idempotency) -> None:
        now = 0.0
        known, change = Idempotency(clock=lambda: now), Change()
        assert await known.once(SCOPE, "k", "a", change) == 1
        now = 86_399.0
        assert await known.once(SCOPE, "k", "a", change) == 1
        now = 86_400.0
        assert await known.once(SCOPE, "k", "b", change) == 2

    run(question)


def test_the_least_recently_used_key_is_forgotten_first() -> None:
    async def question(_: Idempotency) -> None:
        known, change = Idempotency(capacity=2), Change()
        for key in ("a", "b", "a", "c"):
            await known.once(SCOPE, key, "x", change)
        assert change.made == 3
        assert await known.once(SCOPE, "a", "x", change) == 1
        assert await known.once(SCOPE, "b", "x", change) == 4

    run(question)


@pytest.mark.parametrize("key", ["", "k" * 256])
def test_a_key_has_1_to_255_characters(key: str) -> None:
    async def question(known: Idempotency) -> None:
        change = Change()
        with pytest.raises(BadInput) as caught:
            await known.once(SCOPE, key, "a", change)
        assert (caught.value.argument, change.made) == ("idempotencyKey", 0)
        assert await known.once(SCOPE, "k" * 255, "a", change) == 1

    run(question)


def test_a_cancelled_change_may_have_happened() -> None:
    async def cancelled() -> int:
        raise asyncio.CancelledError

    async def question(known: Idempotency) -> None:
        for _ in range(2):
            with pytest.raises(OutcomeUnknown):
                await known.once(SCOPE, "k", "a", cancelled)

    run(question)


def test_an_input_is_the_same_whatever_the_order_of_its_fields() -> None:
    assert fingerprint_of({"a": 1, "b": [2]}) == fingerprint_of({"b": [2], "a": 1})
    assert fingerprint_of({"a": "\ud800"}) != fingerprint_of({"a": "\ud801"})
    assert issubclass(IdempotencyConflict, ProviderError)
