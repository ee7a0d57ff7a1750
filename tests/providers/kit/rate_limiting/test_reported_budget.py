"""What a source says is left of a budget, and what is kept of it for requests that wait."""

import asyncio
import time
from collections.abc import Callable, Coroutine

import httpx
import pytest

from providers.errors import RateLimited
from providers.kit.caching.cache import Cache
from providers.kit.caching.policy import CachePolicy
from providers.kit.rate_limiting.rate_limiter import Rate, RateLimiter, ReserveKept
from providers.kit.rate_limiting.reported_budget import ReportedBudget, parse_reported_budget
from providers.kit.request_context import RequestContext, get_current, set_current

HOURLY = Rate(150, 3600)


def make_limiter(rate: Rate = HOURLY) -> RateLimiter:
    return RateLimiter("SOURCE", rate, asyncio.Semaphore(2))


def report(limiter: RateLimiter, limit: int, remaining: int) -> None:
    limiter.learn_budget(ReportedBudget(limit, remaining, time.monotonic()), time.monotonic())


def run_scenario(scenario: Callable[[], Coroutine[None, None, None]]) -> None:
    async def run_in_context() -> None:
        set_current(RequestContext(deadline=time.monotonic() + 5))
        await scenario()

    asyncio.run(run_in_context())


async def acquire_once(limiter: RateLimiter) -> None:
    async with limiter.acquire():
        pass


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"X-RateLimit-Limit": "150", "X-RateLimit-Remaining": " 31 "}, (150, 31)),
        ({"X-RateLimit-Limit": "150", "X-RateLimit-Remaining": "-2"}, (150, 0)),
        ({"X-RateLimit-Limit": "150"}, None),
        ({"X-RateLimit-Remaining": "31"}, None),
        ({"X-RateLimit-Limit": "0", "X-RateLimit-Remaining": "0"}, None),
        ({"X-RateLimit-Limit": "many", "X-RateLimit-Remaining": "31"}, None),
        ({"X-RateLimit-Limit": "9" * 30, "X-RateLimit-Remaining": "31"}, None),
    ],
)
def test_both_numbers_are_read_from_the_headers(
    headers: dict[str, str], expected: tuple[int, int] | None
) -> None:
    reported = parse_reported_budget(httpx.Headers(headers), None)

    assert (reported and (reported.limit, reported.remaining)) == expected


def test_the_smaller_of_both_counts_is_left() -> None:
    async def scenario() -> None:
        limiter = make_limiter()
        report(limiter, 120, 40)
        await acquire_once(limiter)
        budget = limiter.get_budget()
        assert budget is not None
        assert (budget.limit, budget.remaining) == (120, 39)

        report(limiter, 500, 499)
        budget = limiter.get_budget()
        assert budget is not None
        assert (budget.limit, budget.remaining) == (150, 149)

    run_scenario(scenario)


def test_nothing_left_is_a_pause_before_the_source_refuses() -> None:
    async def scenario() -> None:
        limiter = make_limiter()
        report(limiter, 150, 0)

        with pytest.raises(RateLimited) as error:
            await acquire_once(limiter)
        assert error.value.retry_after == 15
        budget = limiter.get_budget()
        assert budget is not None
        assert budget.remaining == 0

    run_scenario(scenario)


def test_a_server_without_a_limit_ignores_what_is_reported() -> None:
    async def scenario() -> None:
        limiter = make_limiter(Rate(None))
        report(limiter, 150, 0)
        await acquire_once(limiter)
        assert limiter.get_budget() is None

    run_scenario(scenario)


@pytest.mark.parametrize("spent_by_others", [False, True])
def test_the_reserve_is_kept_for_what_a_request_waits_for(*, spent_by_others: bool) -> None:
    async def scenario() -> None:
        limiter = make_limiter(Rate(5, 3600, reserve=2))
        if spent_by_others:
            report(limiter, 5, 3)
        else:
            await acquire_once(limiter)
            await acquire_once(limiter)
        get_current().is_background = True
        await acquire_once(limiter)
        with pytest.raises(ReserveKept) as error:
            await acquire_once(limiter)
        assert error.value.retry_after is None

        get_current().is_background = False
        await acquire_once(limiter)
        await acquire_once(limiter)

    run_scenario(scenario)


def test_a_request_loads_again_what_the_background_was_refused() -> None:
    policy = CachePolicy[str]("SOURCE.value", str, max_age=0, stale_while_revalidate=60)
    with_wait = CachePolicy[str]("SOURCE.value", str, max_age=0)

    async def scenario() -> None:
        cache, started = Cache(), asyncio.Event()

        async def load() -> str:
            if get_current().is_background:
                started.set()
                await asyncio.sleep(0)
                raise ReserveKept("kept", source="SOURCE")
            return "new"

        await cache.set(policy, "scope", ("key",), "old")
        assert (await cache.get_or_load(policy, "scope", ("key",), load)).value == "old"
        await started.wait()
        assert (await cache.get_or_load(with_wait, "scope", ("key",), load)).value == "new"

    run_scenario(scenario)
