"""Loads of titles' contents: started in batches, and each done on its own."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from providers.capabilities import ContentsKey
from providers.kit.caching.cached import Cached
from providers.kit.detached_task import copy_outcome
from providers.records import Contents

Waiter = asyncio.Future[Cached[Contents]]
Load = asyncio.Task[Cached[Contents]]
StartLoads = Callable[[Sequence[ContentsKey]], Awaitable[Sequence[Load]]]


class ContentsBatches:
    """The contents of one client's titles: equal keys are loaded once, by one call of `start`.

    A loader would make each title wait for two futures, its batch's and its own.
    """

    def __init__(self, start: StartLoads) -> None:
        self._start = start
        self._loads: dict[ContentsKey, Load] = {}
        self._waiters: dict[ContentsKey, list[Waiter]] = {}  # of what has not been started
        self._next_keys: list[ContentsKey] = []

    def load(self, key: ContentsKey) -> Waiter:
        """Return a future of a key's contents, which is the caller's own to cancel."""
        loop = asyncio.get_running_loop()
        waiter: Waiter = loop.create_future()
        load = self._loads.get(key)
        if load is not None:
            _follow(load, waiter)
        elif key in self._waiters:
            self._waiters[key].append(waiter)
        else:
            self._waiters[key] = [waiter]
            if not self._next_keys:  # after what is resolved now, as the loaders do
                loop.call_soon(asyncio.ensure_future, self._start_batch())
            self._next_keys.append(key)
        return waiter

    async def _start_batch(self) -> None:
        keys, self._next_keys = self._next_keys, []
        try:
            loads = await self._start(keys)
        except Exception as error:  # noqa: BLE001 - raised again by whatever waits
            for key in keys:
                _fail(self._waiters.pop(key), error)
            return
        for key, load in zip(keys, loads, strict=True):
            self._loads[key] = load
            for waiter in self._waiters.pop(key):
                _follow(load, waiter)


def _follow(load: Load, waiter: Waiter) -> None:
    """Let a future end as a load does; the load goes on if the future is cancelled."""
    load.add_done_callback(lambda done: copy_outcome(done, waiter))


def _fail(waiters: Sequence[Waiter], error: Exception) -> None:
    for waiter in waiters:
        if not waiter.done():
            waiter.set_exception(error)
