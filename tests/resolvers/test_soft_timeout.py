"""One silent source leaves time for the others, and its late result is not lost."""

import asyncio
import time
from collections.abc import Coroutine
from typing import Any, TypeVar

import pytest

from providers.errors import Private, TimedOut
from providers.kit.request_context import RequestContext, set_current
from providers.registry import Source
from resolvers.soft_timeout import SOFT_TIMEOUT_SHARE, wait_for_source
from tests.virtual_time import VirtualTimeLoop, use_virtual_time

T = TypeVar("T")


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    with (
        use_virtual_time() as clock,
        asyncio.Runner(loop_factory=lambda: VirtualTimeLoop(clock)) as runner,
    ):
        return runner.run(coroutine)


async def measure_seconds(seconds: float, *, is_only_source: bool) -> tuple[float, bool]:
    """Return after how many seconds the wait has ended, and whether there was a result."""
    started = time.monotonic()
    set_current(RequestContext(started + 10))
    pending = asyncio.sleep(seconds, "done")
    try:
        found = await wait_for_source(Source.PSN, pending, is_only_source=is_only_source)
    except TimedOut:
        return time.monotonic() - started, False
    return time.monotonic() - started, found == "done"


@pytest.mark.parametrize(
    ("seconds", "is_only_source", "waited", "has_result"),
    [
        (1, False, 1, True),
        (9, False, 10 * SOFT_TIMEOUT_SHARE, False),
        (9, True, 9, True),
    ],
)
def test_only_one_of_several_sources_times_out_early(
    seconds: float, is_only_source: bool, waited: float, has_result: bool
) -> None:
    measured, found = run(measure_seconds(seconds, is_only_source=is_only_source))

    assert measured == pytest.approx(waited, abs=0.1)
    assert found is has_result


def test_an_error_of_the_source_is_raised() -> None:
    async def fail() -> None:
        raise Private("hidden", source="PSN")

    with pytest.raises(Private):
        run(wait_for_source(Source.PSN, fail(), is_only_source=False))


def test_the_result_after_a_timeout_is_still_completed() -> None:
    completed: list[str] = []

    async def complete_late() -> None:
        await asyncio.sleep(9)
        completed.append("late")

    async def wait_and_go_on() -> None:
        set_current(RequestContext(time.monotonic() + 10))
        with pytest.raises(TimedOut) as raised:
            await wait_for_source(Source.PSN, complete_late(), is_only_source=False)
        assert raised.value.source == "PSN"
        assert completed == []
        await asyncio.sleep(2)

    run(wait_and_go_on())

    assert completed == ["late"]


def test_a_cancelled_wait_cancels_the_source() -> None:
    cancelled: list[str] = []

    async def hang() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append("source")
            raise

    async def cancel_soon() -> None:
        set_current(RequestContext(time.monotonic() + 10))
        waiting = asyncio.create_task(wait_for_source(Source.PSN, hang(), is_only_source=False))
        await asyncio.sleep(1)
        waiting.cancel()
        await asyncio.wait({waiting})
        await asyncio.sleep(0)

    run(cancel_soon())

    assert cancelled == ["source"]
