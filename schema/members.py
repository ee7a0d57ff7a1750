"""Waits for members of one list or object that are completed at the same time."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any

from providers.kit.detached_task import copy_outcome


async def complete_members(coroutines: Sequence[Coroutine[Any, Any, Any]]) -> None:
    """Run coroutines as tasks until all have ended; the first error cancels the others.

    `asyncio.gather` does more for each of them.
    """
    loop = asyncio.get_running_loop()
    tasks = [loop.create_task(each) for each in coroutines]
    try:
        await _join(tasks, loop.create_future())
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise


def _join(
    tasks: Sequence[asyncio.Task[Any]], joined: "asyncio.Future[Any]"
) -> "asyncio.Future[Any]":
    """Return the future, which ends with the last of the tasks, or with the first error."""
    left = len(tasks)

    def note_end(task: asyncio.Task[Any]) -> None:
        nonlocal left
        left -= 1
        if not left or task.cancelled() or task.exception():
            copy_outcome(task, joined)

    for task in tasks:
        task.add_done_callback(note_end)
    return joined
