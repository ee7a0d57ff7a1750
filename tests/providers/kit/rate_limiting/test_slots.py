"""Slots: no more calls at one time than allowed, in order, whoever stops waiting."""

import asyncio
from collections.abc import Coroutine

import pytest

from providers.kit.rate_limiting.slots import Slots


class Calls:
    """Calls that end when they are told to, by their numbers."""

    def __init__(self, slot_count: int) -> None:
        self.slots = Slots(slot_count)
        self.running: list[int] = []

    async def run(self, number: int, end: asyncio.Event) -> None:
        await self.slots.acquire()
        self.running.append(number)
        try:
            await end.wait()
        finally:
            self.running.remove(number)
            self.slots.release()


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def start(calls: Calls, count: int) -> tuple[list[asyncio.Task[None]], list[asyncio.Event]]:
    ends = [asyncio.Event() for _ in range(count)]
    tasks = [asyncio.create_task(calls.run(number, end)) for number, end in enumerate(ends)]
    await settle()
    return tasks, ends


def run(coroutine: Coroutine[None, None, None]) -> None:
    asyncio.run(coroutine)


def test_calls_beyond_the_bound_wait_in_order() -> None:
    async def check() -> None:
        calls = Calls(2)
        tasks, ends = await start(calls, 5)
        assert calls.running == [0, 1]
        assert calls.slots.locked()

        ends[1].set()
        await settle()
        assert calls.running == [0, 2]

        for end in ends:
            end.set()
        await asyncio.gather(*tasks)
        assert not calls.slots.locked()

    run(check())


def test_a_call_that_stops_waiting_takes_no_slot() -> None:
    async def check() -> None:
        calls = Calls(1)
        tasks, ends = await start(calls, 3)

        tasks[1].cancel()
        await settle()
        ends[0].set()
        await settle()
        assert calls.running == [2]

        ends[2].set()
        await tasks[2]
        assert not calls.slots.locked()

    run(check())


@pytest.mark.parametrize("is_cancelled_first", [False, True])
def test_a_slot_is_not_lost_with_a_call_that_is_cancelled_when_it_is_given_one(
    *, is_cancelled_first: bool
) -> None:
    async def check() -> None:
        calls = Calls(1)
        tasks, ends = await start(calls, 3)

        # In one step of the event loop: the second call has not run in between.
        if is_cancelled_first:
            tasks[1].cancel()
        tasks[0].cancel()
        await asyncio.sleep(0)
        tasks[1].cancel()
        await settle()
        assert calls.running == [2]

        ends[2].set()
        await tasks[2]
        assert not calls.slots.locked()

    run(check())
