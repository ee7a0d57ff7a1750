"""The earned achievements over all sources, newest first, opening as few titles as possible.

This is a threshold merge. Everything unread has a bound: a title's own time, since no achievement
is newer than its title, or the end of a page of unlocks. A title without a time has the time of the
one listed before it; if no earlier one has a time, it is opened first.

An opened entry that sorts before every bound is therefore the next entry of the whole timeline.
Only the candidate with the smallest bound is opened, and only while that bound sorts before every
opened entry, so that it may contain the next entry. If it stayed closed, the next entry could be
wrong, and every other candidate can stay closed. So no merge that knows only the bounds opens fewer
candidates. A candidate before which there cannot be as many entries as the page still needs is
certain to be opened; all of these are loaded concurrently.

An achievement that a wrong clock dated after its title has the title's time here, so that the bound
holds.

A cursor is the key of an entry, not an index. New unlocks sort before every cursor that exists, so
that the entries after a cursor stay the same, in the same order. An achievement that is earned
again, in hardcore mode, is a new unlock as well.
"""

import asyncio
import heapq
from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile

from providers.records import ALL_TIME, Part, Period
from resolvers.concurrency import run_together
from resolvers.context import ResolverContext
from resolvers.timeline.account_stream import AccountStream, prefetch_contents
from resolvers.timeline.entry import (
    Candidate,
    EntryKey,
    TimelineEntry,
    build_earned_entries,
    get_last_time,
    start_at_period,
    titles_to_prefetch,
)
from resolvers.title_list.title_list import SORTS_LAST, RowKey


@dataclass
class EarnedTimeline:
    """The merge; `newest_at_start` has the newest sort time of each source, by source index.

    Of a period that has a beginning, nothing older is opened. An unlock that a wrong clock dated
    after its title is looked for where the title is.
    """

    context: ResolverContext
    streams: Sequence[AccountStream]
    newest_at_start: dict[int, float]
    period: Period = ALL_TIME

    async def iterate_entries(
        self, needed: int, after: EntryKey | None
    ) -> AsyncGenerator[TimelineEntry]:
        """Yield all entries after a key; at least `needed` of them will be read."""
        after, last_time = start_at_period(self.period, after), get_last_time(self.period)
        prefetched_to: RowKey | None = None
        # What every page needs is loaded concurrently; more only when the merge gets there.
        first_entries = await run_together(
            [_start_stream(stream, after) for stream in self.streams]
        )
        if after is None:
            self._record_start(first_entries)
        opened = [
            each
            for entries in first_entries
            for each in entries
            if (not after or each.key > after) and self._is_in_period(each)
        ]
        heapq.heapify(opened)
        nearest = await self._find_nearest()
        while not self.is_halted and not self.period.is_empty:
            if opened and (nearest is None or opened[0].key < (*nearest[0], "")):
                entry = heapq.heappop(opened)
                after = entry.key  # an unlock since its title was listed belongs to another page
                self._record_emitted(entry)
                needed -= 1
                yield entry
            elif nearest is not None and nearest[0][0] <= last_time:
                if prefetched_to is None or nearest[0] > prefetched_to:
                    remaining = (
                        _take_until(each.remaining.iterate_candidates(), last_time)
                        for each in self.streams
                        if each.remaining
                    )
                    candidates = titles_to_prefetch(remaining, needed, opened)
                    await prefetch_contents(self.streams, candidates, Part.EARNED)
                    prefetched_to = candidates[-1].bound
                for entry in await _open_next(nearest[1]):
                    if (after is None or entry.key > after) and self._is_in_period(entry):
                        heapq.heappush(opened, entry)
            else:
                return
            nearest = await self._find_nearest()

    @property
    def is_halted(self) -> bool:
        """Whether the only source has failed.

        The timeline ends there, so that the next page continues with what is missing. Among
        several sources, the others go on.
        """
        return any(stream.is_incomplete and stream.is_only_source for stream in self.streams)

    def has_more(self) -> bool:
        """Return whether another entry is certain without opening a title."""
        return not self.period.is_bounded and any(
            each.remaining is not None and each.remaining.has_more() for each in self.streams
        )

    def _is_in_period(self, entry: TimelineEntry) -> bool:
        return self.period.contains(entry.achievement.earned_at)

    async def _find_nearest(self) -> tuple[RowKey, AccountStream] | None:
        bounds = [
            (bound, stream)
            for stream in self.streams
            if (bound := await _get_bound(stream)) is not None
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
        source_index = entry.key[1]
        if source_index in self.newest_at_start:
            newest = min(self.newest_at_start[source_index], entry.key[0])
            self.newest_at_start[source_index] = newest


def _take_until(candidates: Iterable[Candidate], last_time: float) -> Iterable[Candidate]:
    return takewhile(lambda each: each.bound[0] <= last_time, candidates)


async def _start_stream(stream: AccountStream, after: EntryKey | None) -> list[TimelineEntry]:
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
