"""A coroutine that is started before it is awaited behaves as if it were awaited at once."""

import asyncio
from collections.abc import Awaitable

import pytest

from schema.started import start


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
