"""An account's titles as one ordered list over remote pages, and several such lists as one.

A list's rows come last updated first. Rows of the same second are put in the order of their ids,
so that a position in the list has one name, whatever order the upstream gave them in.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from providers.errors import ProviderError
from providers.kit.caching.cached import Cached
from providers.records import Title, TitlePage
from providers.registry import SOURCE_ORDER
from resolvers.context import Owner, ResolverContext
from resolvers.title_list.pages import TitlePages

# Sorts after every real time: newest first means larger times have smaller keys.
SORTS_LAST = float("inf")

RowKey = tuple[float, int, str]


def get_sort_time(when: datetime | None) -> float:
    """A time as a sorting key, newest first, unknown last."""
    return SORTS_LAST if when is None else -when.timestamp()


@dataclass(frozen=True)
class TitleRow:
    """A title in its place."""

    key: RowKey
    owner: Owner
    title: Title


@dataclass
class TitleList:
    """One account's titles, fetched a page at a time and no sooner than they are needed.

    `alone` says that there is no other list which needs time, too. `late` are the rows that moved
    to the front unseen, and came to light when it had been stepped over: they are next.
    """

    context: ResolverContext
    owner: Owner
    is_only_source: bool = True
    rows: list[TitleRow] = field(default_factory=list[TitleRow])
    position: int = 0
    late_keys: set[RowKey] = field(default_factory=set[RowKey])
    error: ProviderError | None = None
    is_incomplete: bool = False
    _pages: TitlePages = field(init=False)
    _buffer: list[TitleRow] = field(default_factory=list[TitleRow])

    def __post_init__(self) -> None:
        self._pages = TitlePages(self.context, self.owner, self.is_only_source)

    async def peek(self) -> TitleRow | None:
        """The first row not yet taken; None at the end, or where the source failed."""
        while self.position >= len(self.rows) and await self._read_more():
            pass
        return self.rows[self.position] if self.position < len(self.rows) else None

    def advance(self) -> None:
        """Step over the head."""
        self.position += 1

    def rewind(self) -> "TitleList":
        """The same list from its beginning, as far as it has been fetched."""
        self.rows.sort(key=lambda row: row.key)
        self.position = 0
        return self

    def stop(self) -> None:
        """Give up on what has not been taken yet."""
        self.rows = self.rows[: self.position]
        self._buffer, self._pages.next_key = [], None
        self.is_incomplete = True

    @property
    def answers(self) -> list[Cached[TitlePage]]:
        """What the source has answered."""
        return self._pages.answers

    @property
    def newest_time(self) -> float:
        """When any of the titles was last updated, as a sorting key."""
        times = (get_sort_time(row.title.last_updated_at) for row in self.rows)
        return min(times, default=SORTS_LAST)

    @property
    def is_fully_read(self) -> bool:
        """Whether all rows there are have been fetched."""
        return self._pages.next_key is None and not self._buffer

    @property
    def total(self) -> int | None:
        """How many titles the account has, as the source says."""
        return self.answers[0].value.total if self.answers else None

    async def _read_more(self) -> bool:
        if self._pages.next_key is None:
            self.rows.extend(sorted(self._buffer, key=lambda row: row.key))
            has_released, self._buffer = bool(self._buffer), []
            return has_released
        try:
            moved, listed = await self._pages.read_next()
        except ProviderError as error:
            self.error, self.is_incomplete = error, True
            self._pages.next_key = None
            return bool(self._buffer)
        self._insert_moved(moved)
        self._buffer_titles(listed)
        return True

    def _insert_moved(self, moved: Sequence[Title]) -> None:
        """What has moved to the front comes next, as nothing before it can be stepped back to."""
        front = self.rows[self.position - 1].key[0] if self.position else SORTS_LAST
        rows: list[TitleRow] = []
        for title in moved:
            when = title.last_updated_at
            sort_time = -SORTS_LAST if when is None else min(get_sort_time(when), front)
            rows.append(
                TitleRow(
                    (sort_time, SOURCE_ORDER[self.owner.source], title.native_id), self.owner, title
                )
            )
        self.rows[self.position : self.position] = sorted(rows, key=lambda row: row.key)
        self.late_keys.update(row.key for row in rows)

    def _buffer_titles(self, titles: Sequence[Title]) -> None:
        # A title without a time stands where its source put it, also before all that have one.
        has_times = any(title.last_updated_at is not None for title in titles)
        first_time = -SORTS_LAST if has_times else SORTS_LAST
        for title in titles:
            last_rows = self._buffer or self.rows
            previous_time = last_rows[-1].key[0] if last_rows else first_time
            when = title.last_updated_at
            sort_time = previous_time if when is None else max(get_sort_time(when), previous_time)
            if self._buffer and sort_time != self._buffer[-1].key[0]:
                self.rows.extend(sorted(self._buffer, key=lambda row: row.key))
                self._buffer = []
            key = (sort_time, SOURCE_ORDER[self.owner.source], title.native_id)
            self._buffer.append(TitleRow(key, self.owner, title))


async def merge_lists(lists: Sequence[TitleList]) -> AsyncGenerator[TitleRow]:
    """The rows of several lists as one, last updated first."""
    # The first pages are asked for together; later ones only when the merge gets there.
    await asyncio.gather(*(each.peek() for each in lists))
    while True:
        heads = [(head.key, each) for each in lists if (head := await each.peek()) is not None]
        if not heads:
            return
        _, nearest = min(heads, key=lambda pair: pair[0])
        row = nearest.rows[nearest.position]
        nearest.advance()
        yield row
