"""A list is read page by page to where a cursor leads, and no further than a list is read."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from providers.kit.caching.cached import Cached
from resolvers.pagination import (
    MAX_PAGES,
    MAX_ROWS,
    CursorTooDeep,
    PageSlice,
    Paginator,
    RowPosition,
)

ROWS = [f"row {number}" for number in range(25)]


@dataclass(frozen=True)
class FakePage:
    rows: list[str]
    next_offset: int | None
    total: int | None = None


@dataclass
class FakeList:
    """A list in pages of so many rows; `turn` is the offset from which it leads back."""

    rows: list[str]
    size: int = 10
    loop_offset: int | None = None
    endless: bool = False
    offsets: list[int] = field(default_factory=list[int])

    async def load_page(self, offset: int) -> Cached[FakePage]:
        self.offsets.append(offset)
        next_offset = offset + self.size
        last = not self.endless and next_offset >= len(self.rows)
        on = None if last else next_offset
        rows = self.rows[offset : offset + self.size]
        page = FakePage(rows, 0 if offset == self.loop_offset else on, len(self.rows))
        return Cached(page, datetime.now(UTC))

    def paginate(self, first: int, after: RowPosition | None = None) -> PageSlice[str]:
        pages = Paginator(
            self.load_page, lambda page: page.rows, lambda page: page.next_offset, str
        )
        return asyncio.run(pages.read_slice(0, first, after))


@pytest.mark.parametrize("first", [1, 4, 10, 24, 25, 100])
def test_the_pages_together_are_the_whole_list(first: int) -> None:
    found: list[str] = []
    after: RowPosition | None = None
    more = True
    while more:
        walked = FakeList(ROWS).paginate(first, after)
        found += [row for _, row in walked.rows]
        after, more = walked.rows[-1], walked.has_next
    assert found == ROWS


def test_no_more_pages_are_loaded_than_needed() -> None:
    listed = FakeList(ROWS)
    assert listed.paginate(10, (4, "row 4")).has_next
    assert listed.offsets == [0, 10]


def test_a_removed_row_leaves_its_position() -> None:
    assert FakeList(ROWS).paginate(2, (11, "gone")).rows == [(12, "row 12"), (13, "row 13")]


def test_a_moved_row_is_found_by_its_id() -> None:
    assert FakeList(ROWS).paginate(1, (3, "row 8")).rows == [(9, "row 9")]


def test_after_the_last_row_the_page_is_empty() -> None:
    walked = FakeList(ROWS).paginate(5, (9_000, "forged"))
    assert (walked.rows, walked.has_next, walked.total) == ([], False, 25)


def test_a_repeated_offset_ends_the_list() -> None:
    listed = FakeList(ROWS, loop_offset=10)
    walked = listed.paginate(100)
    assert ([row for _, row in walked.rows], walked.has_next) == (ROWS[:20], False)
    assert listed.offsets == [0, 10]


@pytest.mark.parametrize("position", [-1, -(10**18), MAX_ROWS, 10**9, 10**400])
def test_a_cursor_too_deep_is_rejected_before_any_call(position: int) -> None:
    listed = FakeList(ROWS)
    with pytest.raises(CursorTooDeep) as refused:
        listed.paginate(1, (position, "x"))
    assert (refused.value.code, refused.value.argument) == ("BAD_USER_INPUT", "after")
    assert listed.offsets == []


def test_pagination_ends_after_the_page_limit() -> None:
    listed = FakeList([str(number) for number in range(100_000)])
    with pytest.raises(CursorTooDeep):
        listed.paginate(1, (MAX_ROWS - 1, "forged"))
    assert len(listed.offsets) == MAX_PAGES


def test_the_last_rows_that_can_be_reached_say_that_there_are_more() -> None:
    listed = FakeList([str(number) for number in range(1_000)])
    walked = listed.paginate(100, (350, "350"))
    assert [place for place, _ in walked.rows] == list(range(351, 400))
    assert walked.has_next
    with pytest.raises(CursorTooDeep):
        listed.paginate(100, walked.rows[-1])


def test_empty_pages_end_as_well() -> None:
    listed = FakeList([], endless=True)
    walked = listed.paginate(1)
    assert (walked.rows, walked.has_next) == ([], False)
    assert len(listed.offsets) == MAX_PAGES
