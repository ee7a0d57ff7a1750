"""Sliding window: what counts, for how long, and when there is room again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.kit.rate_limiting.sliding_window import SlidingWindow


def make_window(*entries: tuple[float, int]) -> SlidingWindow:
    window = SlidingWindow(seconds=10)
    for spent_at, amount in entries:
        window.add(spent_at, amount)
    return window


def test_an_entry_counts_for_the_length_of_the_window() -> None:
    window = make_window((0, 2), (5, 3))

    window.drop_expired(9.9)
    assert window.total == 5
    window.drop_expired(10)
    assert (window.total, list(window.times)) == (3, [5])
    window.drop_expired(15)
    assert (window.total, list(window.times)) == (0, [])


def test_a_removed_entry_does_not_count() -> None:
    window = make_window((0, 1), (1, 1), (2, 1))

    window.remove(1)

    assert (window.total, list(window.times)) == (2, [0, 2])


def test_there_is_room_when_enough_of_the_oldest_entries_expire() -> None:
    window = make_window((0, 1), (1, 1), (2, 1))

    assert [window.get_next_free(limit) for limit in (4, 3, 2, 1)] == [None, 10, 11, 12]


def test_amounts_are_freed_as_a_whole() -> None:
    window = make_window((0, 5), (1, 5))

    assert [window.get_next_free(limit) for limit in (11, 10, 6, 5, 1)] == [None, 10, 10, 11, 11]


@pytest.mark.slow
@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(1, 5)), max_size=20),
    st.integers(1, 60),
)
def test_less_than_the_limit_is_spent_from_the_next_free_time_on(
    entries: list[tuple[int, int]], limit: int
) -> None:
    window = make_window(*sorted(entries))
    free_at = window.get_next_free(limit)
    if free_at is None:
        assert window.total < limit
    else:
        window.drop_expired(free_at - 0.5)
        assert window.total >= limit
        window.drop_expired(free_at)
        assert window.total < limit
