"""A list is read page by page to where a cursor leads, and no further than a list is read."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from providers.kit.caching.cached import Answer
from resolvers.pagination import FARTHEST, MOST_PAGES, Pages, Place, TooFar, Walked

ROWS = [f"row {number}" for number in range(25)]


@dataclass(frozen=True)
class Page:
    rows: list[str]
    following: int | None
    total: int | None = None


@dataclass
class Listed:
    """A list in pages of so many rows; `turn` is the offset from which it leads back."""

    rows: list[str]
    size: int = 10
    turn: int | None = None
    endless: bool = False
    asked: list[int] = field(default_factory=list[int])

    async def page(self, offset: int) -> Answer[Page]:
        self.asked.append(offset)
        following = offset + self.size
        last = not self.endless and following >= len(self.rows)
        on = None if last else following
        rows = self.rows[offset : offset + self.size]
        page = Page(rows, 0 if offset == self.turn else on, len(self.rows))
        return Answer(page, datetime.now(UTC))

    def walk(self, first: int, after: Place | None = None) -> Walked[str]:
        pages = Pages(self.page, lambda page: page.rows, lambda page: page.following, str)
        return asyncio.run(pages.walk(0, first, after))


@pytest.mark.parametrize("first", [1, 4, 10, 24, 25, 100])
def test_the_pages_together_are_the_whole_list(first: int) -> None:
    found: list[str] = []
    after: Place | None = None
    more = True
    while more:
        walked = Listed(ROWS).walk(first, after)
        found += [row for _, row in walked.rows]
        after, more = walked.rows[-1], walked.more
    assert found == ROWS


def test_no_more_pages_are_asked_for_than_are_needed() -> None:
    listed = Listed(ROWS)
    assert listed.walk(10, (4, "row 4")).more
    assert listed.asked == [0, 10]


def test_a_row_that_is_gone_leaves_its_place() -> None:
    assert Listed(ROWS).walk(2, (11, "gone")).rows == [(12, "row 12"), (13, "row 13")]


def test_a_row_that_has_moved_is_found_by_its_name() -> None:
    assert Listed(ROWS).walk(1, (3, "row 8")).rows == [(9, "row 9")]


def test_behind_the_last_row_there_is_nothing() -> None:
    walked = Listed(ROWS).walk(5, (9_000, "forged"))
    assert (walked.rows, walked.more, walked.total) == ([], False, 25)


def test_a_list_that_leads_back_has_ended() -> None:
    listed = Listed(ROWS, turn=10)
    walked = listed.walk(100)
    assert ([row for _, row in walked.rows], walked.more) == (ROWS[:20], False)
    assert listed.asked == [0, 10]


@pytest.mark.parametrize("place", [-1, -(10**18), FARTHEST, 10**9, 10**400])
def test_a_place_that_no_list_is_read_to_is_refused_before_any_call(place: int) -> None:
    listed = Listed(ROWS)
    with pytest.raises(TooFar) as refused:
        listed.walk(1, (place, "x"))
    assert (refused.value.code, refused.value.argument) == ("BAD_USER_INPUT", "after")
    assert listed.asked == []


def test_a_walk_ends_after_so_many_pages() -> None:
    listed = Listed([str(number) for number in range(100_000)])
    with pytest.raises(TooFar):
        listed.walk(1, (FARTHEST - 1, "forged"))
    assert len(listed.asked) == MOST_PAGES


def test_the_last_rows_that_can_be_reached_say_that_there_are_more() -> None:
    listed = Listed([str(number) for number in range(1_000)])
    walked = listed.walk(100, (350, "350"))
    assert [place for place, _ in walked.rows] == list(range(351, 400))
    assert walked.more
    with pytest.raises(TooFar):
        listed.walk(100, walked.rows[-1])


def test_empty_pages_end_as_well() -> None:
    listed = Listed([], endless=True)
    walked = listed.walk(1)
    assert (walked.rows, walked.more) == ([], False)
    assert len(listed.asked) == MOST_PAGES
