"""The locked achievements: those of titles by last update, then those without a title.

The titles are read by a scan, which misses none while they move. A page can end in the middle of a
title; the next one starts with the rest of it, wherever the title is then.
"""

import heapq
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain

from providers.records import Achievement, Part, Title
from providers.registry import SOURCE_ORDER
from resolvers.context import Owner, ResolverContext
from resolvers.seen_rows import find_seen, hash_id, xor_hashes
from resolvers.timeline.account_stream import AccountStream, find_stream, prefetch_contents
from resolvers.timeline.entry import (
    Candidate,
    EntryKey,
    TimelineEntry,
    count_locked,
    get_clamp_time,
    iterate_title_candidates,
    titles_to_prefetch,
)
from resolvers.title_list.scan import SortKey, TitleScan
from resolvers.title_list.title_list import SORTS_LAST, RowKey, TitleRow, get_sort_time

LOCKED_PARTS = Part.EARNED | Part.DEFINITIONS


# The position of a scan that has shown all titles.
END_OF_SCAN: SortKey = (0.0, SORTS_LAST, len(SOURCE_ORDER), "")


@dataclass
class LockedTimeline:
    """The scan; what was earned after `newest_at_start`, by source index, counts as locked."""

    context: ResolverContext
    streams: Sequence[AccountStream]
    scan: TitleScan
    newest_at_start: Mapping[int, float]

    async def iterate_entries(
        self, needed: int, after: EntryKey | None
    ) -> AsyncGenerator[TimelineEntry]:
        """Yield all entries after a key; at least `needed` of them will be read."""
        for stream in self.streams:
            stream.load_untitled()  # starts to load; the entries come last
        await self.scan.start()
        # A cursor without a title is past all titles: the rest of the untitled entries comes
        # first, then the titles that have moved since.
        if after is not None and not after[2]:
            async for entry in self._iterate_untitled(after):
                yield entry
        async for entry in self._iterate_title_entries(needed, after):
            yield entry
        if self.scan.sort_key != END_OF_SCAN:
            self.scan.sort_key = END_OF_SCAN
            async for entry in self._iterate_untitled(None):
                yield entry

    def has_more(self) -> bool:
        """Return whether a title that is still to come counts a locked achievement."""
        return any(each.max_entries for each in self._iterate_candidates())

    async def _iterate_title_entries(
        self, needed: int, after: EntryKey | None
    ) -> AsyncGenerator[TimelineEntry]:
        prefetched = set[RowKey]()
        async for row in self._iterate_rows(after):
            if self._count_max_locked(row.key[1], row.title) == 0:
                continue
            if row.key not in prefetched:
                candidates = titles_to_prefetch([self._iterate_candidates(row)], needed)
                await prefetch_contents(self.streams, candidates, LOCKED_PARTS)
                prefetched.update(each.bound for each in candidates)
            found = await find_stream(self.streams, row).get_achievements(row, LOCKED_PARTS)
            for entry in self._iterate_locked(row.key, row.owner, row.title, found, after):
                needed -= 1
                yield entry

    async def _iterate_rows(self, after: EntryKey | None) -> AsyncGenerator[TitleRow]:
        resumed_row = self.scan.find_row(*after[1:3]) if after else None
        if resumed_row is not None:
            yield resumed_row
        while (row := await self.scan.get_next()) is not None:
            yield row

    def _iterate_candidates(self, *current: TitleRow) -> Iterator[Candidate]:
        rows = (
            Candidate(row.key, self._count_max_locked(row.key[1], row.title), row)
            for row in (*current, *self.scan.upcoming)
        )
        list_candidates = (
            iterate_title_candidates(
                each, partial(self._count_max_locked, SOURCE_ORDER[each.owner.source])
            )
            for each in self.scan.lists
        )
        return chain(
            (each for each in rows if each.max_entries != 0),
            heapq.merge(*list_candidates, key=lambda each: each.bound),
        )

    async def _iterate_untitled(self, after: EntryKey | None) -> AsyncGenerator[TimelineEntry]:
        """Yield the locked entries without a title; their source may list them in another order."""
        for stream in self.streams:
            key = (SORTS_LAST, stream.source_index, "")
            if stream.owner is None or (after and key < after[:3]):
                continue
            achievements = await stream.load_untitled()
            ids = [each.native_id for each in achievements]
            digest = self.scan.get_untitled_digest(stream.source_index)
            passed = set[str]()
            if after and after[:3] == key:
                passed = find_seen(ids, 0, after[3], digest)
            digest = xor_hashes(passed)
            for each in achievements:
                if each.native_id in passed:
                    continue
                digest ^= hash_id(each.native_id)
                entry = TimelineEntry((*key, each.native_id), stream.owner, None, each)
                if self._is_locked(entry, -SORTS_LAST):
                    self.scan.set_untitled_digest(stream.source_index, digest)
                    yield entry

    def _iterate_locked(
        self,
        key: RowKey,
        owner: Owner,
        title: Title,
        achievements: Sequence[Achievement],
        after: EntryKey | None,
    ) -> Iterator[TimelineEntry]:
        """Return the locked entries of a title after the cursor, in the source's order."""
        entries = [
            TimelineEntry((*key, each.native_id), owner, title, each) for each in achievements
        ]
        ids = [each.native_id for each in achievements]
        if after is not None and after[1:3] == key[1:] and after[3] in ids:
            entries = entries[ids.index(after[3]) + 1 :]
        newest = get_clamp_time(key, title, achievements)
        return (entry for entry in entries if self._is_locked(entry, newest))

    def _is_locked(self, entry: TimelineEntry, newest: float) -> bool:
        achievement = entry.achievement
        first = achievement.earned_at_softcore or achievement.earned_at
        newest_at_start = self.newest_at_start.get(entry.key[1], -SORTS_LAST)
        earned = max(get_sort_time(first), newest)  # clamped, as in EARNED
        return achievement.earned is False or earned < newest_at_start

    def _count_max_locked(self, source_index: int, title: Title) -> int | None:
        """Count the locked achievements; None if the title changed since the timeline started."""
        newest_at_start = self.newest_at_start.get(source_index, -SORTS_LAST)
        has_changed = get_sort_time(title.sort_moment) < newest_at_start
        return None if has_changed else count_locked(title)
