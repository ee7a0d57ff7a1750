"""The achievements of a user over all sources, earned or locked, as pages with stable cursors.

Unlocks arrive while pages are read. EARNED continues where it was; new unlocks are at the start of
the next reading. LOCKED leaves out what is earned before it comes. ALL has everything once: what is
earned meanwhile, and would sort before the cursor, comes among the locked ones.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from providers.capabilities import HasAchievements, HasTitles
from providers.errors import NotFound, ProviderError
from providers.records import ALL_TIME, Achievement, Part, Period
from providers.registry import Source
from resolvers.arguments import AchievementState
from resolvers.concurrency import run_together
from resolvers.context import AccountRef, ResolverContext
from resolvers.pagination import Page
from resolvers.timeline.account_stream import AccountStream
from resolvers.timeline.earned import EarnedTimeline
from resolvers.timeline.entry import EntryKey, TimelineEntry
from resolvers.timeline.locked import LockedTimeline
from resolvers.timeline.remaining import open_stream
from resolvers.title import get_contents, mask_hidden
from resolvers.title_list.scan import SCAN_START, ScanPosition, TitleScan
from resolvers.title_list.seen import SeenDigest
from resolvers.title_list.title_list import RowKey

EARNED_PHASE, LOCKED_PHASE = 0, 1


class TimelinePosition(NamedTuple):
    """An entry's position in EARNED, LOCKED or ALL, with what is needed to continue after it.

    `scan_key` is the position of the scan over titles, where that is not the entry's own title.
    """

    phase: int
    time: float
    source: int
    title: str
    achievement: str
    digests: tuple[tuple[int, SeenDigest], ...]
    scan_key: RowKey | None

    @classmethod
    def from_entry(
        cls, phase: int, entry: TimelineEntry, scan_position: ScanPosition
    ) -> "TimelinePosition":
        """Build the position of an entry at a position of the scan."""
        scan_key = scan_position.sort_key and scan_position.sort_key[1:]
        is_same_title = phase == EARNED_PHASE or scan_key == entry.key[:3]
        return cls(phase, *entry.key, scan_position.digests, None if is_same_title else scan_key)

    @property
    def key(self) -> EntryKey:
        """The entry's key."""
        return (self.time, self.source, self.title, self.achievement)

    @property
    def scan_position(self) -> ScanPosition:
        """The position of the scan."""
        sort_key = (0.0, *(self.scan_key or self.key[:3]))
        return ScanPosition(sort_key if self.phase == LOCKED_PHASE else None, self.digests)


# An entry with its position, and a function that tells whether another entry is certain.
TimelineStep = tuple[TimelinePosition, TimelineEntry, Callable[[], bool]]


@dataclass(frozen=True)
class Timeline:
    """The streams of a user's accounts, merged for one query."""

    context: ResolverContext
    streams: list[AccountStream]
    parts: Part
    period: Period = ALL_TIME  # of EARNED alone

    async def get_page(
        self, state: AchievementState, first: int, after: TimelinePosition | None, *, reveal: bool
    ) -> Page[TimelineEntry]:
        """Return the next entries of a state, with the selected parts."""
        positions: list[TimelinePosition] = []
        entries: list[TimelineEntry] = []
        has_next = False
        async for position, entry, has_more in self._iterate_steps(state, first, after):
            if len(entries) == first:
                has_next = True
                break
            positions.append(position)
            entries.append(entry)
            if len(entries) == first and (has_next := has_more()):
                break
        completed = await self.complete_entries(entries, reveal=reveal)
        await asyncio.gather(*(stream.wait_for_untitled() for stream in self.streams))
        statuses = [stream.get_status() for stream in self.streams]
        return Page(list(zip(positions, completed, strict=True)), has_next, statuses=statuses)

    async def _iterate_steps(
        self, state: AchievementState, needed: int, after: TimelinePosition | None
    ) -> AsyncGenerator[TimelineStep]:
        last_key = after.key if after is not None else None
        scan_position = after.scan_position if after is not None else SCAN_START
        newest_at_start = {
            source_index: digest.newest_at_start for source_index, digest in scan_position.digests
        }
        if state is not AchievementState.LOCKED and scan_position.sort_key is None:
            earned = EarnedTimeline(self.context, self.streams, newest_at_start, self.period)
            async for entry in earned.iterate_entries(needed, last_key):
                needed -= 1
                is_all = state is AchievementState.ALL
                scan_position = _start_scan(newest_at_start) if is_all else SCAN_START
                position = TimelinePosition.from_entry(EARNED_PHASE, entry, scan_position)
                yield position, entry, earned.has_more
            last_key, scan_position = None, _start_scan(newest_at_start)
            if earned.is_halted:
                return
        if state is not AchievementState.EARNED:
            lists = [stream.titles for stream in self.streams if stream.titles is not None]
            scan = TitleScan([each.rewind() for each in lists], scan_position)
            locked_since = newest_at_start if state is AchievementState.ALL else {}
            locked = LockedTimeline(self.context, self.streams, scan, locked_since)
            async for entry in locked.iterate_entries(needed, last_key):
                position = TimelinePosition.from_entry(LOCKED_PHASE, entry, scan.position)
                yield position, entry, locked.has_more

    async def complete_entries(
        self, entries: list[TimelineEntry], *, reveal: bool
    ) -> list[TimelineEntry]:
        """Return the entries with their definitions, loaded for the titles on the page only."""

        async def complete(entry: TimelineEntry) -> TimelineEntry:
            achievement = await self._load_full_achievement(entry) or entry.achievement
            return replace(entry, achievement=achievement if reveal else mask_hidden(achievement))

        return list(await asyncio.gather(*map(complete, entries)))

    async def _load_full_achievement(self, entry: TimelineEntry) -> Achievement | None:
        if entry.title is None or not entry.is_partial or not self.parts:
            return None
        try:
            found = await get_contents(
                self.context, entry.owner, entry.title, self.parts | Part.EARNED
            )
        except NotFound:
            return None
        except ProviderError as error:
            next(each for each in self.streams if each.owner == entry.owner).stop(error)
            return None
        native_id = entry.achievement.native_id
        matches = (each for each in found.achievements or () if each.native_id == native_id)
        return next(matches, None)


def _start_scan(newest_at_start: Mapping[int, float]) -> ScanPosition:
    digests = ((index, SeenDigest(newest)) for index, newest in newest_at_start.items())
    return ScanPosition(None, tuple(digests))


async def open_timeline(
    context: ResolverContext,
    accounts: Sequence[AccountRef],
    parts: Part,
    *,
    unlocks_only: bool,
    needs_ids: bool,
    period: Period = ALL_TIME,
) -> Timeline:
    """Open the timeline over the accounts whose sources have achievements.

    `unlocks_only` means that unlocks have all selected fields without their titles, and
    `needs_ids` that an id is selected. Only EARNED can have a period.
    """
    supported = [account for account in accounts if has_achievements(context, account.source)]
    with_progress, is_only_source = Part.ACHIEVEMENT_PROGRESS in parts, len(supported) == 1
    streams = await run_together(
        [
            open_stream(
                context,
                account,
                unlocks_only=unlocks_only,
                with_progress=with_progress,
                needs_ids=needs_ids,
                is_only_source=is_only_source,
                period=period,
            )
            for account in supported
        ]
    )
    return Timeline(context, streams, parts, period)


def has_achievements(context: ResolverContext, source: Source) -> bool:
    """Return whether a source has achievements at all."""
    loaders = context.loaders
    return loaders.has_capability(source, HasTitles) or loaders.has_capability(
        source, HasAchievements
    )
