"""A list that its source gives page by page, read from its start to a page behind some row.

A cursor names a row and the place it had, and is the caller's to write: how far it may lead, and
how many pages are asked for on the way, has an end.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from providers.errors import BadInput
from providers.kit.caching.cached import Cached

RowPosition = tuple[int, str]

MAX_ROWS = 10_000
MAX_PAGES = 40


class CountedPage(Protocol):
    """A page that may tell how many rows there are in all."""

    @property
    def total(self) -> int | None:
        """How many there are."""
        ...


PageT = TypeVar("PageT", bound=CountedPage)
RowT = TypeVar("RowT")
StartT = TypeVar("StartT", int, str)


class CursorTooDeep(BadInput):
    """A cursor that leads where no list is read to."""

    def __init__(self) -> None:
        message = f"after: a list is read up to {MAX_ROWS:,} rows and {MAX_PAGES} pages deep."
        super().__init__(message, argument="after")


@dataclass(frozen=True)
class PageSlice(Generic[RowT]):
    """The rows behind a cursor with their places, and all that was answered on the way."""

    rows: list[tuple[int, RowT]]
    has_next: bool
    total: int | None
    answers: list[Cached[object]]


@dataclass(frozen=True)
class Paginator(Generic[PageT, RowT, StartT]):
    """How a list is asked for, what its pages hold, what follows them, what a row is called."""

    fetch_page: Callable[[StartT], Awaitable[Cached[PageT]]]
    get_rows: Callable[[PageT], Sequence[RowT]]
    get_next_start: Callable[[PageT], StartT | None]
    get_row_id: Callable[[RowT], str]

    async def read_slice(
        self, start: StartT, first: int, after: RowPosition | None
    ) -> PageSlice[RowT]:
        """The first rows behind a cursor; `TooFar` when they are too many pages away."""
        validate_position(after)
        found: list[RowT] = []
        answers: list[Cached[object]] = []
        total: int | None = None
        at: StartT | None = start
        seen = {start}
        skipped = 0
        while at is not None and len(found) <= first + skipped and len(answers) < MAX_PAGES:
            answer = await self.fetch_page(at)
            answers.append(answer)
            total = answer.value.total if total is None else total
            found += self.get_rows(answer.value)
            skipped = self._count_skipped(found, after)
            at = self.get_next_start(answer.value)
            at = None if at in seen else at  # a list that leads back has ended
            seen.update(() if at is None else (at,))
        rows = list(enumerate(found))[skipped:]
        if at is not None and after is not None and not rows:
            raise CursorTooDeep
        has_next = len(rows) > first or (at is not None and bool(rows))
        return PageSlice(rows[:first], has_next, total, answers)

    def _count_skipped(self, found: list[RowT], after: RowPosition | None) -> int:
        """How many rows come before those behind a cursor: the row it names, or its old place."""
        if after is None:
            return 0
        index, name = after
        current_index = next(
            (at for at, row in enumerate(found) if self.get_row_id(row) == name), None
        )
        return index + 1 if current_index is None else current_index + 1


def validate_position(after: RowPosition | None) -> None:
    """Refuse a place that no row has had."""
    if after is not None and not 0 <= after[0] < MAX_ROWS:
        raise CursorTooDeep
