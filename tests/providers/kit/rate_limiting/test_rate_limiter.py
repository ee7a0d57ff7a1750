"""How fast one credential calls: exactly so often, so many at once, and not while told to wait."""

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


def test_no_window_holds_more_calls_than_its_limit() -> None:
    async def scenario() -> None:
        limited = make_limiter(Rate(5, 0.1))
        moments = sorted(await asyncio.gather(*(acquire_once(limited) for _ in range(18))))

        for first, last in zip(moments, moments[5:], strict=False):
            assert last - first >= 0.1 - 0.005
        assert moments[-1] - moments[0] >= 0.3 - 0.005

    run_scenario(scenario)


def test_calls_within_the_window_do_not_wait() -> None:
    async def scenario() -> None:
        limited = make_limiter(Rate(5, 900))
        await asyncio.gather(*(acquire_once(limited) for _ in range(5)))

        assert limited.window.total == 5

    run_scenario(scenario, deadline=0)  # no time to wait in


def test_an_acquisition_after_the_deadline_is_rejected_at_once() -> None:
    async def scenario() -> None:
        limited = make_limiter(Rate(1, 900))
        await acquire_once(limited)

        late = asyncio.create_task(acquire_once(limited))
        await asyncio.sleep(0)  # its only turn
        assert late.done()
        with pytest.raises(RateLimited) as refused:
            await late

        assert refused.value.source == "SOURCE"
        assert refused.value.retry_after == pytest.approx(895, abs=5)

    run_scenario(scenario)


def test_a_rejected_call_does_not_count() -> None:
    async def scenario() -> None:
        limited = make_limiter(Rate(2, 900))
        for _ in range(2):
            await acquire_once(limited)
        for _ in range(5):
            with pytest.raises(RateLimited):
                await acquire_once(limited)

        assert limited.window.total == 2

    run_scenario(scenario)


def test_concurrency_is_limited() -> None:
    async def scenario() -> None:
        narrow = make_limiter(concurrency=3)
        inside, most = 0, 0

        async def call() -> None:
            nonlocal inside, most
            async with narrow.acquire():
                inside += 1
                most = max(most, inside)
                for _ in range(5):
                    await asyncio.sleep(0)
                inside -= 1

        await asyncio.gather(*(call() for _ in range(20)))

        assert (inside, most) == (0, 3)

    run_scenario(scenario)


def test_a_cancelled_call_releases_its_slot() -> None:
    async def scenario() -> None:
        narrow = make_limiter(concurrency=1)
        entered = asyncio.Event()

        async def hold_slot() -> None:
            async with narrow.acquire():
                entered.set()
                await asyncio.Event().wait()

        staying = asyncio.create_task(hold_slot())
        await entered.wait()
        staying.cancel()

        assert await acquire_once(narrow)

    run_scenario(scenario)


def test_a_pause_applies_to_all_calls_of_the_credential() -> None:
    async def scenario() -> None:
        free = make_limiter()
        free.pause(77)

        for _ in range(3):
            with pytest.raises(RateLimited) as refused:
                await acquire_once(free)
            assert refused.value.retry_after == pytest.approx(70, abs=7)

    run_scenario(scenario)


def test_a_pause_that_ends_in_time_is_waited_for() -> None:
    async def scenario() -> None:
        free = make_limiter()
        ends = time.monotonic() + 0.05
        free.pause(0.05)

        assert await acquire_once(free) >= ends - 0.001

    run_scenario(scenario)


def test_a_shorter_pause_does_not_end_a_longer_one() -> None:
    free = make_limiter()
    free.pause(500)
    until = free.paused_until
    free.pause(1)

    assert free.paused_until == until


def test_pauses_without_a_duration_double_up_to_a_limit_and_reset() -> None:
    free = make_limiter()

    pauses = [free.pause(None) for _ in range(10)]

    assert pauses[:4] == [FIRST_PAUSE * 2**number for number in range(4)]
    assert pauses[-1] == MAX_PAUSE
    free.resume()
    assert free.pause(None) == FIRST_PAUSE


def test_the_budget_is_what_is_left_of_the_window() -> None:
    async def scenario() -> None:
        limited = make_limiter(Rate(10, 900))
        whole = limited.get_budget()
        for _ in range(3):
            await acquire_once(limited)
        left = limited.get_budget()

        assert whole is not None
        assert (whole.limit, whole.remaining, whole.resets_at) == (10, 10, None)
        assert left is not None
        assert (left.limit, left.remaining) == (10, 7)
        assert left.resets_at is not None
        assert 0 < (left.resets_at - datetime.now(UTC)).total_seconds() <= 900

    run_scenario(scenario)


def test_a_paused_credential_has_nothing_left() -> None:
    limited = make_limiter(Rate(10, 900))
    limited.pause(60)
    budget = limited.get_budget()

    assert budget is not None
    assert budget.remaining == 0
    assert budget.resets_at is not None


def test_without_a_limit_there_is_no_budget() -> None:
    assert make_limiter().get_budget() is None


@pytest.mark.parametrize(
    ("text", "rate"), [("", UNLIMITED), ("300/900", Rate(300, 900)), ("40/0.5", Rate(40, 0.5))]
)
def test_a_rate_is_read(text: str, rate: Rate) -> None:
    assert Rate.parse(text) == rate


@pytest.mark.parametrize(
    "text", ["0/1", "-1/1", "1/0", "1/-1", "1/inf", "1/nan", "x", "1/x", "1.5/1"]
)
def test_an_invalid_rate_is_rejected(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        Rate.parse(text)


def test_every_credential_has_its_own_limiter_and_their_number_is_bounded() -> None:
    gates = RateLimiters(capacity=10)
    own = gates.get("SOURCE", "me", Rate(1), 1)

    assert gates.get("SOURCE", "me", Rate(1), 1) is own
    assert gates.get("SOURCE", "you", Rate(1), 1) is not own
    assert gates.get("OTHER", "me", Rate(1), 1) is not own
    for number in range(100):
        gates.get("SOURCE", str(number), Rate(1), 1)
        assert gates.get("SOURCE", "me", Rate(1), 1) is own
    assert len(gates) == 10


def test_an_active_limiter_is_not_evicted() -> None:
    async def scenario() -> None:
        gates = RateLimiters(capacity=10)
        rate = Rate(1, 900)
        async with gates.get("SOURCE", "spent", rate, 4).acquire():
            pass
        gates.get("SOURCE", "paused", rate, 4).pause(900)
        inside = gates.get("SOURCE", "inside", Rate(None), 1)
        async with inside.acquire():
            for number in range(200):
                gates.get("SOURCE", f"invented-{number}", rate, 4)
            for name in ("spent", "paused"):
                with pytest.raises(RateLimited):
                    async with gates.get("SOURCE", name, rate, 4).acquire():
                        pass
            assert gates.get("SOURCE", "inside", Rate(None), 1) is inside
        assert len(gates) <= 13

    run_scenario(scenario)


def test_reading_a_budget_creates_no_limiter() -> None:
    async def scenario() -> None:
        gates = RateLimiters()
        budget = gates.peek("SOURCE", "invented", Rate(5, 900), 4).get_budget()
        assert budget is not None
        assert (budget.remaining, len(gates)) == (5, 0)

    run_scenario(scenario)
