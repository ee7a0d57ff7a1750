"""The window of a limiter in the file: blocks of calls, pauses and probes."""

import time
from collections.abc import Iterator
from itertools import count
from typing import Any

import apsw
import pytest

from providers.kit.rate_limiting.file_window import (
    BlockRequest,
    FileWindow,
    Reservation,
    SettledBlock,
)
from providers.kit.shared.file.schema import prepare_schema

CALLS, SECONDS, VALIDITY = 160, 60.0, 1.0
LIMITER = 1
ids = count(1)


@pytest.fixture
def cursor() -> Iterator[Any]:
    """Return a cursor of a database with the tables."""
    connection: Any = apsw.Connection(":memory:")
    prepare_schema(connection)
    yield connection.cursor()
    connection.close()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the time, which passes only when a test changes it."""
    now = [1_700_000_000.0]
    monkeypatch.setattr(time, "time", lambda: now[0])
    return now


def reserve(cursor: Any, process: str, needed: int, useful: int, calls: int = CALLS) -> Reservation:
    """Reserve a block for a process."""
    request = BlockRequest(next(ids), calls, SECONDS, needed, useful, VALIDITY)
    return FileWindow(LIMITER, process).reserve(cursor, request, None)


@pytest.mark.usefixtures("clock")
def test_all_processes_together_get_no_more_than_the_rate(cursor: Any) -> None:
    granted = [reserve(cursor, "abcdefgh"[turn % 8], 1, 8).granted for turn in range(CALLS + 8)]

    assert sum(granted) == CALLS
    assert max(granted) == 8
    assert granted[-1] == 0


def test_calls_are_free_again_after_the_window(cursor: Any, clock: list[float]) -> None:
    reserve(cursor, "a", CALLS, CALLS)

    refused = reserve(cursor, "b", 1, 1)
    clock[0] += refused.state.wait - 0.01
    early = reserve(cursor, "b", 1, 1)
    clock[0] += 0.02
    late = reserve(cursor, "b", 1, 1)

    assert [each.granted for each in (refused, early, late)] == [0, 0, 1]
    assert refused.state.wait == pytest.approx(SECONDS, abs=0.1)


@pytest.mark.usefixtures("clock")
def test_what_is_not_used_of_a_block_is_given_back(cursor: Any) -> None:
    window = FileWindow(LIMITER, "a")
    request = BlockRequest(next(ids), CALLS, SECONDS, 1, CALLS, VALIDITY)
    block = window.reserve(cursor, request, None)
    assert block.granted > 1

    window.settle(cursor, SettledBlock(request.block_id, 1, time.time()), SECONDS)

    assert window.peek(cursor, SECONDS).used == 1


@pytest.mark.usefixtures("clock")
def test_without_a_limit_nothing_is_counted(cursor: Any) -> None:
    reserve(cursor, "a", 1, 50, calls=0)

    assert FileWindow(LIMITER, "a").peek(cursor, SECONDS).used == 0


def test_after_a_pause_one_process_probes(cursor: Any, clock: list[float]) -> None:
    window = FileWindow(LIMITER, "a")
    window.pause(cursor, clock[0], 30.0, None, (15.0, 900.0))
    during = reserve(cursor, "b", 1, 5)
    clock[0] += 30.0

    probe, other = reserve(cursor, "a", 1, 5), reserve(cursor, "b", 1, 5)
    window.resume(cursor, clock[0], clock[0])
    after = reserve(cursor, "b", 1, 5)

    assert (during.granted, during.state.wait) == (0, pytest.approx(30.0))
    assert (probe.granted, other.granted) == (1, 0)
    assert after.granted >= 1


def test_pauses_without_a_time_double(cursor: Any, clock: list[float]) -> None:
    window, waits = FileWindow(LIMITER, "a"), list[float]()

    for _ in range(3):
        window.pause(cursor, clock[0], None, clock[0], (15.0, 900.0))
        waits.append(reserve(cursor, "a", 1, 1).state.wait)
        clock[0] += waits[-1]

    assert waits == pytest.approx([15.0, 30.0, 60.0])


def test_a_pause_of_the_future_does_not_count(cursor: Any, clock: list[float]) -> None:
    FileWindow(LIMITER, "a").pause(cursor, clock[0] + 3600, 30.0, None, (15.0, 900.0))

    assert reserve(cursor, "a", 1, 1).granted == 1
