"""Pages of lists: the page that a resolver returns, and remote lists that are read up to a row.

A cursor names a row and its position, and has the digest of all rows shown, so that rows that move
across it come once. Since the caller can write any cursor, the number of rows and of remote pages
that are read for it is limited.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Generic, NamedTuple, Protocol, TypeVar

from msgspec import Meta

from providers.capabilities import FollowKey, LeaderboardPageKey, PageKey
from providers.errors import BadInput, ProviderError
from providers.kit.caching.cached import Cached
from providers.registry import Source
from resolvers.seen_rows import find_seen, hash_id, xor_hashes
from resolvers.status import (
    ListPage,
    Status,
    lacks_rows,
    make_error_status,
    make_status,
    mark_incomplete,
)

MAX_ROWS = 10_000
MAX_PAGES = 40


class RowPosition(NamedTuple):
    """The position of a row: its index, its id, and the digest of all rows shown so far.

    The digest is None in a cursor of an earlier version.
    """

    row_index: int
    row_id: str
    digest: Annotated[int, Meta(ge=0)] | None = None


class OffsetPage(ListPage, Protocol):
    """A page of a source's list whose pages start at offsets."""

    @property
    def next_offset(self) -> int | None:
        """Where the next page starts; None at the end of the list."""
        ...


RowT = TypeVar("RowT")
PageT = TypeVar("PageT")
CountedPageT = TypeVar("CountedPageT", bound=ListPage)
OffsetPageT = TypeVar("OffsetPageT", bound=OffsetPage)
OffsetKeyT = TypeVar("OffsetKeyT", PageKey, FollowKey, LeaderboardPageKey)
StartT = TypeVar("StartT")


class CursorTooDeep(BadInput):
    """A cursor beyond the part of a list that is read."""

    def __init__(self) -> None:
        message = f"after: lists are read up to {MAX_ROWS:,} rows and {MAX_PAGES} pages deep."
        super().__init__(message, argument="after")


def check_depth(after: RowPosition) -> None:
    """Raise `CursorTooDeep` for a cursor beyond the part of a list that is read."""
    if not 0 <= after.row_index < MAX_ROWS:
        raise CursorTooDeep


@dataclass(frozen=True)
class Page(Generic[RowT]):
    """A page of a list: rows with their positions, and the status of each source of the list.

    A row's cursor is made of its position. `total` is None where it is not known.
    """

    rows: Sequence[tuple[tuple[object, ...], RowT]] = ()
    has_next: bool = False
    total: int | None = None
    statuses: Sequence[Status] = ()


@dataclass
class RemotePages(Generic[PageT, StartT]):
    """The pages of a remote list, read one after the other from a start.

    A list whose pages lead back to an earlier one ends there.
    """

    fetch_page: Callable[[StartT], Awaitable[Cached[PageT]]]
    get_next_start: Callable[[StartT, PageT], StartT | None]
    next_start: StartT | None
    starts: list[StartT] = field(default_factory=list[StartT])
    answers: list[Cached[PageT]] = field(default_factory=list[Cached[PageT]])

    @property
    def can_read_more(self) -> bool:
        """Whether there is another page within the limit."""
        return self.next_start is not None and len(self.answers) < MAX_PAGES

    async def read_next(self) -> PageT | None:
        """Read the next page; None at the end of the list."""
        start = self.next_start
        if start is None:
            return None
        answer = await self.fetch_page(start)
        self.starts.append(start)
        self.answers.append(answer)
        following = self.get_next_start(start, answer.value)
        self.next_start = None if following in self.starts else following
        return answer.value


@dataclass(frozen=True)
class Paginator(Generic[CountedPageT, RowT, StartT]):
    """A list of one source: how its pages are fetched, and how rows and their ids are read."""

    source: Source
    first_start: StartT
    fetch_page: Callable[[StartT], Awaitable[Cached[CountedPageT]]]
    get_rows: Callable[[CountedPageT], Sequence[RowT]]
    get_next_start: Callable[[CountedPageT], StartT | None]
    get_row_id: Callable[[RowT], str]
    # Fetches a page past the cache, after a later page has shown that the list moved.
    refetch_page: Callable[[StartT], Awaitable[Cached[CountedPageT]]] | None = None

    async def try_read_page(self, first: int, after: RowPosition | None) -> Page[RowT]:
        """Return the first rows after a cursor; only the error status if the source fails."""
        try:
            return await self.read_page(first, after)
        except CursorTooDeep:
            raise
        except ProviderError as error:
            return Page(statuses=[make_error_status(self.source, error)])

    async def read_page(self, first: int, after: RowPosition | None) -> Page[RowT]:
        """Return the first rows after a cursor; raise `CursorTooDeep` if they are too far away."""
        if after is not None:
            check_depth(after)
        pages = RemotePages(
            self.fetch_page, lambda _, page: self.get_next_start(page), self.first_start
        )
        found: dict[str, RowT] = {}
        while pages.can_read_more and len(found) <= first + count_before(found, after):
            await pages.read_next()
            if self.refetch_page is not None and self._shows_move(pages.answers):
                earlier = await asyncio.gather(*map(self.refetch_page, pages.starts[:-1]))
                pages.answers[:-1] = earlier
            known_count, found = len(found), self._collect_rows(pages.answers)
            if len(found) == known_count and self.get_rows(pages.answers[-1].value):
                pages.next_start = None  # a list whose pages repeat each other
        rows = list_unseen(found, after)
        is_unfinished = pages.next_start is not None
        if is_unfinished and after is not None and not rows:
            raise CursorTooDeep
        has_next = len(rows) > first or (is_unfinished and bool(rows))
        totals = (answer.value.total for answer in pages.answers)
        total = next((each for each in totals if each is not None), None)
        return Page(rows[:first], has_next, total, [self._make_status(pages)])

    def _make_status(self, pages: RemotePages[CountedPageT, StartT]) -> Status:
        status, answers = make_status(self.source, pages.answers), pages.answers
        if pages.next_start is not None:
            return status
        ids = [list(map(self.get_row_id, self.get_rows(answer.value))) for answer in answers]
        return mark_incomplete(status) if lacks_rows(answers, ids) else status

    def _collect_rows(self, answers: Sequence[Cached[CountedPageT]]) -> dict[str, RowT]:
        """Return the rows of all pages by id; one that moved between two pages comes once."""
        rows: dict[str, RowT] = {}
        for answer in answers:
            for row in self.get_rows(answer.value):
                rows.setdefault(self.get_row_id(row), row)
        return rows

    def _shows_move(self, answers: Sequence[Cached[CountedPageT]]) -> bool:
        """Return whether the last page has another total than those before, or repeats a row."""
        *earlier, latest = answers
        if all(latest.fetched_at <= each.fetched_at for each in earlier):
            return False
        totals = {each.value.total for each in answers}
        latest_ids = set(map(self.get_row_id, self.get_rows(latest.value)))
        return len(totals) > 1 or not latest_ids.isdisjoint(self._collect_rows(earlier))


def paginate_offsets(
    source: Source,
    load: Callable[[Source, OffsetKeyT], Awaitable[Cached[OffsetPageT]]],
    key: OffsetKeyT,
    get_rows: Callable[[OffsetPageT], Sequence[RowT]],
    get_row_id: Callable[[RowT], str],
) -> Paginator[OffsetPageT, RowT, int]:
    """Return the paginator of a list whose pages start at offsets; `key` is of the first page."""
    return Paginator(
        source,
        key.offset,
        lambda offset: load(source, replace(key, offset=offset)),
        get_rows,
        lambda page: page.next_offset,
        get_row_id,
        lambda offset: load(source, replace(key, offset=offset, bypass_cache=True)),
    )


def count_before(found: Iterable[str], after: RowPosition | None) -> int:
    """Count the rows up to a cursor, at the index that it had or has, whichever is later."""
    if after is None:
        return 0
    indexes = (index for index, row_id in enumerate(found) if row_id == after.row_id)
    return max(after.row_index, next(indexes, 0)) + 1


def list_unseen(
    found: Mapping[str, RowT], after: RowPosition | None
) -> list[tuple[RowPosition, RowT]]:
    """Return the rows that no page before the cursor has shown, with their positions."""
    seen = set[str]() if after is None else find_seen(list(found), *after)
    digest = xor_hashes(seen)
    last_index = 0 if after is None else after.row_index
    rows: list[tuple[RowPosition, RowT]] = []
    for index, (row_id, row) in enumerate(found.items()):
        if row_id not in seen:
            digest ^= hash_id(row_id)
            last_index = max(last_index, index)
            rows.append((RowPosition(last_index, row_id, digest), row))
    return rows
