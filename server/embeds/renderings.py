"""Documents that were rendered, kept until what they show has changed."""

import asyncio
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

from cachetools import LRUCache

MAX_BYTES = 8 * 1024 * 1024


def _create_cache() -> "LRUCache[Hashable, bytes]":
    return LRUCache(MAX_BYTES, len)


@dataclass(frozen=True)
class Renderings:
    """Renders one document at a time, beside the event loop: a calendar takes a tenth of a second.

    Equal keys must mean equal documents.
    """

    _kept: "LRUCache[Hashable, bytes]" = field(default_factory=_create_cache, repr=False)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def render(self, key: Hashable, render: Callable[[], bytes]) -> bytes:
        """Return the document of a key; render it if it is not kept."""
        kept = self._kept.get(key)
        if kept is not None:
            return kept
        async with self._lock:
            kept = self._kept.get(key)
            if kept is None:
                kept = await asyncio.to_thread(render)
                if len(kept) <= MAX_BYTES:
                    self._kept[key] = kept
        return kept
