"""Waiting for one of several sources no longer than leaves time for the others.

A merge goes on only when everybody it waits for has answered. Were a silent source waited for to
the end, nobody could be asked after it, and all of the others would be missing as well.
"""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from providers.kit.request_context import current, late
from providers.registry import Source

T = TypeVar("T")

# Of the time that is left: what stands in for a silent source is there before, twice over.
PART_WAITED = 0.8


async def in_time(source: Source, wanted: Awaitable[T], *, alone: bool) -> T:
    """What is wanted of a source; late unless it is `alone` or answers in its part of the time.

    What is on its way comes nevertheless, and is remembered for whoever asks next.
    """
    if alone:
        return await wanted
    asked = asyncio.ensure_future(wanted)
    try:
        await asyncio.wait({asked}, timeout=PART_WAITED * current().remaining())
    except asyncio.CancelledError:
        asked.cancel()
        raise
    if asked.done():
        return asked.result()
    asked.add_done_callback(_looked_at)
    raise late(source.name)


def _looked_at(asked: "asyncio.Future[T]") -> None:
    if not asked.cancelled():
        asked.exception()  # so that nobody is told that it was not
