"""Pages of the upstream's lists with `Count` and `Total`."""

from dataclasses import dataclass

from providers.kit.paging.offsets import compute_next_offset
from providers.retroachievements.models import CountedList


@dataclass(frozen=True)
class PageEnd:
    """Where the next page begins, None at the end, and how many rows cannot be read."""

    next_offset: int | None
    unread_count: int


def find_page_end(page: CountedList, offset: int, row_count: int, page_size: int) -> PageEnd:
    """Compute the end of a page from the rows that could be read and the upstream's own counts.

    Only an empty page is the last one of an uncounted list: the upstream may send fewer rows than
    were requested.
    """
    # The upstream's count includes rows that could not be decoded.
    step = max(row_count, min(page.count or 0, page_size))
    following = offset + step if step and page.total is None else None
    return PageEnd(compute_next_offset(offset, step, page.total, following), step - row_count)
