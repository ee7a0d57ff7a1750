"""Offsets of the next page."""

import pytest

from providers.kit.paging.offsets import compute_next_offset


@pytest.mark.parametrize(
    ("offset", "row_count", "total", "next_offset", "expected"),
    [
        (0, 800, 900, 800, 800),
        (0, 800, None, 800, 800),
        (800, 100, 900, None, None),
        (0, 50, 120, None, 50),
        (0, 0, 120, None, None),
        (0, 50, None, None, None),
        (800, 0, 800, 0, None),
        (800, 10, None, 800, None),
        (0, 50, 120, 0, 50),
    ],
)
def test_a_list_goes_on_while_an_offset_or_its_total_says_so(
    offset: int, row_count: int, total: int | None, next_offset: int | None, expected: int | None
) -> None:
    assert compute_next_offset(offset, row_count, total, next_offset) == expected
