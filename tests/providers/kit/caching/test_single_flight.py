"""Two processes on one Redis: concurrent loads of a value become one."""

import asyncio
from dataclasses import replace

import pytest

from providers.errors import Private, RateLimited, TimedOut
from providers.kit.caching.cache import Cache
from providers.kit.rate_limiting.caller_quota import CallerQuotaExceeded
from providers.kit.request_context import get_current
from providers.kit.shared.lease import LEASE_TTL
from providers.records import TitlePage
from tests.providers.kit.caching.two_caches import (
    KEY,
    PAGE,
    SCOPE,
    TITLES,
    FakeSource,
    advance_clock,
    make_blocked_source,
    make_lookup,
    run_with_redis,
    wait_for_writes,
)
from tests.providers.kit.redis_server import RedisServer
from tests.providers.kit.simulated_processes import (
    open_stores,
    start_request,
    wait_until,
)


def test_concurrent_lookups_in_two_processes_cost_one_call(followers: list[str]) -> None:
    async def scenario(redis: RedisServer, one: Cache, two: Cache) -> None:
        source = make_blocked_source()
        commands_before = redis.count_commands()
        requests = [
            start_request(make_lookup(cache, source)) for _ in range(50) for cache in (one, two)
        ]
        await wait_until(lambda: source.calls and followers)
        source.released.set()
        responses = await asyncio.gather(*requests)
        assert source.calls == 1
        assert {cached.value for cached, _ in responses} == {PAGE}
        assert sum(context.coalesced_count for _, context in responses) == 99
        assert redis.count_commands() - commands_before < 60

    run_with_redis(scenario)


def test_an_error_reaches_followers_in_other_processes(followers: list[str]) -> None:
    async def scenario(_: RedisServer, one: Cache, two: Cache) -> None:
        source = make_blocked_source(RateLimited("Wait.", source="PSN", retry_after=7))
        requests = [start_request(make_lookup(cache, source)) for cache in (one, two)]
        await wait_until(lambda: source.calls and followers)
        source.released.set()
        errors = await asyncio.gather(*requests, return_exceptions=True)
        assert [type(error) for error in errors] == [RateLimited, RateLimited]
        assert source.calls == 1
        with pytest.raises(RateLimited):
            await two.get_or_load(TITLES, SCOPE, KEY, source)
        assert source.calls == 2  # a later request does not get the old error

    run_with_redis(scenario)


@pytest.mark.slow
def test_another_process_takes_over_when_the_leader_stops_its_heartbeat() -> None:
    async def scenario(redis: RedisServer, one: Cache, two: Cache) -> None:
        hanging, source = make_blocked_source(), FakeSource()
        lost = start_request(make_lookup(one, hanging))
        await wait_until(lambda: hanging.calls)
        # As after a SIGKILL: no heartbeat, and the lease is not released.
        for task in asyncio.all_tasks():
            if "_send_heartbeats" in repr(task):
                task.cancel()
        cached, _context = await start_request(make_lookup(two, source), seconds=8)
        assert (cached.value, source.calls) == (PAGE, 1)
        assert redis.count_commands() < 500
        lost.cancel()

    run_with_redis(scenario)


@pytest.mark.slow
def test_a_slow_leader_is_waited_for_while_it_sends_heartbeats() -> None:
    async def scenario(_: RedisServer, one: Cache, two: Cache) -> None:
        source = make_blocked_source()
        asyncio.get_running_loop().call_later(LEASE_TTL + 1, source.released.set)
        await asyncio.gather(*(start_request(make_lookup(cache, source)) for cache in (one, two)))
        assert source.calls == 1

    run_with_redis(scenario)


def test_a_leader_over_quota_does_not_fail_its_followers(followers: list[str]) -> None:
    async def scenario(_: RedisServer, one: Cache, two: Cache) -> None:
        error = CallerQuotaExceeded("Used up.", source="PSN", retry_after=9)
        over_quota, source = make_blocked_source(error), FakeSource()
        requests = [start_request(make_lookup(one, over_quota))]
        await wait_until(lambda: over_quota.calls)
        requests += [start_request(make_lookup(each, source)) for each in (one, two)]
        await wait_until(lambda: followers)
        over_quota.released.set()
        first, *others = await asyncio.gather(*requests, return_exceptions=True)
        assert isinstance(first, CallerQuotaExceeded)
        assert not any(isinstance(other, BaseException) for other in others)
        assert (over_quota.calls, source.calls) == (1, 1)

    run_with_redis(scenario)


def test_a_background_revalidation_is_shared_by_all_processes(
    followers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario(_: RedisServer, one: Cache, two: Cache) -> None:
        source = FakeSource()
        for cache in (one, two):
            await cache.get_or_load(TITLES, SCOPE, KEY, source)
            await wait_for_writes(cache)
        advance_clock(TITLES.max_age, monkeypatch)
        source.released.clear()
        for cache in (one, two) * 5:
            cached, context = await start_request(make_lookup(cache, source))
            assert (cached.value, context.cached_count) == (PAGE, 1)
        await wait_until(lambda: source.calls > 1 and followers)
        source.released.set()
        await wait_until(lambda: all(cache.peek(TITLES, SCOPE, KEY) for cache in (one, two)))
        assert source.calls == 2

    run_with_redis(scenario)


def test_concurrent_cache_bypasses_share_one_load(followers: list[str]) -> None:
    async def scenario(_: RedisServer, one: Cache, two: Cache) -> None:
        source = FakeSource()
        for cache in (one, two):
            await cache.get_or_load(TITLES, SCOPE, KEY, source)
            await wait_for_writes(cache)
        source.released.clear()
        requests = [
            start_request(make_lookup(cache, source), bypass_cache=True) for cache in (one, two)
        ]
        await wait_until(lambda: source.calls > 1 and followers)
        source.released.set()
        await asyncio.gather(*requests)
        assert source.calls == 2
        _cached, context = await start_request(make_lookup(two, source))
        assert (source.calls, context.cached_count) == (2, 1)

    run_with_redis(scenario)


@pytest.mark.slow
def test_a_follower_times_out_at_its_own_deadline_and_the_others_do_not() -> None:
    async def scenario(_: RedisServer, one: Cache, two: Cache) -> None:
        source = make_blocked_source()
        leader = start_request(make_lookup(one, source), seconds=20)
        await wait_until(lambda: source.calls)
        async with asyncio.timeout(5):  # the load itself has ten seconds
            with pytest.raises(TimedOut):
                await start_request(make_lookup(two, source), seconds=0.3)
        assert not leader.done()
        source.released.set()
        assert (await leader)[0].value == PAGE
        assert (await start_request(make_lookup(two, source)))[0].value == PAGE
        assert source.calls == 1

    run_with_redis(scenario, seconds=30)


def test_a_load_has_its_own_deadline() -> None:
    async def scenario(_: RedisServer, one: Cache, __: Cache) -> None:
        remaining: list[float] = []

        async def load() -> TitlePage:
            remaining.append(get_current().get_remaining_seconds())
            return PAGE

        await start_request(lambda: one.get_or_load(TITLES, SCOPE, KEY, load), seconds=5)
        assert remaining[0] > 6

    run_with_redis(scenario)


def test_a_revalidation_is_counted_in_the_request_that_started_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("providers.kit.request_context.REVALIDATION_WAIT_SECONDS", 60)

    async def scenario(_: RedisServer, one: Cache, two: Cache) -> None:
        source = FakeSource()

        async def load() -> TitlePage:
            get_current().count_call("PSN")
            return await source()

        async def look_up(cache: Cache) -> None:
            await cache.get_or_load(replace(TITLES, max_age=0), SCOPE, KEY, load)
            async with asyncio.timeout(10):
                await get_current().wait_for_revalidations()

        await start_request(lambda: look_up(one))
        await wait_for_writes(one)
        source.released.clear()  # so that its call is counted before it has a response
        _cached, context = await start_request(lambda: look_up(two))
        assert context.build_summary() == {"calls": {"PSN": 1}, "cached": 1, "coalesced": 0}

    run_with_redis(scenario)


@pytest.mark.parametrize(
    "error",
    [Private("Not shown."), RateLimited("Wait.", retry_after=3600)],
    ids=["private", "rate limited"],
)
def test_a_refusal_of_one_scope_is_loaded_again_for_another(
    error: Exception, followers: list[str]
) -> None:
    async def scenario(_redis: RedisServer, one: Cache, two: Cache) -> None:
        public = replace(TITLES, name="PSN.public", public=True)
        refusing, source = make_blocked_source(error), FakeSource()
        refused = asyncio.create_task(one.get_or_load(public, "first", KEY, refusing))
        await wait_until(lambda: refusing.calls)
        requests = [
            start_request(lambda cache=cache: cache.get_or_load(public, "second", KEY, source))
            for cache in (two, one)
        ]
        await wait_until(lambda: followers)
        refusing.released.set()
        responses = await asyncio.gather(*requests)
        assert [cached.value for cached, _ in responses] == [PAGE, PAGE]
        with pytest.raises(type(error)):
            await refused
        assert (refusing.calls, source.calls) == (1, 1)

    run_with_redis(scenario)


@pytest.mark.slow
def test_a_follower_whose_load_has_no_time_left_names_the_source() -> None:
    """Holds that no name in Redis is shown to a caller."""

    async def scenario(redis: RedisServer, one: Cache, _: Cache) -> None:
        source = make_blocked_source()
        leader = start_request(make_lookup(one, source))
        await wait_until(lambda: source.calls)
        async with open_stores(redis.url, 1) as (store,):
            impatient = Cache(load_timeout=0.2, shared_store=store)
            with pytest.raises(TimedOut) as error:
                await start_request(make_lookup(impatient, source))
        assert error.value.source == "PSN"
        source.released.set()
        await leader

    run_with_redis(scenario)
