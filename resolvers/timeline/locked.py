"""What a person has still to earn: titles by last update, then what belongs to no title.

A walk over the titles, which stays whole while they move. A page may end in the middle of a title;
the next one begins with the rest of it, wherever the title is by then.
"""

import heapq
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain

from providers.records import Achievement, Part, Title
from providers.registry import ORDER
from resolvers.context import Context, Shelf
from resolvers.timeline.account_stream import (
    Ahead,
    Entry,
    EntryKey,
    Strand,
    fetched_together,
    first_in,
    left_in,
    strand_of,
    surely_opened,
    titles_ahead,
)
from resolvers.title_list.scan import Place, Walk
from resolvers.title_list.title_list import UNKNOWN, Key, Row, moment

WANTED = Part.EARNED | Part.DEFINITIONS


# The walk's place when it has all titles behind it.
END: Place = (0.0, UNKNOWN, len(ORDER), "")


@dataclass
class Locked:
    """The walk; what was earned after `since`, by its source's number, counts as still to earn."""

    context: Context
    strands: Sequence[Strand]
    walk: Walk
    since: Mapping[int, float]

    async def entries(self, lacking: int, after: EntryKey | None) -> AsyncGenerator[Entry]:
        """All entries after one; `lacking` is how many are surely wanted."""
        for strand in self.strands:
            strand.loose()  # not waited for before its turn
        await self.walk.begin()
        if after is not None and not after[2]:  # what moved meanwhile comes behind the loose ones
            for entry in await self._loose(after):
                yield entry
        async for entry in self._in_titles(lacking, after):
            yield entry
        if self.walk.place != END:
            self.walk.place = END
            for entry in await self._loose(None):
                yield entry

    def surely_more(self) -> bool:
        """Whether a title that is still to come says that something is left in it."""
        return any(part.most for part in self._coming())

    async def _in_titles(self, lacking: int, after: EntryKey | None) -> AsyncGenerator[Entry]:
        looked = set[Key]()
        async for row in self._rows(after):
            if self._most_left(row.key[1], row.title) == 0:
                continue
            if row.key not in looked:
                sure = surely_opened([self._coming(row)], lacking)
                await fetched_together(self.strands, sure, WANTED)
                looked.update(part.bound for part in sure)
            found = await strand_of(self.strands, row).achievements(row, WANTED)
            for entry in self._left(row.key, row.shelf, row.title, found, after):
                lacking -= 1
                yield entry

    async def _rows(self, after: EntryKey | None) -> AsyncGenerator[Row]:
        begun = self.walk.find(*after[1:3]) if after else None
        if begun is not None:
            yield begun
        while (row := await self.walk.next()) is not None:
            yield row

    def _coming(self, *first: Row) -> Iterator[Ahead]:
        rows = (
            Ahead(row.key, self._most_left(row.key[1], row.title), row)
            for row in (*first, *self.walk.coming)
        )
        listed = (
            titles_ahead(each, partial(self._most_left, ORDER[each.shelf.source]))
            for each in self.walk.lists
        )
        return chain(
            (part for part in rows if part.most != 0),
            heapq.merge(*listed, key=lambda part: part.bound),
        )

    async def _loose(self, after: EntryKey | None) -> list[Entry]:
        """What is open and belongs to no title."""
        found: list[Entry] = []
        for strand in self.strands:
            key = (UNKNOWN, strand.number, "")
            if strand.shelf is not None and not (after and key < after[:3]):
                loose = await strand.loose()
                found.extend(self._left(key, strand.shelf, None, loose, after))
        return found

    def _left(
        self,
        key: Key,
        shelf: Shelf,
        title: Title | None,
        achievements: Sequence[Achievement],
        after: EntryKey | None,
    ) -> Iterator[Entry]:
        """What is still open in a title, in the source's order, behind the cursor."""
        entries = [Entry((*key, each.native_id), shelf, title, each) for each in achievements]
        ids = [each.native_id for each in achievements]
        if after is not None and after[1:3] == key[1:] and after[3] in ids:
            entries = entries[ids.index(after[3]) + 1 :]
        newest = first_in(key, title, achievements) if title else -UNKNOWN
        return (entry for entry in entries if self._is_left(entry, newest))

    def _is_left(self, entry: Entry, newest: float) -> bool:
        achievement = entry.achievement
        first = achievement.earned_at_softcore or achievement.earned_at
        since = self.since.get(entry.key[1], -UNKNOWN)
        earned = max(moment(first), newest)  # in its place, as in EARNED
        return achievement.earned is False or earned < since

    def _most_left(self, number: int, title: Title) -> int | None:
        """How many may be left; unknown where something was earned since the walk began."""
        changed = moment(title.last_updated_at) < self.since.get(number, -UNKNOWN)
        return None if changed else left_in(title)
