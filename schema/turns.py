"""Turns on the event loop, so that a large response does not keep other requests waiting."""

import asyncio
from weakref import WeakKeyDictionary

_locks: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()


async def take_turn() -> None:
    """Wait until it is this piece's turn, and let everything else that is ready run before.

    One piece runs in each iteration of the event loop, whichever operations the pieces belong to.
    """
    lock = _locks.setdefault(asyncio.get_running_loop(), asyncio.Lock())
    async with lock:
        await asyncio.sleep(0)
