"""The rate limiter of two processes on one Redis: together they obey one rate."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from providers.errors import RateLimited
from providers.kit.rate_limiting.rate_limiter import RateLimiters
from providers.kit.rate_limiting.redis_rate_limiter import MICROSECONDS
from providers.kit.shared.shared_store import SharedStore
from tests.providers.kit.rate_limiting.shared_limits import (
    CLOCK_TOLERANCE,
    DAY,
    acquire_once,
    approximately,
    count_in_busiest_window,
    get_limiter,
    wait_for_writes,
)
from tests.providers.kit.redis_server import RedisServer, run_redis_server
from tests.providers.kit.simulated_processes import open_stores, run_scenario, wait_until


def run_with_redis(
    scenario: Callable[[RedisServer, RateLimiters, RateLimiters], Awaitable[None]],
    seconds: float = 20,
) -> None:
    with run_redis_server() as redis:

        async def run() -> None:
            async with open_stores(redis.url) as (one, two):
                await scenario(
                    redis, RateLimiters(shared_store=one), RateLimiters(shared_store=two)
                )

        run_scenario(run, seconds)


@pytest.mark.slow
def test_without_redis_each_process_is_limited_to_its_share() -> None:
    async def scenario(redis: RedisServer, one: RateLimiters, two: RateLimiters) -> None:
        both = [get_limiter(limiters, "20/1") for limiters in (one, two)]
        for each in both * 2:
            await acquire_once(each)
        redis.kill()
        acquired = await asyncio.gather(*(acquire_once(each) for each in both for _ in range(20)))
        assert count_in_busiest_window(1 - CLOCK_TOLERANCE, acquired) <= 20

    run_with_redis(scenario)


@pytest.mark.slow
def test_an_empty_redis_is_resynced_with_recent_calls(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("providers.kit.shared.redis_connection.RECONNECT_SECONDS", 0.5)

    async def scenario(redis: RedisServer, stores: list[SharedStore]) -> None:
        limiters = [RateLimiters(shared_store=store) for store in stores]
        both = [get_limiter(each, "10/900") for each in limiters]
        for each in both * 4:
            await acquire_once(each)
        redis.kill()
        await acquire_once(both[0])
        redis.start()
        with pytest.raises(RateLimited):
            await acquire_once(both[0])  # without Redis its share is five
        await acquire_once(both[1])
        await wait_until(lambda: not any(store.is_degraded for store in stores))
        for each in limiters:
            await wait_for_writes(each)
        for each in both:
            with pytest.raises(RateLimited):
                await acquire_once(each)
            budget = each.get_budget()
            assert budget is not None
            assert budget.remaining == 0

    with run_redis_server() as redis:

        async def run() -> None:
            async with open_stores(redis.url) as stores:
                await scenario(redis, stores)

        run_scenario(run, seconds=30)


def build_state_name(store: SharedStore) -> str:
    return f"{store.build_key('pace', 'PSN', 'a-scope')}:state"


async def run_command(store: SharedStore, *command: str | int) -> None:
    """Run a command of someone else who can write to Redis."""
    assert store.redis is not None
    await store.redis.execute(*command)


async def forge_pause(store: SharedStore, since: float, seconds: float) -> None:
    """Write a pause that began so many seconds ago."""
    begin = round((time.time() - since) * MICROSECONDS)
    end = begin + round(seconds * MICROSECONDS)
    await run_command(store, "HSET", build_state_name(store), "since", begin, "until", end)


def run_with_stores(
    scenario: Callable[[RedisServer, SharedStore, SharedStore], Awaitable[None]],
) -> None:
    with run_redis_server() as redis:

        async def run() -> None:
            async with open_stores(redis.url) as (one, two):
                await scenario(redis, one, two)

        run_scenario(run, seconds=20)


@pytest.mark.slow
def test_a_forged_pause_counts_for_a_day_at_most_and_ends_soon_after_it_is_deleted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Holds that no process keeps a pause that Redis no longer has."""
    monkeypatch.setattr("providers.kit.rate_limiting.rate_limiter.PAUSE_RECHECK_SECONDS", 0.2)

    async def scenario(_: RedisServer, one: SharedStore, __: SharedStore) -> None:
        limiter = get_limiter(RateLimiters(shared_store=one), "10/900")
        await forge_pause(one, since=10, seconds=30 * 365 * DAY)
        with pytest.raises(RateLimited) as error:
            await acquire_once(limiter)
        assert error.value.retry_after == approximately(DAY - 10)
        await run_command(one, "DEL", build_state_name(one))

        async def is_acquired() -> bool:
            try:
                await acquire_once(limiter)
            except RateLimited:
                return False
            return True

        await wait_until(is_acquired, seconds=5)

    run_with_stores(scenario)


@pytest.mark.parametrize(
    ("since", "fields"),
    [
        (2 * 86_400, {}),  # over since a day
        (-3600, {}),  # of the future
        (0, {"until": "nonsense", "since": "inf"}),
        (0, {"until": "nan", "since": "nan", "pauses": "nan"}),
        (0, {"until": 1, "probe": 9_000_000_000_000_000}),
    ],
)
def test_a_pause_or_a_probe_that_cannot_be_ours_stops_nobody(
    since: float, fields: dict[str, str | int]
) -> None:
    async def scenario(_: RedisServer, one: SharedStore, __: SharedStore) -> None:
        limiter = get_limiter(RateLimiters(shared_store=one), "10/900")
        await forge_pause(one, since, 30 * 365 * DAY)
        for name, value in fields.items():
            await run_command(one, "HSET", build_state_name(one), name, value)
        await acquire_once(limiter)
        limiter.pause(None)
        await wait_for_writes(RateLimiters(shared_store=one))
        assert not one.is_degraded

    run_with_stores(scenario)


def test_calls_of_the_future_do_not_count() -> None:
    """Holds that a window that was filled once is not full for ever."""

    async def scenario(_: RedisServer, one: SharedStore, __: SharedStore) -> None:
        limiter = get_limiter(RateLimiters(shared_store=one), "2/900")
        key = build_state_name(one).removesuffix("state")
        for number in range(5):
            for part in ("window", "users"):
                await run_command(one, "ZADD", key + part, "+inf", f"forged-{number}")
        for _call in range(2):
            await acquire_once(limiter)
        with pytest.raises(RateLimited):
            await acquire_once(limiter)
        await limiter.refresh()
        assert limiter.last_seen_window is not None
        assert limiter.last_seen_window.process_count == 1
        budget = limiter.get_budget()
        assert budget is not None
        assert budget.remaining == 0

    run_with_stores(scenario)


def test_keys_of_another_type_are_as_no_redis() -> None:
    async def scenario(_: RedisServer, one: SharedStore, __: SharedStore) -> None:
        limiter = get_limiter(RateLimiters(shared_store=one), "1/900")
        await run_command(one, "SET", build_state_name(one), "x")
        await acquire_once(limiter)
        with pytest.raises(RateLimited):
            await acquire_once(limiter)
        assert not one.is_degraded

    run_with_stores(scenario)


@pytest.mark.parametrize("recheck_seconds", [0, 60])
def test_a_pause_of_this_process_lasts_even_if_redis_has_lost_it(
    recheck_seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Holds that deleting a pause in Redis does not make a process ignore its own 429."""
    monkeypatch.setattr(
        "providers.kit.rate_limiting.rate_limiter.PAUSE_RECHECK_SECONDS", recheck_seconds
    )

    async def scenario(_: RedisServer, one: SharedStore, __: SharedStore) -> None:
        limiters = RateLimiters(shared_store=one)
        get_limiter(limiters).pause(77)
        await wait_for_writes(limiters)
        await run_command(one, "DEL", build_state_name(one))
        for _attempt in range(2):
            with pytest.raises(RateLimited) as error:
                await acquire_once(get_limiter(limiters))
            assert error.value.retry_after == approximately(77)
            await get_limiter(limiters).refresh()

    run_with_stores(scenario)
