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
from providers.records import Achievement, AchievementState, Part
from providers.registry import Source
from resolvers.context import Account, Context
from resolvers.status import Status
from resolvers.timeline.account_stream import Entry, EntryKey, Strand
from resolvers.timeline.earned import Earned
from resolvers.timeline.locked import Locked
from resolvers.title import contents, masked
from resolvers.title_list.scan import START, Reached, Walk
from resolvers.title_list.seen import Trail
from resolvers.title_list.title_list import Key

EARNED_PHASE, LOCKED_PHASE = 0, 1


class Position(NamedTuple):
    """An entry's place in EARNED, LOCKED or ALL, and what it takes to go on after it.

    `behind` is how far the walk over titles is, where that is not the entry's own title.
    """

    phase: int
    time: float
    source: int
    title: str
    achievement: str
    trails: tuple[tuple[int, Trail], ...]
    behind: Key | None

    @classmethod
    def of(cls, phase: int, entry: Entry, reached: Reached) -> "Position":
        """Where an entry is when a walk has got so far."""
        behind = reached.place and reached.place[1:]
        same = phase == EARNED_PHASE or behind == entry.key[:3]
        return cls(phase, *entry.key, reached.trails, None if same else behind)

    @property
    def key(self) -> EntryKey:
        """The entry's key."""
        return (self.time, self.source, self.title, self.achievement)

    @property
    def reached(self) -> Reached:
        """How far the walk was."""
        place = (0.0, *(self.behind or self.key[:3]))
        return Reached(place if self.phase == LOCKED_PHASE else None, self.trails)


Step = tuple[Position, Entry, Callable[[], bool]]


@dataclass(frozen=True)
class Page:
    """A stretch of a timeline."""

    entries: list[tuple[Position, Entry]]
    has_next: bool
    statuses: list[Status]


@dataclass(frozen=True)
class Timeline:
    """One question's walk over all of a user's accounts."""

    context: Context
    strands: list[Strand]
    wanted: Part

    async def page(
        self, state: AchievementState, first: int, after: Position | None, *, reveal: bool
    ) -> Page:
        """The next entries of a state, with as many parts as are wanted."""
        entries: list[tuple[Position, Entry]] = []
        more = False
        async for position, entry, surely_more in self._steps(state, first, after):
            if len(entries) == first:
                more = True
                break
            entries.append((position, entry))
            if len(entries) == first and (more := surely_more()):
                break
        shown = await self._completed([entry for _, entry in entries], reveal=reveal)
        await asyncio.gather(*(strand.settled() for strand in self.strands))
        numbered = [(position, entry) for (position, _), entry in zip(entries, shown, strict=True)]
        return Page(numbered, more, [strand.status() for strand in self.strands])

    async def _steps(
        self, state: AchievementState, first: int, after: Position | None
    ) -> AsyncGenerator[Step]:
        """The entries, each with a way to know whether there is another without opening more."""
        last = after.key if after is not None else None
        reached = after.reached if after is not None else START
        since = {number: trail.began for number, trail in reached.trails}
        if state is not AchievementState.LOCKED and reached.place is None:
            earned = Earned(self.context, self.strands, since)
            async for entry in earned.entries(first, last):
                first -= 1
                reached = _begun(since) if state is AchievementState.ALL else START
                yield Position.of(EARNED_PHASE, entry, reached), entry, earned.surely_more
            last, reached = None, _begun(since)
            if earned.halted:
                return
        if state is not AchievementState.EARNED:
            lists = [strand.titles for strand in self.strands if strand.titles is not None]
            walk = Walk([each.rewound() for each in lists], reached)
            shown_once = since if state is AchievementState.ALL else {}
            locked = Locked(self.context, self.strands, walk, shown_once)
            async for entry in locked.entries(first, last):
                yield Position.of(LOCKED_PHASE, entry, walk.reached), entry, locked.surely_more

    async def _completed(self, entries: list[Entry], *, reveal: bool) -> list[Entry]:
        """The entries with their definitions, fetched for the titles on the page and no others."""

        async def complete(entry: Entry) -> Entry:
            achievement = await self._joined(entry) or entry.achievement
            shown = achievement if reveal else masked(achievement)
            return Entry(entry.key, entry.shelf, entry.title, shown)

        return list(await asyncio.gather(*map(complete, entries)))

    async def _joined(self, entry: Entry) -> Achievement | None:
        if entry.title is None or not entry.partial or not self.wanted:
            return None
        try:
            found = await contents(
                self.context, entry.shelf, entry.title, self.wanted | Part.EARNED
            )
        except NotFound:
            return None
        except ProviderError as error:
            next(each for each in self.strands if each.shelf == entry.shelf).give_up(error)
            return None
        wanted = entry.achievement.native_id
        return next((each for each in found.achievements or () if each.native_id == wanted), None)


def _begun(since: Mapping[int, float]) -> Reached:
    return Reached(None, tuple((number, Trail(when)) for number, when in since.items()))


async def timeline(
    context: Context, accounts: Sequence[Account], wanted: Part, *, thin: bool, named: bool
) -> Timeline:
    """The timeline over the accounts whose sources have achievements.

    `thin` says that no field is selected which unlocks without their titles cannot answer;
    `named` that an id is selected.
    """
    able = [account for account in accounts if can_earn(context, account.source)]
    progress, alone = Part.PROGRESS in wanted, len(able) == 1
    strands = await asyncio.gather(
        *(
            Strand.of(context, account, thin=thin, progress=progress, named=named, alone=alone)
            for account in able
        )
    )
    return Timeline(context, list(strands), wanted)


def can_earn(context: Context, source: Source) -> bool:
    """Whether a source has achievements at all."""
    loaders = context.loaders
    return loaders.can(source, HasTitles) or loaders.can(source, HasAchievements)
