"""What a person has earned over all sources, newest first, opening as little as possible.

A threshold merge. Whatever is unseen has a bound: a title's own time, for nothing in a title is
newer than the title, or the end of a stretch of unlocks. A title that tells no time has that of the
one listed before it, and with none before it none at all: it is opened first. So an opened entry
that sorts before every bound is the next one of the whole timeline: nothing unseen can come before
it. Only the part with the smallest bound is ever opened, and only while that bound sorts before
every opened entry, that is, while it may hold the next entry. Leaving it closed could make the next
entry wrong; every other part can stay closed. So no merge that knows no more than the bounds opens
fewer parts. A part before whose bound there cannot be as many entries as the page still lacks will
be opened for sure; all such parts are fetched together.

A trophy that a wrong clock has dated after its title has the title's time here, so that this holds.

A cursor is the key of an entry, not a position. New unlocks sort before every cursor given out, so
they shift nothing: the entries after a cursor stay the same ones in the same order. What is earned
again, in hardcore, is a new unlock as well.
"""

import asyncio
import heapq
from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import dataclass

from providers.records import Part
from resolvers.context import Context
from resolvers.timeline.account_stream import (
    Entry,
    EntryKey,
    Strand,
    entries_of,
    fetched_together,
    surely_opened,
)
from resolvers.title_list.title_list import UNKNOWN, Key


@dataclass
class Earned:
    """The merge; `since` is what was newest of each source, by its number, when the walk began."""

    context: Context
    strands: Sequence[Strand]
    since: dict[int, float]

    async def entries(self, lacking: int, after: EntryKey | None) -> AsyncGenerator[Entry]:
        """All entries after a key; `lacking` is how many are surely wanted."""
        looked: Key | None = None
        # What every page begins with is asked for together; more only when the merge gets there.
        begun = await asyncio.gather(*(_begun(strand, after) for strand in self.strands))
        if after is None:
            self._began(begun)
        opened = [each for entries in begun for each in entries if not after or each.key > after]
        heapq.heapify(opened)
        nearest = await self._nearest()
        while not self.halted:
            if opened and (nearest is None or opened[0].key < (*nearest[0], "")):
                entry = heapq.heappop(opened)
                after = entry.key  # what came since its title was listed is on another page
                self._shown(entry)
                lacking -= 1
                yield entry
            elif nearest is not None:
                if looked is None or nearest[0] > looked:
                    unseen = (each.unseen.ahead() for each in self.strands if each.unseen)
                    sure = surely_opened(unseen, lacking, opened)
                    await fetched_together(self.strands, sure, Part.EARNED)
                    looked = sure[-1].bound
                for entry in await _opened(nearest[1]):
                    if after is None or entry.key > after:
                        heapq.heappush(opened, entry)
            else:
                return
            nearest = await self._nearest()

    @property
    def halted(self) -> bool:
        """Whether the only source has failed: whoever goes on after its last entry then finds what
        is missing here. Several sources are not held up by one of them.
        """
        return any(strand.broken and strand.alone for strand in self.strands)

    def surely_more(self) -> bool:
        """Whether something unseen must hold another entry, so that it need not be opened."""
        return any(each.unseen is not None and each.unseen.surely_more() for each in self.strands)

    async def _nearest(self) -> tuple[Key, Strand] | None:
        bounds = [
            (bound, strand)
            for strand in self.strands
            if (bound := await _bound(strand)) is not None
        ]
        return min(bounds, key=lambda pair: pair[0]) if bounds else None

    def _began(self, begun: Iterable[Iterable[Entry]]) -> None:
        for strand, entries in zip(self.strands, begun, strict=True):
            if not strand.broken:
                listed = strand.titles.newest if strand.titles else UNKNOWN
                self.since[strand.number] = min([listed, *(entry.key[0] for entry in entries)])

    def _shown(self, entry: Entry) -> None:
        number = entry.key[1]
        if number in self.since:
            self.since[number] = min(self.since[number], entry.key[0])


async def _begun(strand: Strand, after: EntryKey | None) -> list[Entry]:
    """Whatever an account shows at once."""
    if strand.shelf is None:
        return []
    begun = strand.unseen.begin(after) if strand.unseen else _nothing()
    loose, found = await asyncio.gather(strand.loose(), begun)
    return [*entries_of(strand.shelf, None, loose), *found]


async def _nothing() -> list[Entry]:
    return []


async def _bound(strand: Strand) -> Key | None:
    return await strand.unseen.bound() if strand.unseen is not None else None


async def _opened(strand: Strand) -> list[Entry]:
    return await strand.unseen.open() if strand.unseen is not None else []
