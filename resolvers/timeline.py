"""Everything a person has unlocked, or has left, over all sources, opening as little as possible.

EARNED is a threshold merge. Whatever is unseen has a bound: a title's own time, for nothing in a
title is newer than the title, or the end of a stretch of unlocks. So an opened entry that sorts
before every bound is the next one of the whole timeline: nothing unseen can come before it. Only
the part with the smallest bound is ever opened, and only while that bound sorts before every opened
entry, that is, while it may hold the next entry. Leaving it closed could make the next entry wrong;
every other part can stay closed. So no merge that knows no more than the bounds opens fewer parts.
A part before whose bound there cannot be as many entries as the page still lacks will be opened for
sure; all such parts are fetched together.

A cursor is the key of an entry, not a position. New unlocks sort before every cursor given out, so
they shift nothing: the entries after a cursor stay the same ones in the same order.
"""

import asyncio
import heapq
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass

from providers.abilities import HasAchievements, HasTitles
from providers.errors import ProviderError
from providers.records import Achievement, AchievementState, Part, Title
from providers.registry import ORDER, Source
from resolvers.context import Account, Context, Shelf
from resolvers.shelf import UNKNOWN, Key, merged
from resolvers.status import Status
from resolvers.strand import (
    Ahead,
    Entry,
    EntryKey,
    Strand,
    entries_of,
    left_in,
    surely_opened,
    titles_ahead,
)
from resolvers.title import contents, masked

# phase, time, source, title, achievement: a position in EARNED, LOCKED or ALL
Position = tuple[int, float, int, str, str]

EARNED_PHASE, LOCKED_PHASE = 0, 1


@dataclass(frozen=True)
class Page:
    """A stretch of a timeline."""

    entries: list[tuple[Position, Entry]]
    has_next: bool
    statuses: list[Status]


@dataclass(frozen=True)
class Timeline:
    """One question's merge over all of a user's accounts."""

    context: Context
    strands: list[Strand]
    wanted: Part

    async def page(
        self, state: AchievementState, first: int, after: Position | None, *, reveal: bool
    ) -> Page:
        """The next entries of a state, with as many parts as are wanted."""
        entries: list[tuple[Position, Entry]] = []
        more = False
        async for position, entry in self._walk(state, first, after):
            if len(entries) == first:
                more = True
                break
            entries.append((position, entry))
            if len(entries) == first and (more := self._surely_more(position[0])):
                break
        shown = await self._completed([entry for _, entry in entries], reveal=reveal)
        numbered = [(position, entry) for (position, _), entry in zip(entries, shown, strict=True)]
        return Page(numbered, more, [strand.status() for strand in self.strands])

    async def _walk(
        self, state: AchievementState, first: int, after: Position | None
    ) -> AsyncGenerator[tuple[Position, Entry]]:
        phase, place = (after[0], after[1:]) if after else (EARNED_PHASE, None)
        if state is not AchievementState.LOCKED and phase == EARNED_PHASE:
            async for entry in self._earned(first, place):
                first -= 1
                yield (EARNED_PHASE, *entry.key), entry
        if state is not AchievementState.EARNED:
            async for entry in self._locked(first, place if phase == LOCKED_PHASE else None):
                yield (LOCKED_PHASE, *entry.key), entry

    async def _earned(self, lacking: int, after: EntryKey | None) -> AsyncGenerator[Entry]:
        looked: Key | None = None
        # What every page begins with is asked for together; more only when the merge gets there.
        begun = await asyncio.gather(*(_begun(strand) for strand in self.strands))
        opened = [each for entries in begun for each in entries if not after or each.key > after]
        heapq.heapify(opened)
        while True:
            nearest = await self._nearest()
            if opened and (nearest is None or opened[0].key < (*nearest[0], "")):
                entry = heapq.heappop(opened)
                after = entry.key  # what came since its title was listed is on another page
                lacking -= 1
                yield entry
            elif nearest is not None:
                if looked is None or nearest[0] > looked:
                    unseen = (each.unseen.ahead() for each in self.strands if each.unseen)
                    sure = surely_opened(unseen, lacking, opened)
                    looked = await self._look_ahead(sure, Part.EARNED)
                for entry in await _opened(nearest[1]):
                    if after is None or entry.key > after:
                        heapq.heappush(opened, entry)
            else:
                return

    async def _nearest(self) -> tuple[Key, Strand] | None:
        bounds = [
            (bound, strand)
            for strand in self.strands
            if (bound := await _bound(strand)) is not None
        ]
        return min(bounds, key=lambda pair: pair[0]) if bounds else None

    async def _look_ahead(self, sure: Sequence[Ahead], wanted: Part) -> Key:
        """Fetch together what is sure to be opened; answers how far that reaches."""
        rows = [part.row for part in sure if part.row is not None]
        # A failure is told when its title's turn comes.
        await asyncio.gather(
            *(contents(self.context, row.shelf, row.title, wanted) for row in rows),
            return_exceptions=True,
        )
        return sure[-1].bound

    async def _locked(self, lacking: int, after: EntryKey | None) -> AsyncGenerator[Entry]:
        looked: Key | None = None
        lists = [strand.titles for strand in self.strands if strand.titles is not None]
        for each in lists:
            each.taken = 0
        await asyncio.gather(
            *(strand.load_loose() for strand in self.strands), *(each.head() for each in lists)
        )
        async for row in merged(lists):
            if (after and row.key < after[:3]) or _finished(row.title):
                continue
            wanted = Part.EARNED | Part.DEFINITIONS
            if looked is None or row.key > looked:
                this = [Ahead(row.key, left_in(row.title), row)]
                unseen = [this, *(titles_ahead(each, left_in) for each in lists)]
                looked = await self._look_ahead(surely_opened(unseen, lacking), wanted)
            found = await self._strand(row.shelf).achievements(row, wanted)
            for entry in _remaining(row.key, row.shelf, row.title, found, after):
                lacking -= 1
                yield entry
        for entry in self._loose(after):
            yield entry

    def _loose(self, after: EntryKey | None) -> Iterator[Entry]:
        """What is open and belongs to no title."""
        for strand in self.strands:
            key = (UNKNOWN, ORDER[strand.account.source], "")
            if strand.shelf is not None and not (after and key < after[:3]):
                yield from _remaining(key, strand.shelf, None, strand.loose, after)

    async def _completed(self, entries: list[Entry], *, reveal: bool) -> list[Entry]:
        """The entries with their definitions, fetched for the titles on the page and no others."""

        async def complete(entry: Entry) -> Entry:
            achievement = await self._joined(entry) or entry.achievement
            shown = achievement if reveal else masked(achievement)
            return Entry(entry.key, entry.shelf, entry.title, shown)

        return list(await asyncio.gather(*map(complete, entries)))

    async def _joined(self, entry: Entry) -> Achievement | None:
        if entry.title is None or entry.achievement.name is not None or not self.wanted:
            return None
        try:
            found = await contents(
                self.context, entry.shelf, entry.title, self.wanted | Part.EARNED
            )
        except ProviderError as error:
            self._strand(entry.shelf).give_up(error)
            return None
        wanted = entry.achievement.native_id
        return next((each for each in found.achievements or () if each.native_id == wanted), None)

    def _strand(self, shelf: Shelf) -> Strand:
        return next(each for each in self.strands if each.shelf == shelf)

    def _surely_more(self, phase: int) -> bool:
        """Whether something unseen must hold another entry, so that it need not be opened."""
        if phase == LOCKED_PHASE:
            return any(each.surely_left() for each in self.strands)
        return any(each.unseen is not None and each.unseen.surely_more() for each in self.strands)


async def timeline(
    context: Context, accounts: Sequence[Account], wanted: Part, *, thin: bool, named: bool
) -> Timeline:
    """The timeline over the accounts whose sources have achievements.

    `thin` says that no field is selected which unlocks without their titles cannot answer;
    `named` that an id is selected.
    """
    able = [account for account in accounts if can_earn(context, account.source)]
    progress = Part.PROGRESS in wanted
    strands = await asyncio.gather(
        *(
            Strand.of(context, account, thin=thin, progress=progress, named=named)
            for account in able
        )
    )
    return Timeline(context, list(strands), wanted)


def can_earn(context: Context, source: Source) -> bool:
    """Whether a source has achievements at all."""
    loaders = context.loaders
    return loaders.can(source, HasTitles) or loaders.can(source, HasAchievements)


async def _begun(strand: Strand) -> list[Entry]:
    """Whatever an account shows at once."""
    if strand.shelf is None:
        return []
    unseen = strand.unseen
    _, found = await asyncio.gather(strand.load_loose(), unseen.begin() if unseen else _nothing())
    return [*entries_of(strand.shelf, None, strand.loose), *found]


async def _nothing() -> list[Entry]:
    return []


async def _bound(strand: Strand) -> Key | None:
    return await strand.unseen.bound() if strand.unseen is not None else None


async def _opened(strand: Strand) -> list[Entry]:
    return await strand.unseen.open() if strand.unseen is not None else []


def _remaining(
    key: Key,
    shelf: Shelf,
    title: Title | None,
    achievements: Sequence[Achievement],
    after: EntryKey | None,
) -> list[Entry]:
    """What is still open in a title, in the source's order, behind the cursor."""
    entries = [(each, Entry((*key, each.native_id), shelf, title, each)) for each in achievements]
    if after is not None and after[:3] == key:
        places = [place for place, (each, _) in enumerate(entries) if each.native_id == after[3]]
        entries = entries[places[0] + 1 :] if places else entries
    return [entry for each, entry in entries if each.earned is False]


def _finished(title: Title) -> bool:
    return title.achievement_count is not None and title.earned_count == title.achievement_count
