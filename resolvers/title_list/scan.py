"""A scan over the titles of several lists, which a cursor can continue while the titles move."""

from collections import deque
from collections.abc import Callable, Iterable
from typing import NamedTuple

from providers.records import Title
from providers.registry import SOURCE_ORDER
from resolvers.title_list.seen import SeenDigest
from resolvers.title_list.title_list import SORTS_LAST, MergedLists, RowKey, TitleList, TitleRow

# Rank in the requested order, then the row's own key: smaller is earlier.
SortKey = tuple[float, float, int, str]


class ScanPosition(NamedTuple):
    """Position of a scan: the last sort key, and by source index the titles shown so far."""

    sort_key: SortKey | None
    digests: tuple[tuple[int, SeenDigest], ...]


SCAN_START = ScanPosition(None, ())


class TitleScan:
    """The rows after a position, preceded by those that moved across it without being shown.

    Without a rank the order is by last update, and the lists are read no further than the scan
    gets; with a rank they are read to their ends. `upcoming` are the rows that are known to come
    before what the lists still have.
    """

    def __init__(
        self,
        lists: Iterable[TitleList],
        after: ScanPosition = SCAN_START,
        rank: Callable[[Title], float] | None = None,
    ) -> None:
        self.lists = list(lists)
        self.sort_key = after.sort_key
        self.upcoming = deque[TitleRow]()
        self._digests = dict(after.digests)
        self._rank = rank
        self._merged = MergedLists(self.lists)
        self._ranked: deque[TitleRow] | None = None
        self._shown_keys = set[RowKey]()
        self._has_started = False

    @property
    def position(self) -> ScanPosition:
        """The position after the last row; an incomplete list's digest is not known."""
        digests = self._digests
        for each in self.lists:
            if each.is_incomplete:
                index = SOURCE_ORDER[each.owner.source]
                if index in digests:
                    digests = {**digests, index: SeenDigest(digests[index].newest_at_start)}
        return ScanPosition(self.sort_key, tuple(digests.items()))

    def get_untitled_digest(self, source_index: int) -> int | None:
        """Return the digest of a source's rows without a title that the position has passed."""
        known = self._digests.get(source_index)
        return None if known is None else known.digest

    def set_untitled_digest(self, source_index: int, digest: int) -> None:
        """Set the digest of a source that has no list of titles."""
        known = self._digests.get(source_index, SeenDigest(SORTS_LAST))
        self._digests[source_index] = known._replace(digest=digest)

    def get_sort_key(self, row: TitleRow) -> SortKey:
        """Return a row's sort key; rows of the same rank are ordered by last update."""
        return (self._rank(row.title) if self._rank else 0.0, *row.key)

    async def start(self) -> None:
        """Find the position in the lists, and the rows that moved across it."""
        first = await self._take_remaining()
        missed = [row for each in self.lists for row in self._reconcile_list(each)]
        self.upcoming.extend(sorted(missed, key=self.get_sort_key))
        self.upcoming.extend([] if first is None else [first])
        self._has_started = True

    async def get_next(self) -> TitleRow | None:
        """Return the next row; None at the end."""
        while (row := await self._pop_next()) is not None and row.key in self._shown_keys:
            pass
        if row is not None:
            sort_key = self.get_sort_key(row)
            self.sort_key = max(self.sort_key or sort_key, sort_key)
            self._digests[row.key[1]] = self._digests[row.key[1]].add(row.title)
        return row

    def find_row(self, source_index: int, native_id: str) -> TitleRow | None:
        """Return the row of a title among those that have been read."""
        rows = (row for each in self.lists for row in each.rows if row.key[1] == source_index)
        return next((row for row in rows if row.title.native_id == native_id), None)

    def _reconcile_list(self, titles: TitleList) -> list[TitleRow]:
        """Return the rows that moved to before the position; do not show those that left it."""
        source_index = SOURCE_ORDER[titles.owner.source]
        if self.sort_key is None and source_index not in self._digests:  # nothing was shown
            digest = None if titles.is_incomplete else 0
            self._digests[source_index] = SeenDigest(titles.newest_time, digest)
            return []
        digest = self._digests.setdefault(source_index, SeenDigest(titles.newest_time))
        if titles.is_incomplete:
            return []
        self._digests[source_index], moved_ids = digest.reconcile(titles.rows, self._is_before)
        moved = [row for row in titles.rows if row.title.native_id in moved_ids]
        self._shown_keys |= {row.key for row in moved if not self._is_before(row)}
        return [row for row in moved if self._is_before(row)]

    async def _pop_next(self) -> TitleRow | None:
        return self.upcoming.popleft() if self.upcoming else await self._take_remaining()

    async def _take_remaining(self) -> TitleRow | None:
        """Take the next row after the position, or one that moved to before it meanwhile."""
        while row := await self._take_ordered():
            if not self._is_before(row) or self._is_late(row):
                return row
        return None

    async def _take_ordered(self) -> TitleRow | None:
        if self._rank is None:
            return await self._merged.take_next()
        if self._ranked is None:
            rows: list[TitleRow] = []
            while row := await self._merged.take_next():
                rows.append(row)
            self._ranked = deque(sorted(rows, key=self.get_sort_key))
        return self._ranked.popleft() if self._ranked else None

    def _is_late(self, row: TitleRow) -> bool:
        # It moved to before the position during the scan, from after all that had been read.
        return self._has_started and any(row.key in each.late_keys for each in self.lists)

    def _is_before(self, row: TitleRow) -> bool:
        return self.sort_key is not None and self.get_sort_key(row) <= self.sort_key
