"""Tasks that keep running when the request that waits for them is cancelled or out of time."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from providers.kit.request_context import get_current

T = TypeVar("T")


def start_detached(
    coroutine: Coroutine[Any, Any, T],
) -> "asyncio.Task[T]":
    """Start a task whose failure is not logged when no request waits for it any more."""
    task = asyncio.get_running_loop().create_task(coroutine)
    task.add_done_callback(retrieve_exception)
    return task


def wait_until_deadline(task: "asyncio.Future[Any]", share: float = 1) -> Coroutine[Any, Any, bool]:
    """Wait for a task and return whether it is done; never cancel it.

    Wait for a share of the seconds that the current request has left: 1 is up to its deadline.
    """
    return wait_for_task(task, share * get_current().get_remaining_seconds())


async def wait_for_task(task: "asyncio.Future[Any]", seconds: float) -> bool:
    """Wait for a task for so many seconds and return whether it is done; never cancel it."""
    if task.done():
        return True
    # Half of what `asyncio.wait` takes, which is made for several tasks.
    loop = asyncio.get_running_loop()
    waiter: asyncio.Future[None] = loop.create_future()

    def wake(_: object = None) -> None:
        if not waiter.done():
            waiter.set_result(None)

    timer = loop.call_later(seconds, wake)
    task.add_done_callback(wake)
    try:
        await waiter
    finally:
        timer.cancel()
        task.remove_done_callback(wake)
    return task.done()


def copy_outcome(task: "asyncio.Task[T]", future: "asyncio.Future[T]") -> None:
    """End a future as a task has ended, unless it has ended before."""
    if future.done():
        return
    if task.cancelled():
        future.cancel()
    elif error := task.exception():
        future.set_exception(error)
    else:
        future.set_result(task.result())


def retrieve_exception(task: "asyncio.Future[Any]") -> None:
    """Mark a task's exception as seen: asyncio logs one that is never retrieved."""
    if not task.cancelled():
        task.exception()
