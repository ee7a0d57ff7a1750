"""The circuit breaker: when it opens, for how long, and how a probe closes it."""

import pytest

from providers.errors import Unavailable
from providers.kit.upstream.circuit_breaker import (
    FAILURE_THRESHOLD,
    FIRST_OPEN_SECONDS,
    MAX_OPEN_SECONDS,
    CircuitBreaker,
)


def make_failing_breaker(times: int = FAILURE_THRESHOLD) -> CircuitBreaker:
    breaker = CircuitBreaker()
    for _ in range(times):
        breaker.admit("SOURCE")
        breaker.record_failure()
    return breaker


def get_rejection(breaker: CircuitBreaker) -> Unavailable:
    with pytest.raises(Unavailable) as error:
        breaker.admit("SOURCE")
    return error.value


def end_pause(breaker: CircuitBreaker) -> CircuitBreaker:
    """End the pause of an open breaker."""
    breaker.open_until = 0
    return breaker


def test_fewer_than_five_failures_do_not_open_the_breaker() -> None:
    make_failing_breaker(FAILURE_THRESHOLD - 1).admit("SOURCE")


def test_five_consecutive_failures_open_the_breaker_with_a_retry_after() -> None:
    error = get_rejection(make_failing_breaker())

    assert error.source == "SOURCE"
    assert error.retry_after is not None
    assert 1 <= error.retry_after <= FIRST_OPEN_SECONDS


def test_failures_while_open_do_not_extend_the_pause() -> None:
    breaker = make_failing_breaker()
    for _ in range(20):
        breaker.record_failure()

    assert get_rejection(breaker).retry_after == FIRST_OPEN_SECONDS


def test_a_success_resets_the_failure_count() -> None:
    breaker = make_failing_breaker(FAILURE_THRESHOLD - 1)
    breaker.record_success()
    for _ in range(FAILURE_THRESHOLD - 1):
        breaker.record_failure()

    breaker.admit("SOURCE")


def test_after_the_pause_one_probe_is_admitted_and_others_are_rejected() -> None:
    breaker = end_pause(make_failing_breaker())
    breaker.admit("SOURCE")

    for _ in range(5):
        assert get_rejection(breaker).retry_after == 1


def test_a_successful_probe_closes_the_breaker() -> None:
    breaker = end_pause(make_failing_breaker())
    breaker.admit("SOURCE")
    breaker.record_success()

    for _ in range(5):
        breaker.admit("SOURCE")


def test_a_failed_probe_doubles_the_pause_up_to_a_limit() -> None:
    breaker = make_failing_breaker()
    pauses: list[int | None] = []
    for _ in range(6):
        pauses.append(get_rejection(breaker).retry_after)
        end_pause(breaker).admit("SOURCE")
        breaker.record_failure()

    assert pauses == [5, 10, 20, 40, MAX_OPEN_SECONDS, MAX_OPEN_SECONDS]


def test_a_cancelled_probe_admits_another() -> None:
    breaker = end_pause(make_failing_breaker())
    breaker.admit("SOURCE")
    breaker.cancel_probe()

    breaker.admit("SOURCE")


def test_cancelled_calls_are_not_failures() -> None:
    breaker = make_failing_breaker(FAILURE_THRESHOLD - 1)
    for _ in range(50):
        breaker.admit("SOURCE")
        breaker.cancel_probe()

    breaker.admit("SOURCE")
