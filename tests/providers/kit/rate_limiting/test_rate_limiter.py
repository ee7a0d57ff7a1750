"""The rate limiter of one process: its window, its concurrency, its pauses and its budget."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from providers.errors import RateLimited
from providers.kit.rate_limiting.rate_limiter import (
    FIRST_PAUSE,
    MAX_PAUSE,
    Rate,
    RateLimiter,
    RateLimiters,
)
from providers.kit.request_context import RequestContext, set_current

UNLIMITED = Rate(None)


def make_limiter(rate: Rate = UNLIMITED, concurrency: int = 1000) -> RateLimiter:
    return RateLimiter("SOURCE", rate, asyncio.Semaphore(concurrency))


def run_scenario(scenario: Callable[[], Awaitable[None]], deadline: float = 30) -> None:
    async def run_in_context() -> None:
        set_current(RequestContext(deadline=time.monotonic() + deadline))
        await scenario()

    asyncio.run(run_in_context())


async def acquire_once(limiter: RateLimiter) -> float:
    async with limiter.acquire():
        return time.monotonic()


@pytest.mark.slow
def test_no_window_holds_more_calls_than_its_limit() -> None:
    async def scenario() -> None:
        limiter = make_limiter(Rate(5, 0.1))
        times = sorted(await asyncio.gather(*(acquire_once(limiter) for _ in range(18))))

        for first, last in zip(times, times[5:], strict=False):
            assert last - first >= 0.1 - 0.005
        assert times[-1] - times[0] >= 0.3 - 0.005

    run_scenario(scenario)


def test_calls_within_the_window_do_not_wait() -> None:
    async def scenario() -> None:
        limiter = make_limiter(Rate(5, 900))
        await asyncio.gather(*(acquire_once(limiter) for _ in range(5)))

        assert limiter.window.total == 5

    run_scenario(scenario, deadline=0)  # no time to wait in


def test_an_acquisition_after_the_deadline_is_rejected_at_once() -> None:
    async def scenario() -> None:
        limiter = make_limiter(Rate(1, 900))
        await acquire_once(limiter)

        late = asyncio.create_task(acquire_once(limiter))
        await asyncio.sleep(0)  # it runs once, and does not wait
        assert late.done()
        with pytest.raises(RateLimited) as error:
            await late

        assert error.value.source == "SOURCE"
        assert error.value.retry_after == pytest.approx(895, abs=5)

    run_scenario(scenario)


def test_a_rejected_call_does_not_count() -> None:
    async def scenario() -> None:
        limiter = make_limiter(Rate(2, 900))
        for _ in range(2):
            await acquire_once(limiter)
        for _ in range(5):
            with pytest.raises(RateLimited):
                await acquire_once(limiter)

        assert limiter.window.total == 2

    run_scenario(scenario)


def test_concurrency_is_limited() -> None:
    async def scenario() -> None:
        limiter = make_limiter(concurrency=3)
        running, max_running = 0, 0

        async def call() -> None:
            nonlocal running, max_running
            async with limiter.acquire():
                running += 1
                max_running = max(max_running, running)
                for _ in range(5):
                    await asyncio.sleep(0)
                running -= 1

        await asyncio.gather(*(call() for _ in range(20)))

        assert (running, max_running) == (0, 3)

    run_scenario(scenario)


def test_a_cancelled_call_releases_its_slot() -> None:
    async def scenario() -> None:
        limiter = make_limiter(concurrency=1)
        entered = asyncio.Event()

        async def hold_slot() -> None:
            async with limiter.acquire():
                entered.set()
                await asyncio.Event().wait()

        holder = asyncio.create_task(hold_slot())
        await entered.wait()
        holder.cancel()

        assert await acquire_once(limiter)

    run_scenario(scenario)


def test_a_pause_applies_to_all_calls_of_the_credential() -> None:
    async def scenario() -> None:
        limiter = make_limiter()
        limiter.pause(77)

        for _ in range(3):
            with pytest.raises(RateLimited) as error:
                await acquire_once(limiter)
            assert error.value.retry_after == pytest.approx(70, abs=7)

    run_scenario(scenario)


def test_a_pause_that_ends_in_time_is_waited_for() -> None:
    async def scenario() -> None:
        limiter = make_limiter()
        ends_at = time.monotonic() + 0.05
        limiter.pause(0.05)

        assert await acquire_once(limiter) >= ends_at - 0.001

    run_scenario(scenario)


def test_a_shorter_pause_does_not_end_a_longer_one() -> None:
    limiter = make_limiter()
    limiter.pause(500)
    paused_until = limiter.paused_until
    limiter.pause(1)

    assert limiter.paused_until == paused_until


def test_pauses_without_a_duration_double_up_to_a_limit_and_reset() -> None:
    limiter = make_limiter()

    pauses = [limiter.pause(None) for _ in range(10)]

    assert pauses[:4] == [FIRST_PAUSE * 2**number for number in range(4)]
    assert pauses[-1] == MAX_PAUSE
    limiter.resume()
    assert limiter.pause(None) == FIRST_PAUSE


def test_the_budget_is_what_is_left_of_the_window() -> None:
    async def scenario() -> None:
        limiter = make_limiter(Rate(10, 900))
        full = limiter.get_budget()
        for _ in range(3):
            await acquire_once(limiter)
        left = limiter.get_budget()

        assert full is not None
        assert (full.limit, full.remaining, full.resets_at) == (10, 10, None)
        assert left is not None
        assert (left.limit, left.remaining) == (10, 7)
        assert left.resets_at is not None
        assert 0 < (left.resets_at - datetime.now(UTC)).total_seconds() <= 900

    run_scenario(scenario)


def test_a_paused_credential_has_nothing_left() -> None:
    limiter = make_limiter(Rate(10, 900))
    limiter.pause(60)
    budget = limiter.get_budget()

    assert budget is not None
    assert budget.remaining == 0
    assert budget.resets_at is not None


def test_without_a_limit_there_is_no_budget() -> None:
    assert make_limiter().get_budget() is None


@pytest.mark.parametrize(
    ("text", "rate"), [("", UNLIMITED), ("300/900", Rate(300, 900)), ("40/0.5", Rate(40, 0.5))]
)
def test_a_rate_is_parsed(text: str, rate: Rate) -> None:
    assert Rate.parse(text) == rate


@pytest.mark.parametrize(
    "text", ["0/1", "-1/1", "1/0", "1/-1", "1/inf", "1/nan", "x", "1/x", "1.5/1"]
)
def test_an_invalid_rate_is_rejected(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        Rate.parse(text)


def test_every_credential_has_its_own_limiter_and_their_number_is_bounded() -> None:
    limiters = RateLimiters(capacity=10)
    limiter = limiters.get("SOURCE", "me", Rate(1), 1)

    assert limiters.get("SOURCE", "me", Rate(1), 1) is limiter
    assert limiters.get("SOURCE", "you", Rate(1), 1) is not limiter
    assert limiters.get("OTHER", "me", Rate(1), 1) is not limiter
    for number in range(100):
        limiters.get("SOURCE", str(number), Rate(1), 1)
        assert limiters.get("SOURCE", "me", Rate(1), 1) is limiter
    assert len(limiters) == 10


def test_an_active_limiter_is_not_evicted() -> None:
    async def scenario() -> None:
        limiters = RateLimiters(capacity=10)
        rate = Rate(1, 900)
        async with limiters.get("SOURCE", "used", rate, 4).acquire():
            pass
        limiters.get("SOURCE", "paused", rate, 4).pause(900)
        running = limiters.get("SOURCE", "running", Rate(None), 1)
        async with running.acquire():
            for number in range(200):
                limiters.get("SOURCE", f"invented-{number}", rate, 4)
            for scope in ("used", "paused"):
                with pytest.raises(RateLimited):
                    async with limiters.get("SOURCE", scope, rate, 4).acquire():
                        pass
            assert limiters.get("SOURCE", "running", Rate(None), 1) is running
        assert len(limiters) <= 13

    run_scenario(scenario)


def test_reading_a_budget_creates_no_limiter() -> None:
    async def scenario() -> None:
        limiters = RateLimiters()
        budget = limiters.peek("SOURCE", "invented", Rate(5, 900), 4).get_budget()
        assert budget is not None
        assert (budget.remaining, len(limiters)) == (5, 0)

    run_scenario(scenario)
