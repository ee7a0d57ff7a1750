"""An account's titles as one ordered list over remote pages, and several such lists as one.

A list's rows come last updated first. Rows of the same second are put in the order of their ids,
so that a position in the list has one name, whatever order the upstream gave them in.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from providers.errors import ProviderError
from providers.kit.caching.cached import Answer
from providers.records import Title, TitlePage
from providers.registry import ORDER
from resolvers.context import Context, Shelf
from resolvers.title_list.pages import TitlePages

# Sorts after every real time: newest first means larger times have smaller keys.
UNKNOWN = float("inf")

Key = tuple[float, int, str]


def moment(when: datetime | None) -> float:
    """A time as a sorting key, newest first, unknown last."""
    return UNKNOWN if when is None else -when.timestamp()


@dataclass(frozen=True)
class Row:
    """A title in its place."""

    key: Key
    shelf: Shelf
    title: Title


@dataclass
class TitleList:
    """One account's titles, fetched a page at a time and no sooner than they are needed.

    `alone` says that there is no other list which needs time, too. `late` are the rows that moved
    to the front unseen, and came to light when it had been stepped over: they are next.
    """

    context: Context
    shelf: Shelf
    alone: bool = True
    rows: list[Row] = field(default_factory=list[Row])
    taken: int = 0
    late: set[Key] = field(default_factory=set[Key])
    error: ProviderError | None = None
    broken: bool = False
    _pages: TitlePages = field(init=False)
    _held: list[Row] = field(default_factory=list[Row])

    def __post_init__(self) -> None:
        self._pages = TitlePages(self.context, self.shelf, self.alone)

    async def head(self) -> Row | None:
        """The first row not yet taken; None at the end, or where the source failed."""
        while self.taken >= len(self.rows) and await self._more():
            pass
        return self.rows[self.taken] if self.taken < len(self.rows) else None

    def take(self) -> None:
        """Step over the head."""
        self.taken += 1

    def rewound(self) -> "TitleList":
        """The same list from its beginning, as far as it has been fetched."""
        self.rows.sort(key=lambda row: row.key)
        self.taken = 0
        return self

    def stop(self) -> None:
        """Give up on what has not been taken yet."""
        self.rows = self.rows[: self.taken]
        self._held, self._pages.next = [], None
        self.broken = True

    @property
    def answers(self) -> list[Answer[TitlePage]]:
        """What the source has answered."""
        return self._pages.answers

    @property
    def newest(self) -> float:
        """When any of the titles was last updated, as a sorting key."""
        times = (moment(row.title.last_updated_at) for row in self.rows)
        return min(times, default=UNKNOWN)

    @property
    def ended(self) -> bool:
        """Whether all rows there are have been fetched."""
        return self._pages.next is None and not self._held

    @property
    def total(self) -> int | None:
        """How many titles the account has, as the source says."""
        return self.answers[0].value.total if self.answers else None

    async def _more(self) -> bool:
        if self._pages.next is None:
            self.rows.extend(sorted(self._held, key=lambda row: row.key))
            released, self._held = bool(self._held), []
            return released
        try:
            moved, listed = await self._pages.more()
        except ProviderError as error:
            self.error, self.broken = error, True
            self._pages.next = None
            return bool(self._held)
        self._insert(moved)
        self._hold(listed)
        return True

    def _insert(self, moved: Sequence[Title]) -> None:
        """What has moved to the front comes next, as nothing before it can be stepped back to."""
        front = self.rows[self.taken - 1].key[0] if self.taken else UNKNOWN
        rows: list[Row] = []
        for title in moved:
            when = title.last_updated_at
            place = -UNKNOWN if when is None else min(moment(when), front)
            rows.append(Row((place, ORDER[self.shelf.source], title.native_id), self.shelf, title))
        self.rows[self.taken : self.taken] = sorted(rows, key=lambda row: row.key)
        self.late.update(row.key for row in rows)

    def _hold(self, titles: Sequence[Title]) -> None:
        # A title without a time stands where its source put it, also before all that have one.
        told = any(title.last_updated_at is not None for title in titles)
        first = -UNKNOWN if told else UNKNOWN
        for title in titles:
            latest = self._held or self.rows
            previous = latest[-1].key[0] if latest else first
            when = title.last_updated_at
            place = previous if when is None else max(moment(when), previous)
            if self._held and place != self._held[-1].key[0]:
                self.rows.extend(sorted(self._held, key=lambda row: row.key))
                self._held = []
            key = (place, ORDER[self.shelf.source], title.native_id)
            self._held.append(Row(key, self.shelf, title))


async def merged(lists: Sequence[TitleList]) -> AsyncGenerator[Row]:
    """The rows of several lists as one, last updated first."""
    # The first pages are asked for together; later ones only when the merge gets there.
    await asyncio.gather(*(each.head() for each in lists))
    while True:
        heads = [(head.key, each) for each in lists if (head := await each.head()) is not None]
        if not heads:
            return
        _, nearest = min(heads, key=lambda pair: pair[0])
        row = nearest.rows[nearest.taken]
        nearest.take()
        yield row
