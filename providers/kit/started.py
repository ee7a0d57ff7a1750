"""Coroutines that are started when they are called, because most end without waiting.

A coroutine that ends at once gives its result without a task of its own. One that waits is
continued by whichever task awaits it. So only one that first waits for a future may start at once:
what it enters before, such as a timeout, would belong to another task than what follows.
"""

import asyncio
from collections.abc import Coroutine, Generator
from typing import Any


def start(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine up to where it waits; return its result, or an awaitable of it."""
    try:
        pending = coroutine.send(None)
    except StopIteration as end:
        return end.value
    if pending is not None:  # None only lets others run first
        # Taken back until a task awaits it: others may wait for the same future meanwhile.
        pending._asyncio_future_blocking = False  # noqa: SLF001 - asyncio's protocol for futures
    return Started(coroutine, pending)


class Started:
    """A coroutine that waits for the first time, for a future or for the next turn."""

    __slots__ = ("_coroutine", "_pending")

    def __init__(self, coroutine: Coroutine[Any, Any, Any], pending: Any) -> None:
        self._coroutine = coroutine
        self._pending = pending

    def __await__(self) -> Generator[Any, Any, Any]:
        pending = self._pending
        try:
            if pending is None:
                yield
            else:
                yield from pending.__await__()
        except BaseException as error:  # noqa: BLE001 - also a cancellation
            return (yield from _raise_in(self._coroutine, error))
        return (yield from self._coroutine.__await__())

    async def take_step(self) -> Any:
        """Wait as the coroutine does; return how it then ends, or it again if it waits again."""
        pending = self._pending
        try:
            await (asyncio.sleep(0) if pending is None else pending)
        except BaseException:
            if pending is None or not pending.done():
                raise
        return _start_or_catch(self._coroutine)


def _raise_in(
    coroutine: Coroutine[Any, Any, Any], error: BaseException
) -> Generator[Any, Any, Any]:
    """Raise an error where a coroutine waits, and go on if it handles it."""
    try:
        pending = coroutine.throw(error)
    except StopIteration as end:
        return end.value
    try:
        yield pending
    except BaseException as next_error:  # noqa: BLE001 - also a cancellation
        return (yield from _raise_in(coroutine, next_error))
    return (yield from coroutine.__await__())


async def gather_started(*coroutines: Coroutine[Any, Any, Any]) -> list[Any]:
    """Run coroutines concurrently, and return their results or errors; for loads of the cache.

    Most wait once. Only those that wait a second time run as tasks from there on.
    """
    results = [_start_or_catch(each) for each in coroutines]
    for index, each in enumerate(results):
        if isinstance(each, Started):
            results[index] = await each.take_step()
    waiting = [index for index, each in enumerate(results) if isinstance(each, Started)]
    if waiting:
        ends = await asyncio.gather(*(results[each] for each in waiting), return_exceptions=True)
        for index, end in zip(waiting, ends, strict=True):
            results[index] = end
    return results


def _start_or_catch(coroutine: Coroutine[Any, Any, Any]) -> Any:
    try:
        return start(coroutine)
    except Exception as error:  # noqa: BLE001 - returned beside the results
        return error
