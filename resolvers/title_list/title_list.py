"""An account's titles as one ordered list over remote pages, and several such lists merged.

The rows are ordered by last update, newest first. Rows of the same second are ordered by id, so
that a position in the list has one name, whatever order the upstream returned them in.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter

from msgspec import Struct

from providers.errors import ProviderError
from providers.kit.caching.cached import Cached
from providers.records import Title, TitlePage
from providers.registry import SOURCE_ORDER
from resolvers.concurrency import run_together
from resolvers.context import Owner, ResolverContext
from resolvers.status import (
    Status,
    lacks_rows,
    make_error_status,
    make_status,
    mark_incomplete,
)
from resolvers.title_list.pages import TitlePages

# Sorts after every real time. Sort times are negative timestamps: newer is smaller.
SORTS_LAST = float("inf")

# Sort time, source index and title id: unique in a list, smaller is earlier.
RowKey = tuple[float, int, str]
GET_KEY = attrgetter("key")


def get_sort_time(when: datetime | None) -> float:
    """Return a time as a sort key: newest first, unknown last."""
    return SORTS_LAST if when is None else -when.timestamp()


class TitleRow(Struct, frozen=True):
    """A title with its position in the list."""

    key: RowKey
    owner: Owner
    title: Title


@dataclass
class TitleList:
    """One account's titles, read page by page when they are needed.

    `position` is the number of rows that have been taken. `late_keys` are the keys of titles that
    moved to the front after the front had been taken; they come next.
    """

    context: ResolverContext
    owner: Owner
    is_only_source: bool = True
    with_counts: bool = True
    rows: list[TitleRow] = field(default_factory=lambda: [])
    position: int = 0
    late_keys: set[RowKey] = field(default_factory=set[RowKey])
    error: ProviderError | None = None
    is_incomplete: bool = False
    _pages: TitlePages = field(init=False)
    # The last rows of the same time, in order; a later page may have others of it.
    _buffer: list[TitleRow] = field(default_factory=lambda: [])

    def __post_init__(self) -> None:
        self._pages = TitlePages(
            self.context,
            self.owner,
            is_only_source=self.is_only_source,
            with_counts=self.with_counts,
        )

    async def peek(self) -> TitleRow | None:
        """Return the next row; None at the end, or if the source failed."""
        while self.position >= len(self.rows):
            if not await self._read_more():
                return None
        return self.rows[self.position]

    def advance(self) -> None:
        """Take the next row."""
        self.position += 1

    def rewind(self) -> "TitleList":
        """Go back to the start; the rows that have been read stay."""
        self.rows.sort(key=GET_KEY)
        self.position = 0
        return self

    def stop(self) -> None:
        """Drop the rows that have not been taken, and mark the list as incomplete."""
        self.rows = self.rows[: self.position]
        self._buffer = []
        self._pages.stop()
        self.is_incomplete = True

    @property
    def answers(self) -> list[Cached[TitlePage]]:
        """The pages that the source has returned."""
        return self._pages.answers

    @property
    def newest_time(self) -> float:
        """The sort time of the title that was last updated."""
        moments = [row.title.sort_moment for row in self.rows]
        return get_sort_time(max((each for each in moments if each is not None), default=None))

    @property
    def is_fully_read(self) -> bool:
        """Whether all rows have been read."""
        return not self._pages.has_next and not self._buffer

    @property
    def total(self) -> int | None:
        """The number of titles according to the source; None if it does not count them."""
        return self.answers[0].value.total if self.answers else None

    @property
    def is_partial(self) -> bool:
        """Whether the list has ended with fewer titles than the source counts."""
        if self._pages.has_next or self.is_incomplete:
            return False
        ids = [[title.native_id for title in each.value.titles] for each in self.answers]
        return lacks_rows(self.answers, ids)

    def get_status(self) -> Status:
        """Return the status of the source; a list that failed has the status of its error."""
        if self.error is not None:
            return make_error_status(self.owner.source, self.error)
        status = make_status(self.owner.source, self.answers)
        return mark_incomplete(status) if self.is_partial else status

    async def _read_more(self) -> bool:
        if not self._pages.has_next:
            return self._release_buffer()
        try:
            moved, listed = await self._pages.read_next()
        except ProviderError as error:
            self.error, self.is_incomplete = error, True
            self._pages.stop()
            return bool(self._buffer)
        self._insert_moved(moved)
        self._buffer_titles(listed)
        return True

    def _release_buffer(self) -> bool:
        has_rows = bool(self._buffer)
        self.rows.extend(self._buffer)
        self._buffer = []
        return has_rows

    def _insert_moved(self, moved: Sequence[Title]) -> None:
        # They come next, because the rows before them have been taken already.
        front = self.rows[self.position - 1].key[0] if self.position else SORTS_LAST
        rows: list[TitleRow] = []
        for title in moved:
            when = title.sort_moment
            sort_time = -SORTS_LAST if when is None else min(get_sort_time(when), front)
            rows.append(self._build_row(sort_time, title))
        self.rows[self.position : self.position] = sorted(rows, key=GET_KEY)
        self.late_keys.update(row.key for row in rows)

    def _buffer_titles(self, titles: Sequence[Title]) -> None:
        # A title without a time stays where its source put it, even before all that have one.
        moments = [title.sort_moment for title in titles]
        has_times = any(moments)
        last_rows = self._buffer or self.rows
        sort_time = -SORTS_LAST if has_times else SORTS_LAST
        if last_rows:
            sort_time = last_rows[-1].key[0]
        for title, when in zip(titles, moments, strict=True):
            if when is not None:
                sort_time = max(get_sort_time(when), sort_time)
            self._buffer.append(self._build_row(sort_time, title))
        rows = sorted(self._buffer, key=GET_KEY)
        self.rows.extend(row for row in rows if row.key[0] != sort_time)
        self._buffer = [row for row in rows if row.key[0] == sort_time]

    def _build_row(self, sort_time: float, title: Title) -> TitleRow:
        key = (sort_time, SOURCE_ORDER[self.owner.source], title.native_id)
        return TitleRow(key, self.owner, title)


class MergedLists:
    """The rows of several lists as one, last updated first."""

    def __init__(self, lists: Sequence[TitleList]) -> None:
        self._lists = lists
        self._has_started = False

    async def take_next(self) -> TitleRow | None:
        """Take the next row; None at the end of all lists."""
        if not self._has_started:
            # The first pages are read concurrently; later ones only when the merge gets there.
            await run_together([each.peek() for each in self._lists])
            self._has_started = True
        nearest: TitleList | None = None
        first: TitleRow | None = None
        for each in self._lists:
            row = await each.peek()
            if row is not None and (first is None or row.key < first.key):
                nearest, first = each, row
        if nearest is not None:
            nearest.advance()
        return first
