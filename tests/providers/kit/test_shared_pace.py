"""Two processes with one credential are one caller to the source."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from providers.errors import RateLimited
from providers.kit.rate_limiting.caller_quota import CallerBudget, CallerSpent
from providers.kit.rate_limiting.rate_limiter import FIRST_PAUSE, Gate, Gates, Rate
from providers.kit.shared.shared_store import Shared
from tests.providers.kit.processes import processes, running, until
from tests.providers.kit.redis_server import RedisServer, redis_server

Passed = tuple[float, float]
# By how much Redis' clock may go ahead of ours within a second.
CLOCKS = 0.01


def over_redis(
    course: Callable[[RedisServer, Gates, Gates], Awaitable[None]], seconds: float = 20
) -> None:
    with redis_server() as redis:

        async def run() -> None:
            async with processes(redis.url) as (one, two):
                await course(redis, Gates(shared=one), Gates(shared=two))

        running(run, seconds)


def gate(gates: Gates, rate: str = "", scope: str = "a-scope") -> Gate:
    return gates.gate("PSN", scope, Rate.parse(rate), 8)


async def passed(through: Gate) -> Passed:
    """Between which times it had its turn."""
    async with through.passing() as stamp:
        return stamp, time.monotonic()


async def told(gates: Gates) -> None:
    """Be back when Redis has what it was told: what is asked here comes after that."""
    await gates.look("PSN", "nobody", Rate(None), 1).learn()


def most_within(seconds: float, turns: list[Passed]) -> int:
    """How many turns one window has certainly seen, however late we were told of them."""
    return max(
        sum(start <= began and ended < start + seconds for began, ended in turns)
        for start, _ in turns
    )


def about(seconds: float) -> object:
    """A wait of so many seconds, some of which may be over."""
    return pytest.approx(seconds - 5, abs=5)


def test_no_window_holds_more_than_its_calls_over_all_processes() -> None:
    async def course(_: RedisServer, one: Gates, two: Gates) -> None:
        both = [gate(gates, "20/0.5") for gates in (one, two)]
        turns = await asyncio.gather(*(passed(each) for each in both for _turn in range(40)))
        assert most_within(0.5 - CLOCKS, turns) <= 20

    over_redis(course)


def test_a_turn_after_the_deadline_is_refused_at_once_whoever_took_the_last() -> None:
    async def course(_: RedisServer, one: Gates, two: Gates) -> None:
        await passed(gate(one, "1/900"))
        async with asyncio.timeout(20):  # of the sixty there are
            with pytest.raises(RateLimited) as refused:
                await passed(gate(two, "1/900"))
        assert refused.value.retry_after == about(900)

    over_redis(course, seconds=60)


def test_credentials_are_apart() -> None:
    async def course(_: RedisServer, one: Gates, two: Gates) -> None:
        await passed(gate(one, "1/900"))
        await passed(gate(two, "1/900", "another-scope"))

    over_redis(course)


def test_a_pause_holds_in_every_process() -> None:
    async def course(_: RedisServer, one: Gates, two: Gates) -> None:
        gate(one).punish(77)
        await told(one)
        with pytest.raises(RateLimited) as refused:
            await passed(gate(two))
        assert refused.value.retry_after == about(77)

    over_redis(course)


def test_nameless_pauses_double_over_all_processes_but_not_for_calls_from_before() -> None:
    async def course(redis: RedisServer, one: Gates, two: Gates) -> None:
        before = time.monotonic() - 5
        for gates in (one, two, one, two):
            gate(gates).punish(None, before)
            await told(gates)
        with pytest.raises(RateLimited) as refused:
            await passed(gate(two))
        assert refused.value.retry_after is not None
        assert refused.value.retry_after <= FIRST_PAUSE
        gate(two).punish(None, time.monotonic())
        await told(two)
        async with processes(redis.url, 1) as (three,):
            with pytest.raises(RateLimited) as doubled:
                await passed(gate(Gates(shared=three)))
        assert doubled.value.retry_after == about(2 * FIRST_PAUSE)

    over_redis(course, seconds=5)


def test_after_a_pause_one_call_goes_ahead_of_all_processes() -> None:
    async def course(redis: RedisServer, one: Gates, two: Gates) -> None:
        inside, most, probed = 0, 0, asyncio.Event()

        async def others_have_asked() -> None:
            before = redis.calls("eval")
            await until(lambda: redis.calls("eval") > before + 60)  # four times each of fifteen

        async def call(through: Gate) -> None:
            nonlocal inside, most
            async with through.passing() as turn:
                inside += 1
                if not probed.is_set():
                    most = max(most, inside)
                    await others_have_asked()
                    probed.set()
                inside -= 1
            through.forgive(turn)

        gate(one).punish(0.2)
        await told(one)
        await asyncio.gather(*(call(gate(gates)) for gates in (one, two) for _turn in range(8)))
        assert most == 1

    over_redis(course)


def test_the_budget_knows_what_the_others_have_used() -> None:
    async def course(_: RedisServer, one: Gates, two: Gates) -> None:
        for _turn in range(3):
            await passed(gate(one, "10/900"))
        await passed(gate(two, "10/900"))
        for known, left in ((two, 6), (one, 7)):
            budget = gate(known, "10/900").budget()
            assert budget is not None
            assert (budget.limit, budget.remaining) == (10, left)  # as his own last call told him
        await gate(one, "10/900").learn()
        budget = gate(one, "10/900").budget()
        assert budget is not None
        assert budget.remaining == 6
        assert budget.resets_at is not None

    over_redis(course)


def test_without_redis_each_process_keeps_to_its_share() -> None:
    async def course(redis: RedisServer, one: Gates, two: Gates) -> None:
        both = [gate(gates, "20/1") for gates in (one, two)]
        for each in both * 2:
            await passed(each)
        redis.kill()
        turns = await asyncio.gather(*(passed(each) for each in both for _turn in range(20)))
        assert most_within(1 - CLOCKS, turns) <= 20

    over_redis(course)


def test_a_redis_that_comes_back_empty_is_told_what_was_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("providers.kit.shared.redis_connection.REST", 0.5)

    async def course(redis: RedisServer, stores: list[Shared]) -> None:
        gates = [Gates(shared=store) for store in stores]
        both = [gate(each, "10/900") for each in gates]
        for each in both * 4:
            await passed(each)
        redis.kill()
        await passed(both[0])
        redis.start()
        with pytest.raises(RateLimited):
            await passed(both[0])  # five is his share, as long as nobody can be asked
        await passed(both[1])
        await until(lambda: not any(store.degraded for store in stores))
        for each in gates:
            await told(each)
        for each in both:
            with pytest.raises(RateLimited):
                await passed(each)
            budget = each.budget()
            assert budget is not None
            assert budget.remaining == 0

    with redis_server() as redis:

        async def run() -> None:
            async with processes(redis.url) as stores:
                await course(redis, stores)

        running(run, seconds=30)


def test_a_caller_may_cause_so_many_calls_and_no_more_over_all_processes() -> None:
    with redis_server() as redis:

        async def course() -> None:
            async with processes(redis.url) as (one, two):
                both = [CallerBudget(Rate(10, 900), each) for each in (one, two)]
                spends = [budget.spend_for("somebody") for budget in both for _turn in range(20)]
                spent = (spend("PSN") for spend in spends if spend is not None)
                outcomes = await asyncio.gather(*spent, return_exceptions=True)
                refused = [each for each in outcomes if isinstance(each, CallerSpent)]
                assert len(outcomes) - len(refused) == 10
                assert all(error.retry_after == about(900) for error in refused)
                other = both[0].spend_for("somebody-else")
                assert other is not None
                await other("PSN")

        running(course)


def test_a_caller_without_redis_has_his_budget_in_this_process() -> None:
    async def course() -> None:
        budget = CallerBudget(Rate(2, 900))
        spend = budget.spend_for("somebody")
        assert spend is not None
        await spend("PSN")
        await spend("RETRO_ACHIEVEMENTS")
        with pytest.raises(CallerSpent, match="your own share") as refused:
            await spend("PSN")
        assert (refused.value.source, refused.value.code) == ("PSN", "UPSTREAM_RATE_LIMITED")
        assert refused.value.retry_after == about(900)

    running(course)


def test_a_caller_by_several_names_gets_rid_of_none_by_changing_another() -> None:
    async def course() -> None:
        budget = CallerBudget(Rate(2, 900))
        made = 0
        for turn in range(5):
            spend = budget.spend_for("lasting", f"changing-{turn}")
            assert spend is not None
            try:
                await spend("PSN")
                made += 1
            except CallerSpent:
                pass
        assert made == 2

    running(course)


def test_without_a_rate_nobody_is_counted() -> None:
    assert CallerBudget(Rate.parse("")).spend_for("somebody") is None
