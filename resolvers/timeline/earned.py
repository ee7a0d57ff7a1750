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
from resolvers.context import ResolverContext
from resolvers.timeline.account_stream import (
    AccountStream,
    EntryKey,
    TimelineEntry,
    build_earned_entries,
    prefetch_contents,
    titles_to_prefetch,
)
from resolvers.title_list.title_list import SORTS_LAST, RowKey


@dataclass
class EarnedTimeline:
    """The merge; `since` is what was newest of each source, by its number, when the walk began."""

    context: ResolverContext
    streams: Sequence[AccountStream]
    newest_at_start: dict[int, float]

    async def iterate_entries(
        self, needed: int, after: EntryKey | None
    ) -> AsyncGenerator[TimelineEntry]:
        """All entries after a key; `lacking` is how many are surely wanted."""
        prefetched_to: RowKey | None = None
        # What every page begins with is asked for together; more only when the merge gets there.
        first_entries = await asyncio.gather(
            *(_start_stream(strand, after) for strand in self.streams)
        )
        if after is None:
            self._record_start(first_entries)
        opened = [
            each for entries in first_entries for each in entries if not after or each.key > after
        ]
        heapq.heapify(opened)
        nearest = await self._find_nearest()
        while not self.is_halted:
            if opened and (nearest is None or opened[0].key < (*nearest[0], "")):
                entry = heapq.heappop(opened)
                after = entry.key  # what came since its title was listed is on another page
                self._record_emitted(entry)
                needed -= 1
                yield entry
            elif nearest is not None:
                if prefetched_to is None or nearest[0] > prefetched_to:
                    remaining = (
                        each.remaining.iterate_candidates()
                        for each in self.streams
                        if each.remaining
                    )
                    candidates = titles_to_prefetch(remaining, needed, opened)
                    await prefetch_contents(self.streams, candidates, Part.EARNED)
                    prefetched_to = candidates[-1].bound
                for entry in await _open_next(nearest[1]):
                    if after is None or entry.key > after:
                        heapq.heappush(opened, entry)
            else:
                return
            nearest = await self._find_nearest()

    @property
    def is_halted(self) -> bool:
        """Whether the only source has failed: whoever goes on after its last entry then finds what
        is missing here. Several sources are not held up by one of them.
        """
        return any(strand.is_incomplete and strand.is_only_source for strand in self.streams)

    def has_more(self) -> bool:
        """Whether something unseen must hold another entry, so that it need not be opened."""
        return any(
            each.remaining is not None and each.remaining.has_more() for each in self.streams
        )

    async def _find_nearest(self) -> tuple[RowKey, AccountStream] | None:
        bounds = [
            (bound, strand)
            for strand in self.streams
            if (bound := await _get_bound(strand)) is not None
        ]
        return min(bounds, key=lambda pair: pair[0]) if bounds else None

    def _record_start(self, first_entries: Iterable[Iterable[TimelineEntry]]) -> None:
        for stream, entries in zip(self.streams, first_entries, strict=True):
            if not stream.is_incomplete:
                newest_title_time = stream.titles.newest_time if stream.titles else SORTS_LAST
                self.newest_at_start[stream.source_index] = min(
                    [newest_title_time, *(entry.key[0] for entry in entries)]
                )

    def _record_emitted(self, entry: TimelineEntry) -> None:
        number = entry.key[1]
        if number in self.newest_at_start:
            self.newest_at_start[number] = min(self.newest_at_start[number], entry.key[0])


async def _start_stream(stream: AccountStream, after: EntryKey | None) -> list[TimelineEntry]:
    """Whatever an account shows at once."""
    if stream.owner is None:
        return []
    start = stream.remaining.start(after) if stream.remaining else _return_no_entries()
    untitled, found = await asyncio.gather(stream.load_untitled(), start)
    return [*build_earned_entries(stream.owner, None, untitled), *found]


async def _return_no_entries() -> list[TimelineEntry]:
    return []


async def _get_bound(stream: AccountStream) -> RowKey | None:
    return await stream.remaining.get_bound() if stream.remaining is not None else None


async def _open_next(stream: AccountStream) -> list[TimelineEntry]:
    return await stream.remaining.open_next() if stream.remaining is not None else []
