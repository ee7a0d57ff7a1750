"""Everything a person has unlocked, or has left, over all sources, as pages with stable cursors.

Unlocks arrive while a walk goes on. EARNED goes on where it was, and what is new leads the next
walk. LOCKED leaves out what is earned before its turn comes. ALL shows everything once: what is
earned meanwhile, and would now stand before the cursor, comes among what was left.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from providers.capabilities import HasAchievements, HasTitles
from providers.errors import NotFound, ProviderError
from providers.records import Achievement, Part
from providers.registry import Source
from resolvers.arguments import AchievementState
from resolvers.context import AccountRef, ResolverContext
from resolvers.status import Status
from resolvers.timeline.account_stream import AccountStream, EntryKey, TimelineEntry
from resolvers.timeline.earned import EarnedTimeline
from resolvers.timeline.locked import LockedTimeline
from resolvers.title import get_contents, mask_hidden
from resolvers.title_list.scan import START, ScanPosition, TitleScan
from resolvers.title_list.seen import SeenDigest
from resolvers.title_list.title_list import RowKey

EARNED_PHASE, LOCKED_PHASE = 0, 1


class TimelinePosition(NamedTuple):
    """An entry's place in EARNED, LOCKED or ALL, and what it takes to go on after it.

    `behind` is how far the walk over titles is, where that is not the entry's own title.
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
        """Where an entry is when a walk has got so far."""
        scan_key = scan_position.sort_key and scan_position.sort_key[1:]
        is_same_title = phase == EARNED_PHASE or scan_key == entry.key[:3]
        return cls(phase, *entry.key, scan_position.digests, None if is_same_title else scan_key)

    @property
    def key(self) -> EntryKey:
        """The entry's key."""
        return (self.time, self.source, self.title, self.achievement)

    @property
    def scan_position(self) -> ScanPosition:
        """How far the walk was."""
        sort_key = (0.0, *(self.scan_key or self.key[:3]))
        return ScanPosition(sort_key if self.phase == LOCKED_PHASE else None, self.digests)


TimelineStep = tuple[TimelinePosition, TimelineEntry, Callable[[], bool]]


@dataclass(frozen=True)
class TimelinePage:
    """A stretch of a timeline."""

    rows: list[tuple[TimelinePosition, TimelineEntry]]
    has_next: bool
    statuses: list[Status]


@dataclass(frozen=True)
class Timeline:
    """One question's walk over all of a user's accounts."""

    context: ResolverContext
    streams: list[AccountStream]
    parts: Part

    async def get_page(
        self, state: AchievementState, first: int, after: TimelinePosition | None, *, reveal: bool
    ) -> TimelinePage:
        """The next entries of a state, with as many parts as are wanted."""
        entries: list[tuple[TimelinePosition, TimelineEntry]] = []
        has_next = False
        async for position, entry, has_more in self._iterate_steps(state, first, after):
            if len(entries) == first:
                has_next = True
                break
            entries.append((position, entry))
            if len(entries) == first and (has_next := has_more()):
                break
        completed = await self._complete_entries([entry for _, entry in entries], reveal=reveal)
        await asyncio.gather(*(strand.wait_for_untitled() for strand in self.streams))
        rows = [(position, entry) for (position, _), entry in zip(entries, completed, strict=True)]
        return TimelinePage(rows, has_next, [strand.get_status() for strand in self.streams])

    async def _iterate_steps(
        self, state: AchievementState, needed: int, after: TimelinePosition | None
    ) -> AsyncGenerator[TimelineStep]:
        """The entries, each with a way to know whether there is another without opening more."""
        last_key = after.key if after is not None else None
        scan_position = after.scan_position if after is not None else START
        newest_at_start = {number: trail.newest_at_start for number, trail in scan_position.digests}
        if state is not AchievementState.LOCKED and scan_position.sort_key is None:
            earned = EarnedTimeline(self.context, self.streams, newest_at_start)
            async for entry in earned.iterate_entries(needed, last_key):
                needed -= 1
                scan_position = (
                    _start_scan(newest_at_start) if state is AchievementState.ALL else START
                )
                yield (
                    TimelinePosition.from_entry(EARNED_PHASE, entry, scan_position),
                    entry,
                    earned.has_more,
                )
            last_key, scan_position = None, _start_scan(newest_at_start)
            if earned.is_halted:
                return
        if state is not AchievementState.EARNED:
            lists = [strand.titles for strand in self.streams if strand.titles is not None]
            scan = TitleScan([each.rewind() for each in lists], scan_position)
            locked_since = newest_at_start if state is AchievementState.ALL else {}
            locked = LockedTimeline(self.context, self.streams, scan, locked_since)
            async for entry in locked.iterate_entries(needed, last_key):
                yield (
                    TimelinePosition.from_entry(LOCKED_PHASE, entry, scan.position),
                    entry,
                    locked.has_more,
                )

    async def _complete_entries(
        self, entries: list[TimelineEntry], *, reveal: bool
    ) -> list[TimelineEntry]:
        """The entries with their definitions, fetched for the titles on the page and no others."""

        async def complete(entry: TimelineEntry) -> TimelineEntry:
            achievement = await self._load_full_achievement(entry) or entry.achievement
            shown = achievement if reveal else mask_hidden(achievement)
            return TimelineEntry(entry.key, entry.owner, entry.title, shown)

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
        return next(
            (each for each in found.achievements or () if each.native_id == native_id), None
        )


def _start_scan(newest_at_start: Mapping[int, float]) -> ScanPosition:
    return ScanPosition(
        None, tuple((number, SeenDigest(when)) for number, when in newest_at_start.items())
    )


async def open_timeline(
    context: ResolverContext,
    accounts: Sequence[AccountRef],
    parts: Part,
    *,
    unlocks_only: bool,
    needs_ids: bool,
) -> Timeline:
    """The timeline over the accounts whose sources have achievements.

    `thin` says that no field is selected which unlocks without their titles cannot answer;
    `named` that an id is selected.
    """
    supported = [account for account in accounts if has_achievements(context, account.source)]
    with_progress, is_only_source = Part.ACHIEVEMENT_PROGRESS in parts, len(supported) == 1
    streams = await asyncio.gather(
        *(
            AccountStream.create(
                context,
                account,
                unlocks_only=unlocks_only,
                with_progress=with_progress,
                needs_ids=needs_ids,
                is_only_source=is_only_source,
            )
            for account in supported
        )
    )
    return Timeline(context, list(streams), parts)


def has_achievements(context: ResolverContext, source: Source) -> bool:
    """Whether a source has achievements at all."""
    loaders = context.loaders
    return loaders.has_capability(source, HasTitles) or loaders.has_capability(
        source, HasAchievements
    )
