"""The rate limiter in the file: blocks of calls, their return, and processes that die."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from providers.errors import RateLimited
from providers.kit.rate_limiting.file_rate_limiter import MAX_VALIDITY_SECONDS, FileRateLimiter
from providers.kit.rate_limiting.rate_limiter import RateLimiter, RateLimiters
from providers.kit.shared.file.file_url import build_file_url
from providers.kit.shared.shared_store import SharedStore
from tests.providers.kit.rate_limiting.shared_limits import (
    CLOCK_TOLERANCE,
    DAY,
    acquire_once,
    approximately,
    count_in_busiest_window,
    get_limiter,
    run_with_limiters,
    wait_for_writes,
)
from tests.providers.kit.shared.file.shared_file import (
    NAME,
    finish_writes,
    get_file,
    give_disk_back,
    run_with_file,
    take_disk_away,
)
from tests.providers.kit.simulated_processes import wait_until

REPOSITORY = Path(__file__).parents[4]
# Acquires calls at a rate of 200 in 900 seconds, writes a dot for each, and ends when none is left.
PROCESS = """
import asyncio, os, sys, time
from providers.errors import RateLimited
from providers.kit.request_context import RequestContext, set_current
from providers.kit.rate_limiting.rate_limiter import Rate, RateLimiters
from providers.kit.shared.encryption import Cipher
from providers.kit.shared.shared_store import SharedStore

async def call_until_rejected(limiter):
    try:
        while True:
            async with limiter.acquire():
                os.write(1, b".")
                await asyncio.sleep(0)
    except RateLimited:
        pass

async def main():
    set_current(RequestContext(time.monotonic() + 60))
    async with SharedStore(sys.argv[1], Cipher(bytes(32))) as store:
        limiter = RateLimiters(shared_store=store).get("PSN", "a-scope", Rate(200, 900), 8)
        await asyncio.gather(*(call_until_rejected(limiter) for _ in range(8)))

asyncio.run(main())
"""


def start_process(path: Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-c", PROCESS, build_file_url(path)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, cwd=REPOSITORY)  # noqa: S603 - our own program


def read_dots(process: "subprocess.Popen[bytes]", at_least: int = 1_000_000) -> int:
    """Read the dots of a process until there are so many, or until it ends."""
    assert process.stdout is not None
    count = 0
    while count < at_least and (content := os.read(process.stdout.fileno(), 4096)):
        count += len(content)
    return count


def finish_process(process: "subprocess.Popen[bytes]") -> int:
    """Return the remaining dots of a process, and wait until it has ended."""
    count = read_dots(process)
    assert process.stdout is not None
    process.stdout.close()
    process.wait(30)
    return count


def get_shared(limiter: RateLimiter) -> FileRateLimiter:
    assert isinstance(limiter.shared_limiter, FileRateLimiter)
    return limiter.shared_limiter


async def acquire_at_once(limiter: RateLimiter, count: int) -> list[tuple[float, float]]:
    return await asyncio.gather(*(acquire_once(limiter) for _ in range(count)))


async def acquire_until_some_are_reserved(limiter: RateLimiter) -> int:
    """Acquire calls until the process has reserved more; return their number."""
    count = 0
    while not get_shared(limiter).reserved_count:
        await acquire_once(limiter)
        count += 1
    return count


async def wait_until_given_back(*limiters: RateLimiter) -> None:
    """Wait until no process has a reserved call any more."""
    await wait_until(lambda: not any(get_shared(each).reserved_count for each in limiters))


async def write_clock(store: SharedStore, seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the clock of all processes to so many seconds from now, once all writes are done."""
    await finish_writes(store)
    monkeypatch.undo()
    read_clock = time.time
    monkeypatch.setattr(time, "time", lambda: read_clock() + seconds)


@pytest.mark.slow
@pytest.mark.parametrize("kills", [0, 1, 2])
def test_processes_that_are_killed_spend_no_window_twice(tmp_path: Path, kills: int) -> None:
    """Holds that a process that dies with reserved calls only makes the others slower."""
    path, count = tmp_path / NAME, 0
    for _ in range(kills):
        process = start_process(path)
        count += read_dots(process, 50)
        process.kill()
        count += finish_process(process)
    others = [start_process(path) for _ in range(2)]
    count += sum(finish_process(process) for process in others)
    # A block has 12 calls at most, or 8 that are waited for.
    assert 200 - 12 * kills <= count <= 200


@pytest.mark.slow
def test_blocks_of_calls_obey_the_rate_over_all_processes(tmp_path: Path) -> None:
    async def scenario(*limiters: RateLimiters) -> None:
        each = [get_limiter(one, "200/0.5") for one in limiters]

        async def call(limiter: RateLimiter) -> list[tuple[float, float]]:
            return [await acquire_once(limiter) for _ in range(30)]

        found = await asyncio.gather(*(call(limiter) for limiter in each for _ in range(8)))
        acquired = sorted(calls for one in found for calls in one)
        assert len(acquired) == 720
        assert count_in_busiest_window(0.5 - CLOCK_TOLERANCE, acquired) <= 200
        assert acquired[-1][0] - acquired[0][0] < 10 * 0.5  # it is not much slower either

    run_with_limiters("file", tmp_path, scenario, processes=3)


def test_calls_in_a_row_need_few_transactions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario(store: SharedStore) -> None:
        limiter = get_limiter(RateLimiters(shared_store=store), "3000/900")
        execute, transactions = get_file(store).execute, 0

        async def execute_and_count(operation: Any) -> Any:
            nonlocal transactions
            transactions += 1
            return await execute(operation)

        monkeypatch.setattr(get_file(store), "execute", execute_and_count)
        for _call in range(400):
            await acquire_once(limiter)
        assert transactions <= 20
        budget = limiter.get_budget()
        assert budget is not None
        assert budget.remaining == 2600

    run_with_file(tmp_path / NAME, scenario, seconds=60)


@pytest.mark.slow
def test_what_is_not_used_of_a_block_is_given_back(tmp_path: Path) -> None:
    async def scenario(one: RateLimiters, two: RateLimiters) -> None:
        both = [get_limiter(limiters, "160/900") for limiters in (one, two)]
        count = await acquire_until_some_are_reserved(both[0])
        await wait_until_given_back(*both)
        await acquire_at_once(both[1], 160 - count)
        for limiter in both:
            with pytest.raises(RateLimited) as error:
                await acquire_once(limiter)
            assert error.value.retry_after == approximately(900)

    run_with_limiters("file", tmp_path, scenario, seconds=60)


@pytest.mark.slow
def test_a_process_waits_for_calls_that_another_may_give_back(tmp_path: Path) -> None:
    async def scenario(one: RateLimiters, two: RateLimiters) -> None:
        both = [get_limiter(limiters, "32/900") for limiters in (one, two)]
        count = await acquire_until_some_are_reserved(both[0])
        await acquire_at_once(both[1], 32 - count)
        with pytest.raises(RateLimited):
            await acquire_once(both[1])

    run_with_limiters("file", tmp_path, scenario)


@pytest.mark.slow
def test_a_pause_is_noticed_by_a_process_with_reserved_calls(tmp_path: Path) -> None:
    async def scenario(one: RateLimiters, two: RateLimiters) -> None:
        both = [get_limiter(limiters, "3000/900") for limiters in (one, two)]
        for limiter in both:
            await acquire_until_some_are_reserved(limiter)
        both[0].pause(77)
        assert get_shared(both[0]).reserved_count == 0
        await wait_for_writes(one)
        paused_at = time.monotonic()

        async def is_paused() -> bool:
            try:
                await acquire_once(both[1])
            except RateLimited:
                return True
            return False

        await wait_until(is_paused)
        assert time.monotonic() - paused_at < MAX_VALIDITY_SECONDS + 5

    run_with_limiters("file", tmp_path, scenario, seconds=60)


def test_a_pause_during_a_reservation_counts(tmp_path: Path) -> None:
    async def scenario(limiters: RateLimiters) -> None:
        limiter = get_limiter(limiters, "3000/900")
        running = asyncio.ensure_future(acquire_once(limiter))
        await asyncio.sleep(0)  # it reserves from here on
        get_shared(limiter).pause(77, None, 15, 900)
        with pytest.raises(RateLimited) as error:
            await running
        assert error.value.retry_after == approximately(77)

    run_with_limiters("file", tmp_path, scenario, processes=1)


def test_without_a_rate_pauses_count_and_calls_do_not(tmp_path: Path) -> None:
    async def scenario(one: RateLimiters, two: RateLimiters) -> None:
        for _call in range(100):
            await acquire_once(get_limiter(one))
        assert get_shared(get_limiter(one)).reserved_count == 0
        get_limiter(two).pause(77)
        await wait_for_writes(two)
        with pytest.raises(RateLimited):
            await acquire_once(get_limiter(two))

    run_with_limiters("file", tmp_path, scenario)


@pytest.mark.slow
def test_without_the_file_each_process_is_limited_to_its_share_until_it_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("providers.kit.shared.file.connection.RECOVERY_SECONDS", 0.3)
    folder = tmp_path / "state"

    async def scenario(*stores: SharedStore) -> None:
        limiters = [RateLimiters(shared_store=store) for store in stores]
        both = [get_limiter(each, "10/900") for each in limiters]
        for limiter in both * 2:
            await acquire_once(limiter)
        hidden = take_disk_away(folder)
        for _call in range(3):
            await acquire_once(both[0])  # its share is five
        with pytest.raises(RateLimited):
            await acquire_once(both[0])
        give_disk_back(folder, hidden)
        await wait_until(lambda: not stores[0].is_degraded)
        await finish_writes(stores[0])
        await both[1].refresh()
        budget = both[1].get_budget()
        assert budget is not None
        assert budget.remaining == 3

    run_with_file(folder / NAME, scenario, processes=2, seconds=30)


def test_calls_of_a_clock_that_was_set_back_count_for_one_window(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario(store: SharedStore) -> None:
        limiter = get_limiter(RateLimiters(shared_store=store), "2/900")
        await write_clock(store, DAY, monkeypatch)
        for _call in range(2):
            await acquire_once(limiter)
        await write_clock(store, 0, monkeypatch)
        fresh = get_limiter(RateLimiters(shared_store=store), "2/900")
        with pytest.raises(RateLimited) as error:
            await acquire_once(fresh)
        assert error.value.retry_after == approximately(900)
        await write_clock(store, 900, monkeypatch)
        await acquire_once(fresh)

    run_with_file(tmp_path / NAME, scenario)


@pytest.mark.parametrize("seconds", [-3600, 2 * DAY])
def test_a_pause_of_the_future_or_of_a_day_ago_stops_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    async def scenario(store: SharedStore) -> None:
        limiters = RateLimiters(shared_store=store)
        get_limiter(limiters, "10/900").pause(30 * DAY)
        await write_clock(store, seconds, monkeypatch)
        await acquire_once(get_limiter(RateLimiters(shared_store=store), "10/900"))

    run_with_file(tmp_path / NAME, scenario)


@pytest.mark.slow
def test_a_probe_whose_process_dies_is_followed_by_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario(one: SharedStore, two: SharedStore) -> None:
        limiters = [RateLimiters(shared_store=store) for store in (one, two)]
        both: Sequence[RateLimiter] = [get_limiter(each, "10/900") for each in limiters]
        both[0].pause(77)
        await write_clock(one, 78, monkeypatch)
        probe = get_shared(both[1])
        assert (await probe.acquire(10, 900, 0)) is not None
        second = await probe.acquire(10, 900, 0)
        assert second is not None
        assert second.wait > 0
        await write_clock(two, 78 + 11, monkeypatch)
        third = await probe.acquire(10, 900, 0)
        assert third is not None
        assert third.wait == 0

    run_with_file(tmp_path / NAME, scenario, processes=2)


def test_reserved_calls_end_while_the_machine_sleeps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Holds although `time.monotonic` stands still meanwhile: others may have made these calls."""

    async def scenario(one: SharedStore, two: SharedStore) -> None:
        both = [get_limiter(RateLimiters(shared_store=store), "160/900") for store in (one, two)]
        await acquire_until_some_are_reserved(both[0])
        await write_clock(one, 3600, monkeypatch)
        await acquire_at_once(both[1], 160)
        with pytest.raises(RateLimited):
            await acquire_once(both[0])

    run_with_file(tmp_path / NAME, scenario, processes=2)
