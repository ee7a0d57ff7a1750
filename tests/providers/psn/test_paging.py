"""Offsets of PSN's lists."""

import pytest

from providers.psn.paging import get_following_offset


@pytest.mark.parametrize(
    ("next_offset", "offset", "expected"),
    [(800, 0, 800), (None, 0, None), (0, 0, None), (800, 800, None), (400, 800, None)],
)
def test_an_offset_that_does_not_advance_ends_the_list(
    next_offset: int | None, offset: int, expected: int | None
) -> None:
    assert get_following_offset(next_offset, offset) == expected
