"""Where a page of a list ends."""

import pytest

from providers.retroachievements.models import CountedList
from providers.retroachievements.pages import PageEnd, find_page_end


@pytest.mark.parametrize(
    ("offset", "rows", "count", "total", "end"),
    [
        (0, 3, 3, 3, PageEnd(None, 0)),
        (0, 3, 3, 7, PageEnd(3, 0)),
        (3, 4, 4, 7, PageEnd(None, 0)),
        # Rows that cannot be read are skipped by the next page.
        (0, 1, 3, 7, PageEnd(3, 2)),
        # A list without a total ends with an empty page.
        (0, 3, None, None, PageEnd(3, 0)),
        (3, 0, 0, None, PageEnd(None, 0)),
        (0, 0, 0, 7, PageEnd(None, 0)),
        # No page has more rows than were requested, whatever it says.
        (0, 1, 10**9, 7, PageEnd(5, 4)),
    ],
)
def test_the_next_page_begins_after_all_rows_of_this_one(
    offset: int, rows: int, count: int | None, total: int | None, end: PageEnd
) -> None:
    page = CountedList(count=count, total=total)
    assert find_page_end(page, offset, rows, 5) == end
