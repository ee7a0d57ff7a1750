"""Deadlines of blocks: what `asyncio.timeout` does."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from providers.kit.deadline import Deadline


@asynccontextmanager
async def end_after(seconds: float) -> AsyncGenerator[None]:
    with Deadline(seconds):
        yield


End = Callable[[float], AbstractAsyncContextManager[object]]
BOTH = pytest.mark.parametrize("end", [end_after, asyncio.timeout])


async def wait_for_ever() -> None:
    await asyncio.get_running_loop().create_future()


@BOTH
def test_a_block_that_is_late_ends_with_a_timeout(end: End) -> None:
    async def scenario() -> int:
        with pytest.raises(TimeoutError):
            async with end(0):
                await wait_for_ever()
        task = asyncio.current_task()
        assert task is not None
        return task.cancelling()

    assert asyncio.run(scenario()) == 0


@BOTH
def test_a_block_that_ends_in_time_is_left_alone(end: End) -> None:
    async def scenario() -> str:
        async with end(0.001):
            pass
        await asyncio.sleep(0.002)
        return "done"

    assert asyncio.run(scenario()) == "done"


@BOTH
def test_an_error_of_a_block_that_is_late_stays(end: End) -> None:
    async def scenario() -> None:
        async with end(0):
            try:
                await wait_for_ever()
            except asyncio.CancelledError:
                raise ValueError("its own") from None

    with pytest.raises(ValueError, match="its own"):
        asyncio.run(scenario())


@BOTH
def test_a_cancellation_from_outside_stays_one(end: End) -> None:
    async def wait() -> None:
        async with end(30):
            await wait_for_ever()

    async def scenario() -> bool:
        task = asyncio.create_task(wait())
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        return task.cancelled()

    assert asyncio.run(scenario())


@BOTH
def test_a_cancellation_from_outside_counts_more_than_the_deadline(end: End) -> None:
    async def wait() -> None:
        async with end(0):
            await wait_for_ever()

    async def scenario() -> bool:
        task = asyncio.create_task(wait())
        await asyncio.sleep(0)  # the timer is started, and fires in the next turn
        asyncio.get_running_loop().call_later(0, task.cancel)
        await asyncio.wait([task])
        return task.cancelled()

    assert asyncio.run(scenario())


@BOTH
def test_of_two_deadlines_the_outer_one_may_be_earlier(end: End) -> None:
    async def scenario() -> str:
        try:
            async with end(0), end(30):
                await wait_for_ever()
        except TimeoutError:
            return "outer"
        return "none"

    assert asyncio.run(scenario()) == "outer"
