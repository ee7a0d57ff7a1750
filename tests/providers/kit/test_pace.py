"""How fast one credential calls: exactly so often, so many at once, and not while told to wait."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from providers.errors import RateLimited
from providers.kit.rate_limiting.rate_limiter import FIRST_PAUSE, LONGEST_PAUSE, Gate, Gates, Rate
from providers.kit.request_context import Operation, begin

FREE = Rate(None)


def gate(rate: Rate = FREE, concurrency: int = 1000) -> Gate:
    return Gate("SOURCE", rate, asyncio.Semaphore(concurrency))


def run(story: Callable[[], Awaitable[None]], deadline: float = 30) -> None:
    async def told() -> None:
        begin(Operation(deadline=time.monotonic() + deadline))
        await story()

    asyncio.run(told())


async def passed(through: Gate) -> float:
    async with through.passing():
        return time.monotonic()


def test_no_window_ever_holds_more_than_its_calls() -> None:
    async def story() -> None:
        limited = gate(Rate(5, 0.1))
        moments = sorted(await asyncio.gather(*(passed(limited) for _ in range(18))))

        for first, last in zip(moments, moments[5:], strict=False):
            assert last - first >= 0.1 - 0.005
        assert moments[-1] - moments[0] >= 0.3 - 0.005

    run(story)


def test_calls_within_the_window_do_not_wait() -> None:
    async def story() -> None:
        limited = gate(Rate(5, 900))
        await asyncio.gather(*(passed(limited) for _ in range(5)))

        assert len(limited.taken) == 5

    run(story, deadline=0)  # no time to wait in


def test_a_turn_after_the_deadline_is_refused_at_once() -> None:
    async def story() -> None:
        limited = gate(Rate(1, 900))
        await passed(limited)

        late = asyncio.create_task(passed(limited))
        await asyncio.sleep(0)  # its only turn
        assert late.done()
        with pytest.raises(RateLimited) as refused:
            await late

        assert refused.value.source == "SOURCE"
        assert refused.value.retry_after == pytest.approx(895, abs=5)

    run(story)


def test_a_refused_call_costs_nothing_of_the_budget() -> None:
    async def story() -> None:
        limited = gate(Rate(2, 900))
        for _ in range(2):
            await passed(limited)
        for _ in range(5):
            with pytest.raises(RateLimited):
                await passed(limited)

        assert len(limited.taken) == 2

    run(story)


def test_no_more_are_in_flight_than_allowed() -> None:
    async def story() -> None:
        narrow = gate(concurrency=3)
        inside, most = 0, 0

        async def call() -> None:
            nonlocal inside, most
            async with narrow.passing():
                inside += 1
                most = max(most, inside)
                for _ in range(5):
                    await asyncio.sleep(0)
                inside -= 1

        await asyncio.gather(*(call() for _ in range(20)))

        assert (inside, most) == (0, 3)

    run(story)


def test_a_caller_who_goes_away_gives_his_place_free() -> None:
    async def story() -> None:
        narrow = gate(concurrency=1)
        entered = asyncio.Event()

        async def stay() -> None:
            async with narrow.passing():
                entered.set()
                await asyncio.Event().wait()

        staying = asyncio.create_task(stay())
        await entered.wait()
        staying.cancel()

        assert await passed(narrow)

    run(story)


def test_a_pause_holds_for_everybody_who_uses_the_credential() -> None:
    async def story() -> None:
        free = gate()
        free.punish(77)

        for _ in range(3):
            with pytest.raises(RateLimited) as refused:
                await passed(free)
            assert refused.value.retry_after == pytest.approx(70, abs=7)

    run(story)


def test_a_pause_that_ends_in_time_is_waited_for() -> None:
    async def story() -> None:
        free = gate()
        ends = time.monotonic() + 0.05
        free.punish(0.05)

        assert await passed(free) >= ends - 0.001

    run(story)


def test_a_shorter_pause_does_not_end_a_longer_one() -> None:
    free = gate()
    free.punish(500)
    until = free.paused_until
    free.punish(1)

    assert free.paused_until == until


def test_pauses_without_a_time_double_up_to_a_bound_and_start_small_again() -> None:
    free = gate()

    pauses = [free.punish(None) for _ in range(10)]

    assert pauses[:4] == [FIRST_PAUSE * 2**number for number in range(4)]
    assert pauses[-1] == LONGEST_PAUSE
    free.forgive()
    assert free.punish(None) == FIRST_PAUSE


def test_the_budget_is_what_is_left_of_the_window() -> None:
    async def story() -> None:
        limited = gate(Rate(10, 900))
        whole = limited.budget()
        for _ in range(3):
            await passed(limited)
        left = limited.budget()

        assert whole is not None
        assert (whole.limit, whole.remaining, whole.resets_at) == (10, 10, None)
        assert left is not None
        assert (left.limit, left.remaining) == (10, 7)
        assert left.resets_at is not None
        assert 0 < (left.resets_at - datetime.now(UTC)).total_seconds() <= 900

    run(story)


def test_a_paused_credential_has_nothing_left() -> None:
    limited = gate(Rate(10, 900))
    limited.punish(60)
    budget = limited.budget()

    assert budget is not None
    assert budget.remaining == 0
    assert budget.resets_at is not None


def test_without_a_limit_there_is_no_budget() -> None:
    assert gate().budget() is None


@pytest.mark.parametrize(
    ("text", "rate"), [("", FREE), ("300/900", Rate(300, 900)), ("40/0.5", Rate(40, 0.5))]
)
def test_a_rate_is_read(text: str, rate: Rate) -> None:
    assert Rate.parse(text) == rate


@pytest.mark.parametrize(
    "text", ["0/1", "-1/1", "1/0", "1/-1", "1/inf", "1/nan", "x", "1/x", "1.5/1"]
)
def test_a_rate_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        Rate.parse(text)


def test_every_credential_has_a_gate_of_its_own_and_not_too_many_are_kept() -> None:
    gates = Gates(capacity=10)
    mine = gates.gate("SOURCE", "me", Rate(1), 1)

    assert gates.gate("SOURCE", "me", Rate(1), 1) is mine
    assert gates.gate("SOURCE", "you", Rate(1), 1) is not mine
    assert gates.gate("OTHER", "me", Rate(1), 1) is not mine
    for number in range(100):
        gates.gate("SOURCE", str(number), Rate(1), 1)
        assert gates.gate("SOURCE", "me", Rate(1), 1) is mine
    assert (
        gates.gate("SOURCE", "0", Rate(1), 1).taken == gates.gate("SOURCE", "99", Rate(1), 1).taken
    )
    assert math.isfinite(mine.rate.seconds)


def test_a_gate_that_holds_back_is_not_forgotten_for_many_that_do_not() -> None:
    async def story() -> None:
        gates = Gates(capacity=10)
        rate = Rate(1, 900)
        async with gates.gate("SOURCE", "spent", rate, 4).passing():
            pass
        gates.gate("SOURCE", "paused", rate, 4).punish(900)
        inside = gates.gate("SOURCE", "inside", Rate(None), 1)
        async with inside.passing():
            for number in range(200):
                gates.gate("SOURCE", f"invented-{number}", rate, 4)
            for name in ("spent", "paused"):
                with pytest.raises(RateLimited):
                    async with gates.gate("SOURCE", name, rate, 4).passing():
                        pass
            assert gates.gate("SOURCE", "inside", Rate(None), 1) is inside
        assert len(gates) <= 13

    run(story)


def test_a_gate_is_looked_at_without_making_one() -> None:
    async def story() -> None:
        gates = Gates()
        budget = gates.look("SOURCE", "invented", Rate(5, 900), 4).budget()
        assert budget is not None
        assert (budget.remaining, len(gates)) == (5, 0)

    run(story)
