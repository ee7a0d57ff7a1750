"""A walk over the titles of several lists, gone on with after a cursor while the titles move."""

from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterable
from typing import NamedTuple

from providers.records import Title
from providers.registry import ORDER
from resolvers.title_list.seen import Trail
from resolvers.title_list.title_list import Key, Row, TitleList, merged

# Rank in the order asked for, then the row's own key: smaller is earlier.
Place = tuple[float, float, int, str]


class Reached(NamedTuple):
    """How far a walk is: the place, and by each source's number what is behind of it."""

    place: Place | None
    trails: tuple[tuple[int, Trail], ...]


START = Reached(None, ())


class Walk:
    """The rows behind a place in an order; before them those that have moved across it.

    Without a rank the order is by last update, and the lists are fetched no further than the walk
    gets; with one, all of them are. `coming` are the rows that are known to be next, in front of
    what the lists still hold.
    """

    def __init__(
        self,
        lists: Iterable[TitleList],
        after: Reached = START,
        rank: Callable[[Title], float] | None = None,
    ) -> None:
        self.lists = list(lists)
        self.place = after.place
        self.coming = deque[Row]()
        self._trails = dict(after.trails)
        self._rank = rank
        self._rest = self._ahead()
        self._behind = set[Key]()
        self._begun = False

    @property
    def reached(self) -> Reached:
        """Where to go on after what was shown last; of a list that broke, not all is known."""
        broken = {ORDER[each.shelf.source] for each in self.lists if each.broken}
        trails = (
            (number, Trail(trail.began) if number in broken else trail)
            for number, trail in self._trails.items()
        )
        return Reached(self.place, tuple(trails))

    def place_of(self, row: Row) -> Place:
        """Where a row stands in the order; rows of one rank by last update."""
        return (self._rank(row.title) if self._rank else 0.0, *row.key)

    async def begin(self) -> None:
        """Find the place, and what moved across it."""
        first = await anext(self._rest, None)
        missed = [row for each in self.lists for row in self._missed(each)]
        self.coming.extend(sorted(missed, key=self.place_of))
        self.coming.extend([] if first is None else [first])
        self._begun = True

    async def next(self) -> Row | None:
        """The next row; None at the end."""
        while (row := await self._following()) is not None and row.key in self._behind:
            pass
        if row is not None:
            self.place = max(self.place or self.place_of(row), self.place_of(row))
            self._trails[row.key[1]] = self._trails[row.key[1]].past(row.title)
        return row

    def find(self, number: int, native_id: str) -> Row | None:
        """A row by its title's id, among those fetched so far."""
        rows = (row for each in self.lists for row in each.rows if row.key[1] == number)
        return next((row for row in rows if row.title.native_id == native_id), None)

    def _missed(self, titles: TitleList) -> list[Row]:
        """What moved to before the place unseen; what moved from there is not shown again."""
        number = ORDER[titles.shelf.source]
        trail = self._trails.setdefault(number, Trail(titles.newest))
        if titles.broken:
            return []
        self._trails[number], names = trail.resumed(titles.rows, self._is_before)
        moved = [row for row in titles.rows if row.title.native_id in names]
        self._behind |= {row.key for row in moved if not self._is_before(row)}
        return [row for row in moved if self._is_before(row)]

    async def _following(self) -> Row | None:
        return self.coming.popleft() if self.coming else await anext(self._rest, None)

    async def _ahead(self) -> AsyncGenerator[Row]:
        async for row in self._ordered():
            if not self._is_before(row) or self._is_late(row):
                yield row

    async def _ordered(self) -> AsyncGenerator[Row]:
        if self._rank is None:
            async for row in merged(self.lists):
                yield row
        else:
            for row in sorted([row async for row in merged(self.lists)], key=self.place_of):
                yield row

    def _is_late(self, row: Row) -> bool:
        """Whether it moved to before the place while the walk went on, from behind all it saw."""
        return self._begun and any(row.key in each.late for each in self.lists)

    def _is_before(self, row: Row) -> bool:
        return self.place is not None and self.place_of(row) <= self.place
