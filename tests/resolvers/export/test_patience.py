"""Repetition of reads that nobody waits for."""

import time

import pytest

from providers.errors import Private, ProviderError, RateLimited, Unavailable
from providers.kit.request_context import RequestContext, get_current
from resolvers.export.patience import MAX_FAILURES, read_patiently
from tests.virtual_time import run_on_virtual_time

SECONDS = 10.0


class Reads:
    """Raises these errors in turn, and then returns `done`."""

    def __init__(self, *errors: ProviderError) -> None:
        self.errors = list(errors)
        self.remaining_seconds: list[float] = []

    async def read(self) -> str:
        self.remaining_seconds.append(round(get_current().get_remaining_seconds()))
        if self.errors:
            raise self.errors.pop(0)
        return "done"


def read(reads: Reads) -> tuple[str, float]:
    """Return what was read, and after how many seconds."""

    async def measure() -> tuple[str, float]:
        started_at = time.monotonic()
        found = await read_patiently(reads.read, RequestContext(0), SECONDS)
        return found, time.monotonic() - started_at

    return run_on_virtual_time(measure())


def test_a_rate_limit_is_waited_for_as_often_as_it_takes() -> None:
    reads = Reads(*[RateLimited("", retry_after=100)] * 20)

    found, seconds = read(reads)

    assert (found, round(seconds)) == ("done", 2_000)


def test_each_attempt_has_a_deadline_of_its_own() -> None:
    reads = Reads(*[RateLimited("", retry_after=100)] * 2)

    read(reads)

    assert reads.remaining_seconds == [10, 10, 10]


def test_a_failing_source_is_asked_again_after_growing_pauses() -> None:
    found, seconds = read(Reads(*[Unavailable("")] * (MAX_FAILURES - 1)))

    assert (found, round(seconds)) == ("done", 2 + 4 + 8 + 16)


def test_a_source_that_keeps_failing_is_given_up() -> None:
    with pytest.raises(Unavailable):
        read(Reads(*[Unavailable("")] * MAX_FAILURES))


def test_an_answer_that_cannot_change_is_not_asked_for_again() -> None:
    reads = Reads(Private(""))

    with pytest.raises(Private):
        read(reads)

    assert len(reads.remaining_seconds) == 1
