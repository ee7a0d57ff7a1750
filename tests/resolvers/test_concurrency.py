"""Several coroutines at once, and one without a task."""

import asyncio
from collections.abc import Coroutine

from resolvers.concurrency import run_together


async def get_task() -> asyncio.Task[object] | None:
    return asyncio.current_task()


def test_results_are_in_the_order_of_the_coroutines() -> None:
    async def run() -> list[str]:
        is_second_done = asyncio.Event()

        async def wait_for_second() -> str:
            await is_second_done.wait()
            return "first"

        async def end_first() -> str:
            is_second_done.set()
            return "second"

        return await run_together([wait_for_second(), end_first()])

    assert asyncio.run(run()) == ["first", "second"]


def test_nothing_gives_nothing() -> None:
    nothing: list[Coroutine[None, None, str]] = []
    assert asyncio.run(run_together(nothing)) == []


def test_one_coroutine_runs_in_the_task_that_waits_and_several_do_not() -> None:
    async def run() -> list[bool]:
        own, alone = asyncio.current_task(), await run_together([get_task()])
        several = await run_together([get_task(), get_task()])
        return [each is own for each in (*alone, *several)]

    assert asyncio.run(run()) == [True, False, False]
