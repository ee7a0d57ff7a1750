"""A coroutine that is started before it is awaited behaves as if it were awaited at once."""

import asyncio
from collections.abc import Awaitable

import pytest

from providers.kit.started import gather_started, start


async def return_now() -> str:
    return "now"


async def wait_for(*futures: Awaitable[str]) -> list[str]:
    return [await future for future in futures]


def test_a_coroutine_that_does_not_wait_gives_its_result() -> None:
    assert start(return_now()) == "now"


def test_an_error_before_the_first_wait_is_raised() -> None:
    async def fail() -> None:
        raise ValueError("at once")

    with pytest.raises(ValueError, match="at once"):
        start(fail())


def test_a_coroutine_that_waits_is_continued_by_its_task() -> None:
    async def run() -> list[str]:
        loop = asyncio.get_running_loop()
        first, second = loop.create_future(), loop.create_future()
        started = start(wait_for(first, second, return_now()))
        loop.call_soon(first.set_result, "first")
        loop.call_later(0, second.set_result, "second")
        return await started

    assert asyncio.run(run()) == ["first", "second", "now"]


def test_a_coroutine_that_only_lets_others_run_first_is_continued() -> None:
    async def run() -> list[str]:
        return await start(wait_for(asyncio.sleep(0, "later"), return_now()))

    assert asyncio.run(run()) == ["later", "now"]


def test_several_can_wait_for_the_same_future() -> None:
    async def run() -> list[list[str]]:
        future = asyncio.get_running_loop().create_future()
        started = [start(wait_for(future)) for _ in range(3)]
        future.set_result("same")
        return await asyncio.gather(*started)

    assert asyncio.run(run()) == [["same"]] * 3


def test_an_error_of_the_future_is_raised_where_it_is_awaited() -> None:
    async def catch(future: Awaitable[str]) -> str:
        try:
            return await future
        except ValueError:
            return "caught"

    async def run() -> str:
        future = asyncio.get_running_loop().create_future()
        started = start(catch(future))
        future.set_exception(ValueError())
        return await started

    assert asyncio.run(run()) == "caught"


def test_a_cancellation_reaches_the_coroutine() -> None:
    cancelled: list[str] = []

    async def wait(future: Awaitable[str]) -> None:
        try:
            await future
        except asyncio.CancelledError:
            cancelled.append("yes")
            raise

    async def run() -> None:
        started = start(wait(asyncio.get_running_loop().create_future()))
        task = asyncio.ensure_future(started)
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())
    assert cancelled == ["yes"]


def test_what_waits_once_needs_no_task() -> None:
    async def count_tasks(future: Awaitable[str]) -> int:
        await future
        return len(asyncio.all_tasks())

    async def run() -> list[int]:
        future = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_soon(future.set_result, "done")
        return await gather_started(count_tasks(future), count_tasks(future))

    assert asyncio.run(run()) == [1, 1]


def test_what_waits_a_second_time_does_so_concurrently() -> None:
    async def meet(barrier: asyncio.Barrier) -> str:
        await asyncio.sleep(0)
        await barrier.wait()
        return "met"

    async def run() -> list[str]:
        barrier = asyncio.Barrier(3)
        return await gather_started(*(meet(barrier) for _ in range(3)))

    assert asyncio.run(run()) == ["met"] * 3


def test_an_error_at_any_wait_is_a_result() -> None:
    async def fail_after(*futures: Awaitable[str]) -> None:
        await wait_for(*futures)
        raise ValueError(len(futures))

    async def run() -> list[object]:
        failed = asyncio.get_running_loop().create_future()
        failed.set_exception(ValueError("failed"))
        return await gather_started(
            fail_after(),
            fail_after(asyncio.sleep(0, "")),
            return_now(),
            fail_after(asyncio.sleep(0, ""), asyncio.sleep(0, "")),
            wait_for(failed),
        )

    first, second, third, fourth, fifth = asyncio.run(run())
    assert [str(each) for each in (first, second, fourth, fifth)] == ["0", "1", "2", "failed"]
    assert third == "now"


@pytest.mark.parametrize("turns", [1, 2])
def test_a_cancellation_ends_all_that_wait(turns: int) -> None:
    ended: list[str] = []

    async def wait(name: str, turns: int) -> None:
        try:
            for _ in range(turns):
                await asyncio.sleep(0)
            await asyncio.get_running_loop().create_future()
        finally:
            ended.append(name)

    async def run() -> None:
        waiting = gather_started(wait("first", turns - 1), wait("second", turns - 1))
        task = asyncio.create_task(waiting)
        for _ in range(5):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())
    assert sorted(ended) == ["first", "second"]
