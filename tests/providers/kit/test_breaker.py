"""A failing host is left alone, and asked again by one at a time."""

import pytest

from providers.errors import Unavailable
from providers.kit.upstream.circuit_breaker import FIRST_REST, LONGEST_REST, THRESHOLD, Breaker


def failing(times: int = THRESHOLD) -> Breaker:
    breaker = Breaker()
    for _ in range(times):
        breaker.check("SOURCE")
        breaker.failed()
    return breaker


def refused(breaker: Breaker) -> Unavailable:
    with pytest.raises(Unavailable) as error:
        breaker.check("SOURCE")
    return error.value


def rested(breaker: Breaker) -> Breaker:
    """As if the rest were over."""
    breaker.open_until = 0
    return breaker


def test_fewer_failures_than_five_change_nothing() -> None:
    failing(THRESHOLD - 1).check("SOURCE")


def test_five_failures_in_a_row_refuse_at_once_and_say_for_how_long() -> None:
    error = refused(failing())

    assert error.source == "SOURCE"
    assert error.retry_after is not None
    assert 1 <= error.retry_after <= FIRST_REST


def test_what_fails_while_the_host_rests_already_makes_the_rest_no_longer() -> None:
    breaker = failing()
    for _ in range(20):
        breaker.failed()

    assert refused(breaker).retry_after == FIRST_REST


def test_a_success_in_between_starts_the_count_anew() -> None:
    breaker = failing(THRESHOLD - 1)
    breaker.succeeded()
    for _ in range(THRESHOLD - 1):
        breaker.failed()

    breaker.check("SOURCE")


def test_after_the_rest_one_probe_goes_ahead_and_the_others_wait() -> None:
    breaker = rested(failing())
    breaker.check("SOURCE")

    for _ in range(5):
        assert refused(breaker).retry_after == 1


def test_a_probe_that_succeeds_lets_everybody_in() -> None:
    breaker = rested(failing())
    breaker.check("SOURCE")
    breaker.succeeded()

    for _ in range(5):
        breaker.check("SOURCE")


def test_a_probe_that_fails_makes_the_rest_longer_up_to_a_bound() -> None:
    breaker = failing()
    rests: list[int | None] = []
    for _ in range(6):
        rests.append(refused(breaker).retry_after)
        rested(breaker).check("SOURCE")
        breaker.failed()

    assert rests == [5, 10, 20, 40, LONGEST_REST, LONGEST_REST]


def test_a_probe_that_is_withdrawn_lets_another_one_go() -> None:
    breaker = rested(failing())
    breaker.check("SOURCE")
    breaker.abandoned()

    breaker.check("SOURCE")


def test_questions_that_are_withdrawn_are_no_failures() -> None:
    breaker = failing(THRESHOLD - 1)
    for _ in range(50):
        breaker.check("SOURCE")
        breaker.abandoned()

    breaker.check("SOURCE")
