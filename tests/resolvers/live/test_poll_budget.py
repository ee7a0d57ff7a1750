"""The part of a rate that polling may use."""

import asyncio

import pytest

from providers.kit.rate_limiting.rate_limiter import Rate
from resolvers.live.poll_budget import PollBudget, PollShareUsed
from tests.virtual_time import run_on_virtual_time


@pytest.mark.parametrize(("calls", "share", "allowed"), [(300, 50, 150), (60, 10, 6), (1, 50, 1)])
def test_a_share_of_the_rate_is_allowed(calls: int, share: int, allowed: int) -> None:
    assert PollBudget(Rate(calls, 60), share).allowed == allowed


def test_no_window_has_more_calls_than_the_share() -> None:
    async def spend() -> list[float]:
        loop, budget = asyncio.get_running_loop(), PollBudget(Rate(100, 60), 50)
        times: list[float] = []
        while len(times) < 400:
            await asyncio.sleep(budget.get_wait())
            try:
                await budget.charge("PSN")
            except PollShareUsed as error:
                await asyncio.sleep(error.retry_after or 0)
            else:
                times.append(loop.time())
        return times

    times = run_on_virtual_time(spend())

    assert all(later - earlier >= 59.9 for earlier, later in zip(times, times[50:], strict=False))
    # And the share is used: 50 calls in a minute.
    assert times[-1] - times[0] < 400 / 50 * 60 + 1


def test_a_window_that_is_used_up_is_an_error() -> None:
    async def spend() -> None:
        budget = PollBudget(Rate(20, 60), 50)
        for _ in range(11):
            await budget.charge("PSN")

    with pytest.raises(PollShareUsed) as caught:
        run_on_virtual_time(spend())
    assert caught.value.retry_after == 60


def test_without_a_rate_there_is_no_limit() -> None:
    async def spend() -> float:
        budget = PollBudget(Rate(None), 50)
        for _ in range(1000):
            await budget.charge("PSN")
        return budget.get_wait(100)

    assert run_on_virtual_time(spend()) == 0


def test_a_small_share_is_enough_for_one_poll_at_a_time() -> None:
    async def spend() -> float:
        budget = PollBudget(Rate(1, 60), 50)
        for _ in range(4):
            await budget.charge("PSN")
        return budget.get_wait()

    assert run_on_virtual_time(spend()) >= 180
