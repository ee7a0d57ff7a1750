"""The rate limiter of two processes on one store: together they obey one rate."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from providers.errors import RateLimited
from providers.kit.rate_limiting.rate_limiter import FIRST_PAUSE, RateLimiter, RateLimiters
from tests.providers.kit.rate_limiting.shared_limits import (
    CLOCK_TOLERANCE,
    acquire_once,
    approximately,
    count_in_busiest_window,
    get_limiter,
    run_with_limiters,
    wait_for_writes,
)
from tests.providers.kit.shared_backends import Shared, run_with_store, shared_backends
from tests.providers.kit.simulated_processes import open_stores, wait_until


def count_attempts(limiter: RateLimiter, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Count from now on how often any process tries to acquire a call; yield the number so far."""
    limiter_class: Any = type(limiter.shared_limiter)
    acquire, count = limiter_class.acquire, 0

    async def acquire_and_count(*arguments: Any) -> Any:
        nonlocal count
        count += 1
        return await acquire(*arguments)

    monkeypatch.setattr(limiter_class, "acquire", acquire_and_count)
    return iter(lambda: count, -1)


@pytest.mark.slow
@shared_backends
def test_the_rate_limit_holds_over_all_processes(backend: str, tmp_path: Path) -> None:
    async def scenario(one: RateLimiters, two: RateLimiters) -> None:
        both = [get_limiter(limiters, "20/0.5") for limiters in (one, two)]
        acquired = await asyncio.gather(*(acquire_once(each) for each in both for _ in range(40)))
        assert count_in_busiest_window(0.5 - CLOCK_TOLERANCE, acquired) <= 20

    run_with_limiters(backend, tmp_path, scenario)


@shared_backends
def test_an_acquisition_after_the_deadline_is_rejected_at_once_in_every_process(
    backend: str, tmp_path: Path
) -> None:
    async def scenario(one: RateLimiters, two: RateLimiters) -> None:
        await acquire_once(get_limiter(one, "1/900"))
        async with asyncio.timeout(20):  # of sixty seconds up to the deadline
            with pytest.raises(RateLimited) as error:
                await acquire_once(get_limiter(two, "1/900"))
        assert error.value.retry_after == approximately(900)

    run_with_limiters(backend, tmp_path, scenario, seconds=60)


@shared_backends
def test_credentials_have_separate_limiters(backend: str, tmp_path: Path) -> None:
    async def scenario(one: RateLimiters, two: RateLimiters) -> None:
        await acquire_once(get_limiter(one, "1/900"))
        await acquire_once(get_limiter(two, "1/900", "another-scope"))

    run_with_limiters(backend, tmp_path, scenario)


@shared_backends
def test_a_pause_holds_in_every_process(backend: str, tmp_path: Path) -> None:
    async def scenario(one: RateLimiters, two: RateLimiters) -> None:
        get_limiter(one).pause(77)
        await wait_for_writes(one)
        with pytest.raises(RateLimited) as error:
            await acquire_once(get_limiter(two))
        assert error.value.retry_after == approximately(77)

    run_with_limiters(backend, tmp_path, scenario)


@shared_backends
def test_pauses_without_a_duration_double_over_all_processes_except_for_earlier_calls(
    backend: str, tmp_path: Path
) -> None:
    async def scenario(one: RateLimiters, two: RateLimiters, three: RateLimiters) -> None:
        before = time.monotonic() - 5
        for limiters in (one, two, one, two):
            get_limiter(limiters).pause(None, before)
            await wait_for_writes(limiters)
        with pytest.raises(RateLimited) as error:
            await acquire_once(get_limiter(two))
        assert error.value.retry_after is not None
        assert error.value.retry_after <= FIRST_PAUSE
        get_limiter(two).pause(None, time.monotonic())
        await wait_for_writes(two)
        with pytest.raises(RateLimited) as doubled:
            await acquire_once(get_limiter(three))
        assert doubled.value.retry_after == approximately(2 * FIRST_PAUSE)

    run_with_limiters(backend, tmp_path, scenario, processes=3, seconds=5)


@pytest.mark.slow
@shared_backends
def test_after_a_pause_one_call_is_admitted_first_over_all_processes(
    backend: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario(one: RateLimiters, two: RateLimiters) -> None:
        running, max_running, has_probed = 0, 0, asyncio.Event()
        attempt_count = count_attempts(get_limiter(one), monkeypatch)

        async def wait_for_other_attempts() -> None:
            before = next(attempt_count)
            # Four attempts of each of the fifteen others.
            await wait_until(lambda: next(attempt_count) > before + 60)

        async def call(limiter: RateLimiter) -> None:
            nonlocal running, max_running
            async with limiter.acquire() as acquired_at:
                running += 1
                if not has_probed.is_set():
                    max_running = max(max_running, running)
                    await wait_for_other_attempts()
                    has_probed.set()
                running -= 1
            limiter.resume(acquired_at)

        get_limiter(one).pause(0.2)
        await wait_for_writes(one)
        await asyncio.gather(
            *(call(get_limiter(limiters)) for limiters in (one, two) for _ in range(8))
        )
        assert max_running == 1

    run_with_limiters(backend, tmp_path, scenario)


@shared_backends
def test_the_budget_includes_calls_of_other_processes(backend: str, tmp_path: Path) -> None:
    async def scenario(one: RateLimiters, two: RateLimiters) -> None:
        for _call in range(3):
            await acquire_once(get_limiter(one, "10/900"))
        await acquire_once(get_limiter(two, "10/900"))
        for limiters, remaining in ((two, 6), (one, 7)):
            budget = get_limiter(limiters, "10/900").get_budget()
            assert budget is not None
            assert (budget.limit, budget.remaining) == (10, remaining)  # as of the last call
        await get_limiter(one, "10/900").refresh()
        budget = get_limiter(one, "10/900").get_budget()
        assert budget is not None
        assert budget.remaining == 6
        assert budget.resets_at is not None

    run_with_limiters(backend, tmp_path, scenario)


@shared_backends
def test_a_restart_spends_no_window_twice_and_ends_no_pause(backend: str, tmp_path: Path) -> None:
    async def scenario(shared: Shared) -> None:
        async with open_stores(shared.url, 1) as (store,):
            limiters = RateLimiters(shared_store=store)
            for _call in range(2):
                await acquire_once(get_limiter(limiters, "3/900"))
            get_limiter(limiters, "3/900", "a-paused-scope").pause(77)
            await wait_for_writes(limiters)
        async with open_stores(shared.url, 1) as (store,):
            limiters = RateLimiters(shared_store=store)
            await acquire_once(get_limiter(limiters, "3/900"))
            for scope, seconds in (("a-scope", 900), ("a-paused-scope", 77)):
                with pytest.raises(RateLimited) as error:
                    await acquire_once(get_limiter(limiters, "3/900", scope))
                assert error.value.retry_after == approximately(seconds)

    run_with_store(backend, tmp_path, scenario)
