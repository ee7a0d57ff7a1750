"""Costs and savings of the shared store: `python -m tests.benchmarks.shared_store`."""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from providers.kit.caching.cache import Cache
from providers.kit.caching.policy import CachePolicy
from providers.kit.rate_limiting.rate_limiter import Rate, RateLimiters
from providers.kit.request_context import RequestContext, set_current
from providers.kit.shared.file.file_url import build_file_url
from providers.kit.shared.shared_store import SharedStore
from providers.records import Achievement, AchievementPoints
from tests.providers.kit.redis_server import RedisServer, run_redis_server, run_silent_server
from tests.providers.kit.simulated_processes import open_stores, start_request

POLICY: CachePolicy[tuple[Achievement, ...]] = CachePolicy(
    "PSN.fact", tuple[Achievement, ...], max_age=600
)
VALUE = tuple(
    Achievement(
        native_id=str(number),
        name=f"Achievement {number}",
        description="How to earn it, in a sentence of the usual length.",
        points=AchievementPoints(value=number, unit="RETRO_POINTS"),
    )
    for number in range(40)
)
ROUNDS = 300


def print_figure(label: str, figure: float, unit: str) -> None:
    sys.stdout.write(f"{label:58} {figure:10.2f} {unit}\n")


async def measure_microseconds(
    action: Callable[[], Awaitable[object]], rounds: int = ROUNDS
) -> float:
    """Return the mean of the fastest third, in microseconds; other processes slow the rest."""
    times: list[float] = []
    for _round in range(rounds):
        began = time.perf_counter()
        await action()
        times.append(time.perf_counter() - began)
    fastest = sorted(times)[: max(1, rounds // 3)]
    return sum(fastest) / len(fastest) * 1e6


async def measure_costs(place: str, url: str) -> None:
    """Measure look-ups in one process of what another one has stored."""
    async with open_stores(url) as (one, two):
        local_cache, remote_cache = Cache(shared_store=one), Cache(shared_store=two)
        keys = iter(range(100_000))

        async def load() -> tuple[Achievement, ...]:
            return VALUE

        async def hit() -> None:
            await local_cache.get_or_load(POLICY, "scope", ("hit",), load)

        async def miss() -> None:
            await local_cache.get_or_load(POLICY, "scope", (str(next(keys)),), load)

        await hit()
        print_figure("hit in memory", await measure_microseconds(hit), "us")
        label = f"miss, with other processes on {place}: look-up, load, store"
        print_figure(label, await measure_microseconds(miss), "us")
        found = iter(range(100_000))

        async def find() -> None:
            await remote_cache.get_or_load(POLICY, "scope", (str(next(found)),), load)

        print_figure(f"hit in {place} (40 achievements)", await measure_microseconds(find), "us")
        keys_at_once = [str(number) for number in range(60)]

        async def find_all() -> None:
            fresh = Cache(shared_store=two)
            await asyncio.gather(
                *(fresh.get_or_load(POLICY, "scope", (key,), load) for key in keys_at_once)
            )

        figure = await measure_microseconds(find_all, ROUNDS // 10)
        print_figure(f"60 concurrent hits in {place}", figure, "us")
        await measure_acquisitions(place, one)


async def measure_alone(url: str) -> None:
    """Measure a miss in a process that is alone on the file."""
    async with open_stores(url, 1) as (store,):
        cache, keys = Cache(shared_store=store), iter(range(100_000))

        async def load() -> tuple[Achievement, ...]:
            return VALUE

        async def miss() -> None:
            await cache.get_or_load(POLICY, "alone", (str(next(keys)),), load)

        figure = await measure_microseconds(miss)
        print_figure("miss of a process that is alone on the file", figure, "us")


async def measure_acquisitions(place: str, store: SharedStore) -> None:
    local_limiters, shared_limiters = RateLimiters(), RateLimiters(shared_store=store)

    async def acquire_once(limiters: RateLimiters) -> None:
        async with limiters.get("PSN", "scope", Rate(1_000_000, 900), 8).acquire():
            pass

    print_figure(
        "acquire a rate limiter of this process",
        await measure_microseconds(lambda: acquire_once(local_limiters)),
        "us",
    )
    print_figure(
        f"acquire a rate limiter of all processes, in {place}",
        await measure_microseconds(lambda: acquire_once(shared_limiters)),
        "us",
    )


async def measure_coalescing(url: str, redis: RedisServer | None = None) -> None:
    async with open_stores(url) as (one, two):
        await _measure_coalescing(one, two, redis)


async def _measure_coalescing(
    one: SharedStore, two: SharedStore, redis: RedisServer | None
) -> None:
    calls = 0

    async def slow() -> tuple[Achievement, ...]:
        nonlocal calls
        calls += 1
        await asyncio.sleep(1)
        return VALUE

    caches = [Cache(shared_store=store) for store in (one, two)]
    before, began = redis.count_commands() if redis else 0, time.perf_counter()
    requests = [
        start_request(lambda cache=cache: cache.get_or_load(POLICY, "scope", ("slow",), slow))
        for _turn in range(5000)
        for cache in caches
    ]
    await asyncio.gather(*requests)
    print_figure("10,000 callers of two processes: loads", calls, "")
    print_figure("  time, of which the load took 1 s", time.perf_counter() - began, "s")
    if redis:
        print_figure("  Redis commands of both processes", redis.count_commands() - before, "")


async def measure_silent_redis() -> None:
    with run_silent_server() as url:
        async with open_stores(url, 1) as (store,):
            cache, limiters = Cache(shared_store=store), RateLimiters(shared_store=store)

            async def load() -> tuple[Achievement, ...]:
                async with limiters.get("PSN", "scope", Rate(None), 8).acquire():
                    return VALUE

            for what in ("first lookup in a Redis that does not respond", "the next one"):
                began = time.perf_counter()
                await cache.get_or_load(POLICY, "scope", (what,), load)
                print_figure(what, (time.perf_counter() - began) * 1e3, "ms")


async def main() -> None:
    set_current(RequestContext(time.monotonic() + 600))
    with TemporaryDirectory() as folder:
        url = build_file_url(Path(folder) / "cache.db")
        await measure_alone(url)
        await measure_costs("the file", url)
        await measure_coalescing(url)
    with run_redis_server() as redis:
        await measure_costs("Redis", redis.url)
        await measure_coalescing(redis.url, redis)
    await measure_silent_redis()


if __name__ == "__main__":
    asyncio.run(main())
