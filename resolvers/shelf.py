"""An account's titles as one ordered list over remote pages, and several such lists as one.

A list's rows come last updated first. Rows of the same second are put in the order of their ids,
so that a position in the list has one name, whatever order the upstream gave them in.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from providers.abilities import TitlesKey
from providers.errors import ProviderError
from providers.kit.cache import Answer
from providers.records import Title, TitlePage
from providers.registry import ORDER
from resolvers.context import Context, Shelf
from resolvers.patience import in_time

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

    `alone` says that there is no other list which needs time, too.
    """

    context: Context
    shelf: Shelf
    alone: bool = True
    rows: list[Row] = field(default_factory=list[Row])
    taken: int = 0
    answers: list[Answer[TitlePage]] = field(default_factory=list[Answer[TitlePage]])
    error: ProviderError | None = None
    broken: bool = False
    _next: int | None = 0
    _held: list[Row] = field(default_factory=list[Row])
    _seen: set[str] = field(default_factory=set[str])

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
        self.taken = 0
        return self

    def stop(self) -> None:
        """Give up on what has not been taken yet."""
        self.rows = self.rows[: self.taken]
        self._held, self._next = [], None
        self.broken = True

    @property
    def newest(self) -> float:
        """When any of the titles was last updated, as a sorting key."""
        times = (moment(row.title.last_updated_at) for row in self.rows)
        return min(times, default=UNKNOWN)

    @property
    def ended(self) -> bool:
        """Whether all rows there are have been fetched."""
        return self._next is None and not self._held

    @property
    def total(self) -> int | None:
        """How many titles the account has, as the source says."""
        return self.answers[0].value.total if self.answers else None

    async def _more(self) -> bool:
        if self._next is None:
            self.rows.extend(sorted(self._held, key=lambda row: row.key))
            released, self._held = bool(self._held), []
            return released
        key = TitlesKey(self.shelf.asked, self._next)
        try:
            page = self.context.loaders.titles(self.shelf.source, key)
            answer = await in_time(self.shelf.source, page, alone=self.alone)
        except ProviderError as error:
            self.error, self.broken = error, True
            self._next = None
            return bool(self._held)
        self.answers.append(answer)
        after = answer.value.next_offset
        # A page that does not move on would be asked for ever.
        self._next = after if after is not None and after > key.offset else None
        self._hold(answer.value)
        return True

    def _hold(self, page: TitlePage) -> None:
        # A title without a time stands where its source put it, also before all that have one.
        told = any(title.last_updated_at is not None for title in page.titles)
        first = -UNKNOWN if told else UNKNOWN
        for title in page.titles:
            if title.native_id in self._seen:
                continue  # the list moved between two pages
            self._seen.add(title.native_id)
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
