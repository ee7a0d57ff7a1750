"""Two processes with one credential are one caller to the source."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from providers.errors import RateLimited
from providers.kit.rate_limiting.caller_quota import CallerQuotaExceeded, CallerQuotas
from providers.kit.rate_limiting.rate_limiter import FIRST_PAUSE, Rate, RateLimiter, RateLimiters
from providers.kit.shared.shared_store import SharedStore
from tests.providers.kit.redis_server import RedisServer, run_redis_server
from tests.providers.kit.simulated_processes import open_stores, run_scenario, wait_until

Acquired = tuple[float, float]
# By how much Redis' clock may go ahead of ours within a second.
CLOCK_TOLERANCE = 0.01


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


def get_limiter(limiters: RateLimiters, rate: str = "", scope: str = "a-scope") -> RateLimiter:
    return limiters.get("PSN", scope, Rate.parse(rate), 8)


async def acquire_once(limiter: RateLimiter) -> Acquired:
    """Between which times it had its turn."""
    async with limiter.acquire() as stamp:
        return stamp, time.monotonic()


async def wait_for_writes(limiters: RateLimiters) -> None:
    """Be back when Redis has what it was told: what is asked here comes after that."""
    await limiters.peek("PSN", "nobody", Rate(None), 1).refresh()


def max_within(seconds: float, acquired: list[Acquired]) -> int:
    """How many turns one window has certainly seen, however late we were told of them."""
    return max(
        sum(start <= began and ended < start + seconds for began, ended in acquired)
        for start, _ in acquired
    )


def approximately(seconds: float) -> object:
    """A wait of so many seconds, some of which may be over."""
    return pytest.approx(seconds - 5, abs=5)


def test_the_rate_limit_holds_over_all_processes() -> None:
    async def scenario(_: RedisServer, one: RateLimiters, two: RateLimiters) -> None:
        both = [get_limiter(gates, "20/0.5") for gates in (one, two)]
        turns = await asyncio.gather(*(acquire_once(each) for each in both for _turn in range(40)))
        assert max_within(0.5 - CLOCK_TOLERANCE, turns) <= 20

    run_with_redis(scenario)


def test_an_acquisition_after_the_deadline_is_rejected_at_once_in_every_process() -> None:
    async def scenario(_: RedisServer, one: RateLimiters, two: RateLimiters) -> None:
        await acquire_once(get_limiter(one, "1/900"))
        async with asyncio.timeout(20):  # of the sixty there are
            with pytest.raises(RateLimited) as refused:
                await acquire_once(get_limiter(two, "1/900"))
        assert refused.value.retry_after == approximately(900)

    run_with_redis(scenario, seconds=60)


def test_credentials_have_separate_limiters() -> None:
    async def scenario(_: RedisServer, one: RateLimiters, two: RateLimiters) -> None:
        await acquire_once(get_limiter(one, "1/900"))
        await acquire_once(get_limiter(two, "1/900", "another-scope"))

    run_with_redis(scenario)


def test_a_pause_holds_in_every_process() -> None:
    async def scenario(_: RedisServer, one: RateLimiters, two: RateLimiters) -> None:
        get_limiter(one).pause(77)
        await wait_for_writes(one)
        with pytest.raises(RateLimited) as refused:
            await acquire_once(get_limiter(two))
        assert refused.value.retry_after == approximately(77)

    run_with_redis(scenario)


def test_pauses_without_a_duration_double_over_all_processes_except_for_earlier_calls() -> None:
    async def scenario(redis: RedisServer, one: RateLimiters, two: RateLimiters) -> None:
        before = time.monotonic() - 5
        for gates in (one, two, one, two):
            get_limiter(gates).pause(None, before)
            await wait_for_writes(gates)
        with pytest.raises(RateLimited) as refused:
            await acquire_once(get_limiter(two))
        assert refused.value.retry_after is not None
        assert refused.value.retry_after <= FIRST_PAUSE
        get_limiter(two).pause(None, time.monotonic())
        await wait_for_writes(two)
        async with open_stores(redis.url, 1) as (three,):
            with pytest.raises(RateLimited) as doubled:
                await acquire_once(get_limiter(RateLimiters(shared_store=three)))
        assert doubled.value.retry_after == approximately(2 * FIRST_PAUSE)

    run_with_redis(scenario, seconds=5)


def test_after_a_pause_one_call_is_admitted_first_over_all_processes() -> None:
    async def scenario(redis: RedisServer, one: RateLimiters, two: RateLimiters) -> None:
        inside, most, probed = 0, 0, asyncio.Event()

        async def wait_for_other_attempts() -> None:
            before = redis.count_calls("eval")
            await wait_until(
                lambda: redis.count_calls("eval") > before + 60
            )  # four times each of fifteen

        async def call(through: RateLimiter) -> None:
            nonlocal inside, most
            async with through.acquire() as turn:
                inside += 1
                if not probed.is_set():
                    most = max(most, inside)
                    await wait_for_other_attempts()
                    probed.set()
                inside -= 1
            through.resume(turn)

        get_limiter(one).pause(0.2)
        await wait_for_writes(one)
        await asyncio.gather(
            *(call(get_limiter(gates)) for gates in (one, two) for _turn in range(8))
        )
        assert most == 1

    run_with_redis(scenario)


def test_the_budget_includes_calls_of_other_processes() -> None:
    async def scenario(_: RedisServer, one: RateLimiters, two: RateLimiters) -> None:
        for _turn in range(3):
            await acquire_once(get_limiter(one, "10/900"))
        await acquire_once(get_limiter(two, "10/900"))
        for known, left in ((two, 6), (one, 7)):
            budget = get_limiter(known, "10/900").get_budget()
            assert budget is not None
            assert (budget.limit, budget.remaining) == (10, left)  # as his own last call told him
        await get_limiter(one, "10/900").refresh()
        budget = get_limiter(one, "10/900").get_budget()
        assert budget is not None
        assert budget.remaining == 6
        assert budget.resets_at is not None

    run_with_redis(scenario)


def test_without_redis_each_process_is_limited_to_its_share() -> None:
    async def scenario(redis: RedisServer, one: RateLimiters, two: RateLimiters) -> None:
        both = [get_limiter(gates, "20/1") for gates in (one, two)]
        for each in both * 2:
            await acquire_once(each)
        redis.kill()
        turns = await asyncio.gather(*(acquire_once(each) for each in both for _turn in range(20)))
        assert max_within(1 - CLOCK_TOLERANCE, turns) <= 20

    run_with_redis(scenario)


def test_an_empty_redis_is_resynced_with_recent_calls(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("providers.kit.shared.redis_connection.RECONNECT_SECONDS", 0.5)

    async def scenario(redis: RedisServer, stores: list[SharedStore]) -> None:
        gates = [RateLimiters(shared_store=store) for store in stores]
        both = [get_limiter(each, "10/900") for each in gates]
        for each in both * 4:
            await acquire_once(each)
        redis.kill()
        await acquire_once(both[0])
        redis.start()
        with pytest.raises(RateLimited):
            await acquire_once(both[0])  # five is his share, as long as nobody can be asked
        await acquire_once(both[1])
        await wait_until(lambda: not any(store.is_degraded for store in stores))
        for each in gates:
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


def test_the_caller_quota_holds_over_all_processes() -> None:
    with run_redis_server() as redis:

        async def scenario() -> None:
            async with open_stores(redis.url) as (one, two):
                both = [CallerQuotas(Rate(10, 900), each) for each in (one, two)]
                spends = [
                    budget.create_charge("somebody") for budget in both for _turn in range(20)
                ]
                spent = (spend("PSN") for spend in spends if spend is not None)
                outcomes = await asyncio.gather(*spent, return_exceptions=True)
                refused = [each for each in outcomes if isinstance(each, CallerQuotaExceeded)]
                assert len(outcomes) - len(refused) == 10
                assert all(error.retry_after == approximately(900) for error in refused)
                other = both[0].create_charge("somebody-else")
                assert other is not None
                await other("PSN")

        run_scenario(scenario)


def test_the_caller_quota_without_redis_is_kept_in_this_process() -> None:
    async def scenario() -> None:
        budget = CallerQuotas(Rate(2, 900))
        spend = budget.create_charge("somebody")
        assert spend is not None
        await spend("PSN")
        await spend("RETRO_ACHIEVEMENTS")
        with pytest.raises(CallerQuotaExceeded, match="Your quota") as refused:
            await spend("PSN")
        assert (refused.value.source, refused.value.code) == ("PSN", "UPSTREAM_RATE_LIMITED")
        assert refused.value.retry_after == approximately(900)

    run_scenario(scenario)


def test_a_caller_with_several_ids_is_limited_by_each_of_them() -> None:
    async def scenario() -> None:
        budget = CallerQuotas(Rate(2, 900))
        made = 0
        for turn in range(5):
            spend = budget.create_charge("lasting", f"changing-{turn}")
            assert spend is not None
            try:
                await spend("PSN")
                made += 1
            except CallerQuotaExceeded:
                pass
        assert made == 2

    run_scenario(scenario)


def test_without_a_rate_there_is_no_quota() -> None:
    assert CallerQuotas(Rate.parse("")).create_charge("somebody") is None
