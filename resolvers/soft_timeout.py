"""Soft timeout of one source among several.

A merge can go on only when every source that it waits for has responded. If it waited for a silent
source up to the deadline, no time would be left for the others, and their data would be missing as
well.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from providers.kit.detached_task import start_detached, wait_until_deadline
from providers.kit.request_context import build_timeout_error
from providers.registry import Source

T = TypeVar("T")

# Share of the remaining seconds, short enough that a second silent source can time out as well.
SOFT_TIMEOUT_SHARE = 0.8


async def wait_for_source(
    source: Source, coroutine: Coroutine[Any, Any, T], *, is_only_source: bool
) -> T:
    """Return the coroutine's result; raise `TimedOut` after a share of the remaining time.

    The only source of an operation has all of the time. A coroutine that times out goes on, so
    that its result is cached for the next operation.
    """
    if is_only_source:
        return await coroutine
    task = start_detached(coroutine)
    try:
        is_done = await wait_until_deadline(task, SOFT_TIMEOUT_SHARE)
    except asyncio.CancelledError:
        task.cancel()
        raise
    if not is_done:
        raise build_timeout_error(source.name)
    return task.result()
