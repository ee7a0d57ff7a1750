"""When a credential was rejected: what was fetched with it before is not served to it any more."""

import asyncio
import time

import msgspec
from cachetools import LRUCache, TTLCache

from providers.kit.caching.cache_key import CacheKey
from providers.kit.detached_task import start_detached
from providers.kit.shared.shared_store import SharedStore

# As long as a stored entry, and the day for which a process does not renew it.
MARK_TTL = 91 * 86_400.0
ANNOUNCED_SECONDS = 86_400.0
# Another process's rejection that no message has told of counts after so many seconds.
REREAD_SECONDS = 60.0
MAX_SCOPES = 10_000
# The policy's place in the key of the message that a scope was rejected.
REJECTED_SCOPE = ""


def _get_time() -> float:
    return time.monotonic()  # looked up at each use: a test may have replaced the clock


class ScopeRejections:
    """The time of the last rejection of each scope, in seconds since 1970.

    The shared store has a mark with this time for each scope that has entries there, 0 if it was
    never rejected. Scopes without a mark get none when they are rejected: anyone can invent
    credentials.
    """

    def __init__(self, shared_store: SharedStore) -> None:
        self._shared_store = shared_store
        self._times: LRUCache[str, float] = LRUCache(MAX_SCOPES)
        self._read: TTLCache[str, bool] = TTLCache(MAX_SCOPES, REREAD_SECONDS, timer=_get_time)
        self._readings: dict[str, asyncio.Task[None]] = {}
        self._announced: TTLCache[str, bool] = TTLCache(
            MAX_SCOPES, ANNOUNCED_SECONDS, timer=_get_time
        )

    def record(self, scope: str) -> None:
        """Record a rejection, and make all processes drop what they have of the scope."""
        now = time.time()
        self.learn(scope, now)
        if self._shared_store.backend is not None:
            self._shared_store.publish_invalidation((REJECTED_SCOPE, scope), now)
            start_detached(self._update_mark(scope, now))

    def learn(self, scope: str, rejected_at: float) -> None:
        """Take the time of a rejection over from another process."""
        self._times[scope] = max(rejected_at, self._times.get(scope, 0.0))

    def announce(self, scope: str) -> None:
        """Give a scope its mark in the shared store, because it has an entry there."""
        if scope and scope not in self._announced:
            self._announced[scope] = True
            start_detached(self._ensure_mark(scope))

    async def has_outdated(self, key: CacheKey, stored_at: float) -> bool:
        """Return whether the scope of an entry was rejected after the entry was fetched."""
        scope = key[1]
        if scope and scope not in self._read:
            await asyncio.shield(self._readings.get(scope) or self._start_reading(scope))
        return stored_at <= self._times.get(scope, 0.0)

    def _start_reading(self, scope: str) -> "asyncio.Task[None]":
        """Read a mark once for all entries of its scope that are looked up at the same time."""
        reading = self._readings[scope] = start_detached(self._learn_mark(scope))
        reading.add_done_callback(lambda _: self._readings.pop(scope, None))
        return reading

    async def _learn_mark(self, scope: str) -> None:
        self.learn(scope, await self._read_mark(scope) or 0.0)
        self._read[scope] = True

    async def _ensure_mark(self, scope: str) -> None:
        if await self._read_mark(scope) is None:
            await self._write_mark(scope, 0.0)

    async def _update_mark(self, scope: str, rejected_at: float) -> None:
        if await self._read_mark(scope) is not None:
            await self._write_mark(scope, rejected_at)

    async def _read_mark(self, scope: str) -> float | None:
        content = await self._shared_store.get(self._build_key(scope))
        return None if content is None else msgspec.msgpack.decode(content, type=float)

    async def _write_mark(self, scope: str, rejected_at: float) -> None:
        content = msgspec.msgpack.encode(rejected_at)
        await self._shared_store.set(self._build_key(scope), content, MARK_TTL)

    def _build_key(self, scope: str) -> str:
        return self._shared_store.build_key("scope", scope)
