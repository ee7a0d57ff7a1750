"""The caches of two processes on one Redis, and sources to load from."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from providers.kit.caching.cache import Cache
from providers.kit.caching.cached import Cached
from providers.kit.caching.policy import CachePolicy
from providers.records import Title, TitlePage
from tests.providers.kit.redis_server import RedisServer, run_redis_server
from tests.providers.kit.simulated_processes import (
    open_stores,
    run_scenario,
    wait_until,
)

PAGE = TitlePage(titles=(Title(native_id="NPWR00001_00", name="A title"),), total=1)
TITLES: CachePolicy[TitlePage] = CachePolicy(
    "PSN.titles", TitlePage, max_age=60, stale_while_revalidate=120, stale_if_error=600
)
EXPIRED = replace(TITLES, max_age=0, stale_while_revalidate=0)
SCOPE, KEY = "a-scope", ("a-handle",)


class FakeSource:
    """A source that counts its calls, and responds once it is released."""

    def __init__(self, error: Exception | None = None, *, released: bool = True) -> None:
        self.calls = 0
        self.error = error
        self.released = asyncio.Event()
        if released:
            self.released.set()

    async def __call__(self) -> TitlePage:
        self.calls += 1
        await self.released.wait()
        if self.error is not None:
            raise self.error
        return PAGE


def make_blocked_source(error: Exception | None = None) -> FakeSource:
    """Create a source that does not respond before it is released."""
    return FakeSource(error, released=False)


def run_with_redis(
    scenario: Callable[[RedisServer, Cache, Cache], Awaitable[None]], seconds: float = 10
) -> None:
    with run_redis_server() as redis:

        async def run() -> None:
            async with open_stores(redis.url) as (one, two):
                await wait_until(lambda: redis.count_subscribers() == 2)
                await scenario(redis, Cache(shared_store=one), Cache(shared_store=two))

        run_scenario(run, seconds)


def make_lookup(
    cache: Cache, source: FakeSource, policy: CachePolicy[TitlePage] = TITLES
) -> Callable[[], Awaitable[Cached[TitlePage]]]:
    return lambda: cache.get_or_load(policy, SCOPE, KEY, source)


async def wait_for_writes(cache: Cache) -> None:
    """Wait until Redis has executed all commands of this cache: it executes them in order."""
    assert await cache.get(TITLES, "no-scope", ("nothing",)) is None


def advance_clock(seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make all cached entries older by so many seconds."""
    original_time = time.time
    monkeypatch.setattr(time, "time", lambda: original_time() + seconds)
