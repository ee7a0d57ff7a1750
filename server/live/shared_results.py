"""Results of one event that many subscriptions share: equal operations of viewers who see the same.

A thousand overlays of one account would otherwise execute the same operation a thousand times.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field

from cachetools import TTLCache

MAX_RESULTS = 1_000
MAX_RESULT_BYTES = 16 * 1024
# Long enough for all who are told of an event at once; a later one gets what is true by then.
SHARED_SECONDS = 5


@dataclass(frozen=True)
class SharedResult:
    """The encoded members of a result before its extensions, and how many values it has taken."""

    data: bytes
    values: int


@dataclass
class SharedResults:
    """The results of the last seconds, and those that are being executed, by operation and event.

    Only a result without errors is shared.
    """

    _results: TTLCache[Hashable, "asyncio.Future[SharedResult | None]"] = field(
        default_factory=lambda: TTLCache(MAX_RESULTS, SHARED_SECONDS)
    )

    async def find(self, key: Hashable) -> SharedResult | None:
        """Return a result, once it is there; None if there is none to share."""
        running = self._results.get(key)
        return None if running is None else await asyncio.shield(running)

    async def offer(
        self, key: Hashable, execute: Callable[[], Awaitable[tuple[bytes, SharedResult | None]]]
    ) -> bytes:
        """Execute an event, let others have the result if it can be shared, and return it."""
        running = asyncio.get_running_loop().create_future()
        self._results[key] = running
        try:
            body, shared = await execute()
        except BaseException:
            self._results.pop(key, None)
            running.set_result(None)
            raise
        if shared is not None and len(shared.data) > MAX_RESULT_BYTES:
            shared = None
        running.set_result(shared)
        return body
