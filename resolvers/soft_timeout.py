"""Waiting for one of several sources no longer than leaves time for the others.

A merge goes on only when everybody it waits for has answered. Were a silent source waited for to
the end, nobody could be asked after it, and all of the others would be missing as well.
"""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from providers.kit.request_context import build_timeout_error, get_current
from providers.registry import Source

T = TypeVar("T")

# Of the time that is left: what stands in for a silent source is there before, twice over.
SOFT_TIMEOUT_FRACTION = 0.8


async def wait_for_source(source: Source, awaitable: Awaitable[T], *, is_only_source: bool) -> T:
    """What is wanted of a source; late unless it is `alone` or answers in its part of the time.

    What is on its way comes nevertheless, and is remembered for whoever asks next.
    """
    if is_only_source:
        return await awaitable
    task = asyncio.ensure_future(awaitable)
    try:
        await asyncio.wait(
            {task}, timeout=SOFT_TIMEOUT_FRACTION * get_current().get_remaining_seconds()
        )
    except asyncio.CancelledError:
        task.cancel()
        raise
    if task.done():
        return task.result()
    task.add_done_callback(_retrieve_exception)
    raise build_timeout_error(source.name)


def _retrieve_exception(task: "asyncio.Future[T]") -> None:
    if not task.cancelled():
        task.exception()  # so that nobody is told that it was not
