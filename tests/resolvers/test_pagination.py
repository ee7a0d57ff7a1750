"""A remote list is read page by page up to a cursor, and only as deep as the limits."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest

from providers.errors import Unavailable
from providers.kit.caching.cached import Cached
from providers.registry import Source
from resolvers.pagination import (
    MAX_PAGES,
    MAX_ROWS,
    CursorTooDeep,
    Page,
    Paginator,
    RowPosition,
)
from resolvers.status import SourceState

ROWS = [f"row {number}" for number in range(25)]


@dataclass(frozen=True)
class FakePage:
    rows: list[str]
    next_offset: int | None
    total: int | None = None
    unread_count: int = 0


@dataclass
class FakeList:
    """A list with pages of `size` rows; the page at `loop_offset` leads back to the first."""

    rows: list[str]
    size: int = 10
    loop_offset: int | None = None
    endless: bool = False
    failing_offset: int | None = None
    offsets: list[int] = field(default_factory=list[int])

    async def load_page(self, offset: int) -> Cached[FakePage]:
        self.offsets.append(offset)
        if offset == self.failing_offset:
            raise Unavailable("The source does not respond.", source="PSN")
        next_offset = offset + self.size
        is_last = not self.endless and next_offset >= len(self.rows)
        following = None if is_last else next_offset
        rows = self.rows[offset : offset + self.size]
        page = FakePage(rows, 0 if offset == self.loop_offset else following, len(self.rows))
        return Cached(page, datetime.now(UTC))

    @property
    def paginator(self) -> Paginator[FakePage, str, int]:
        return Paginator(
            Source.PSN,
            0,
            self.load_page,
            lambda page: page.rows,
            lambda page: page.next_offset,
            str,
        )

    def read_page(self, first: int, after: RowPosition | None = None) -> Page[str]:
        return asyncio.run(self.paginator.read_page(first, after))


def get_rows(page: Page[str]) -> list[str]:
    return [row for _, row in page.rows]


def get_last_position(page: Page[str]) -> RowPosition:
    position, _ = page.rows[-1]
    assert isinstance(position, RowPosition)
    return position


@pytest.mark.parametrize("first", [1, 4, 10, 24, 25, 100])
def test_the_pages_together_are_the_whole_list(first: int) -> None:
    found: list[str] = []
    after: RowPosition | None = None
    has_next = True
    while has_next:
        page = FakeList(ROWS).read_page(first, after)
        found += get_rows(page)
        after, has_next = get_last_position(page), page.has_next
    assert found == ROWS


def test_no_more_pages_are_loaded_than_needed() -> None:
    remote = FakeList(ROWS)
    assert remote.read_page(10, RowPosition(4, "row 4")).has_next
    assert remote.offsets == [0, 10]


def test_the_row_after_a_removed_one_takes_its_place() -> None:
    page = FakeList(ROWS).read_page(2, RowPosition(11, "gone"))
    assert get_rows(page) == ["row 11", "row 12"]
    assert get_last_position(page)[:2] == (12, "row 12")


def test_a_moved_row_is_found_by_its_id() -> None:
    assert get_rows(FakeList(ROWS).read_page(1, RowPosition(3, "row 8"))) == ["row 9"]


def test_after_the_last_row_the_page_is_empty() -> None:
    page = FakeList(ROWS).read_page(5, RowPosition(9_000, "forged"))
    assert (get_rows(page), page.has_next, page.total) == ([], False, 25)


def test_a_repeated_offset_ends_the_list() -> None:
    remote = FakeList(ROWS, loop_offset=10)
    page = remote.read_page(100)
    assert (get_rows(page), page.has_next) == (ROWS[:20], False)
    assert remote.offsets == [0, 10]


@pytest.mark.parametrize("position", [-1, -(10**18), MAX_ROWS, 10**9, 10**400])
def test_a_cursor_too_deep_is_rejected_before_any_call(position: int) -> None:
    remote = FakeList(ROWS)
    with pytest.raises(CursorTooDeep) as raised:
        remote.read_page(1, RowPosition(position, "x"))
    assert (raised.value.code, raised.value.argument) == ("BAD_USER_INPUT", "after")
    assert remote.offsets == []


def test_reading_ends_after_the_page_limit() -> None:
    remote = FakeList([str(number) for number in range(100_000)])
    with pytest.raises(CursorTooDeep):
        remote.read_page(1, RowPosition(MAX_ROWS - 1, "forged"))
    assert len(remote.offsets) == MAX_PAGES


def test_the_last_rows_within_the_limit_have_a_next_page() -> None:
    remote = FakeList([str(number) for number in range(1_000)])
    page = remote.read_page(100, RowPosition(350, "350"))
    assert [position[0] for position, _ in page.rows] == list(range(351, 400))
    assert page.has_next
    with pytest.raises(CursorTooDeep):
        remote.read_page(100, get_last_position(page))


def test_empty_pages_are_read_up_to_the_page_limit() -> None:
    remote = FakeList([], endless=True)
    page = remote.read_page(1)
    assert (get_rows(page), page.has_next) == ([], False)
    assert len(remote.offsets) == MAX_PAGES


def test_a_failing_source_gives_an_empty_page_with_its_status() -> None:
    remote = FakeList(ROWS, failing_offset=10)
    page = asyncio.run(remote.paginator.try_read_page(15, None))
    assert (get_rows(page), page.has_next) == ([], False)
    assert [status.state for status in page.statuses] == [SourceState.UNAVAILABLE]
    with pytest.raises(Unavailable):
        remote.read_page(15)


def test_a_cursor_too_deep_is_not_hidden_in_a_status() -> None:
    with pytest.raises(CursorTooDeep):
        asyncio.run(FakeList(ROWS).paginator.try_read_page(1, RowPosition(MAX_ROWS, "x")))


@dataclass
class MovingList(FakeList):
    """A list that changes when its second page is read; pages are fetched again past the cache."""

    changed_rows: list[str] = field(default_factory=list[str])

    async def load_page(self, offset: int) -> Cached[FakePage]:
        if offset:
            self.rows = self.changed_rows
        return await super().load_page(offset)

    @property
    def paginator(self) -> Paginator[FakePage, str, int]:
        return replace(super().paginator, refetch_page=super().load_page)


def test_a_row_that_moves_to_the_front_comes_once_and_no_other_is_lost() -> None:
    moved = ["row 24", *ROWS[:24]]
    moving = MovingList(ROWS, changed_rows=moved)
    assert get_rows(moving.read_page(100)) == moved
    assert moving.offsets == [0, 10, 0, 20]


def test_a_row_that_is_removed_from_an_earlier_page_hides_no_other() -> None:
    remaining = ROWS[1:]
    assert get_rows(MovingList(ROWS, changed_rows=remaining).read_page(100)) == remaining


def test_a_row_that_comes_twice_is_shown_once() -> None:
    assert get_rows(FakeList([*ROWS[:10], *ROWS[5:]]).read_page(100)) == ROWS
