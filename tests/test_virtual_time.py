"""Virtual time passes only while every task waits."""

import asyncio
import threading
import time
from collections.abc import Coroutine
from typing import Any, TypeVar

import pytest

from tests.virtual_time import VirtualTimeLoop, use_virtual_time

T = TypeVar("T")


def run_virtually(coroutine: Coroutine[Any, Any, T]) -> tuple[T, float]:
    """Run on virtual time; return the result and the virtual seconds that passed."""
    with use_virtual_time() as clock:
        started_at = clock.now
        with asyncio.Runner(loop_factory=lambda: VirtualTimeLoop(clock)) as runner:
            return runner.run(coroutine), round(clock.now - started_at, 6)


def test_a_wait_advances_the_monotonic_clock_by_its_seconds() -> None:
    async def wait() -> float:
        started_at = time.monotonic()
        await asyncio.sleep(1000)
        return round(time.monotonic() - started_at, 6)

    assert run_virtually(wait()) == (1000, 1000)


def test_concurrent_waits_end_in_their_order() -> None:
    ended: list[int] = []

    async def wait(seconds: int) -> None:
        await asyncio.sleep(seconds)
        ended.append(seconds)

    async def wait_for_all() -> None:
        await asyncio.gather(*(wait(seconds) for seconds in (300, 100, 200)))

    assert run_virtually(wait_for_all()) == (None, 300)
    assert ended == [100, 200, 300]


def test_work_takes_no_time() -> None:
    async def work() -> None:
        for _ in range(1000):
            await asyncio.sleep(0)

    assert run_virtually(work()) == (None, 0)


def test_a_thread_is_waited_for_before_any_timer() -> None:
    async def run_thread() -> bool:
        release = threading.Event()
        threading.Timer(0.01, release.set).start()
        async with asyncio.timeout(1):
            return await asyncio.to_thread(release.wait)

    assert run_virtually(run_thread()) == (True, 0)


def test_nested_blocks_share_one_clock_and_restore_the_real_one() -> None:
    before = time.monotonic()
    with use_virtual_time() as outer:
        outer.now += 500
        with use_virtual_time() as inner:
            assert inner is outer
            assert time.monotonic() == outer.now
        assert time.monotonic() == outer.now
    assert before <= time.monotonic() < before + 500
    assert time.monotonic() > before


def test_the_real_clock_returns_after_a_test_that_replaced_the_virtual_one() -> None:
    replacing = pytest.MonkeyPatch()
    with use_virtual_time():
        replacing.setattr("time.monotonic", lambda: 0.0)
    replacing.undo()

    assert time.monotonic() != time.monotonic()
