"""Everything a person has unlocked, or has left, over all sources, opening as little as possible.

EARNED is a threshold merge. Titles come last updated first, and nothing in a title is newer than
the title itself. So the best entry that an unopened title can still hold is bounded by the title's
own key, and an opened entry that sorts before every such bound is the next one of the whole
timeline: nothing unseen can come before it. A title is opened only when its bound sorts before
every opened entry, that is, when it may hold the next entry; no other title has to be opened.

A cursor is the key of an entry, not a position. New unlocks sort before every cursor given out, so
they shift nothing: the entries after a cursor stay the same ones in the same order.
"""

import asyncio
import heapq
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field

from providers.abilities import HasAchievements, HasTitles
from providers.errors import NotFound, ProviderError
from providers.kit.cache import Answer
from providers.records import Achievement, AchievementState, Part, Title
from providers.registry import ORDER, Source
from resolvers.context import Account, Context, Shelf
from resolvers.shelf import UNKNOWN, Row, TitleList, merged, moment
from resolvers.status import Status, answered, failed
from resolvers.title import contents, masked, shelf_of

# time, source, title, achievement: unique in a timeline, smaller is earlier in it
EntryKey = tuple[float, int, str, str]
# phase, time, source, title, achievement: a position in EARNED, LOCKED or ALL
Position = tuple[int, float, int, str, str]

EARNED_PHASE, LOCKED_PHASE = 0, 1


@dataclass(frozen=True, order=True)
class Entry:
    """An achievement in its place."""

    key: EntryKey
    shelf: Shelf = field(compare=False)
    title: Title | None = field(compare=False)
    achievement: Achievement = field(compare=False)


@dataclass(frozen=True)
class Page:
    """A stretch of a timeline."""

    entries: list[tuple[Position, Entry]]
    has_next: bool
    statuses: list[Status]


@dataclass
class Strand:
    """One account's part in the timeline: its titles, or its loose achievements."""

    account: Account
    titles: TitleList | None = None
    loose: tuple[Achievement, ...] = ()
    shelf: Shelf | None = None
    answers: list[Answer[object]] = field(default_factory=list[Answer[object]])
    error: ProviderError | None = None

    def status(self) -> Status:
        """What became of this account's source."""
        error = self.error or (self.titles.error if self.titles else None)
        if error is not None:
            return failed(self.account.source, error)
        listed = self.titles.answers if self.titles else []
        return answered(self.account.source, [*listed, *self.answers])


@dataclass
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
        async for position, entry in self._walk(state, after):
            if len(entries) == first:
                more = True
                break
            entries.append((position, entry))
            if len(entries) == first and (more := self._surely_more(state)):
                break
        shown = await self._completed([entry for _, entry in entries], reveal=reveal)
        numbered = [(position, entry) for (position, _), entry in zip(entries, shown, strict=True)]
        return Page(numbered, more, [strand.status() for strand in self.strands])

    async def _walk(
        self, state: AchievementState, after: Position | None
    ) -> AsyncGenerator[tuple[Position, Entry]]:
        phase, place = (after[0], after[1:]) if after else (EARNED_PHASE, None)
        if state is not AchievementState.LOCKED and phase == EARNED_PHASE:
            async for entry in self._earned(place):
                yield (EARNED_PHASE, *entry.key), entry
        if state is not AchievementState.EARNED:
            for strand in self.strands:
                if strand.titles is not None:
                    strand.titles.taken = 0
            async for entry in self._locked(place if phase == LOCKED_PHASE else None):
                yield (LOCKED_PHASE, *entry.key), entry

    async def _earned(self, after: EntryKey | None) -> AsyncGenerator[Entry]:
        opened = [
            entry
            for strand in self.strands
            for entry in _entries(strand.shelf, None, strand.loose, after)
        ]
        heapq.heapify(opened)
        lists = [strand for strand in self.strands if strand.titles is not None]
        await asyncio.gather(*(_skip_empty(strand) for strand in lists))
        while True:
            strand, bound = await _nearest(lists)
            if opened and (bound is None or opened[0].key < (*bound, "")):
                yield heapq.heappop(opened)
            elif strand is not None:
                for entry in await self._open(strand, after):
                    heapq.heappush(opened, entry)
                await _skip_empty(strand)
            else:
                return

    async def _open(self, strand: Strand, after: EntryKey | None) -> list[Entry]:
        row = await _head(strand)
        if row is None:
            return []
        _titles(strand).take()
        achievements = await self._contents(strand, row, Part.EARNED)
        return _entries(row.shelf, row.title, achievements, after)

    async def _contents(self, strand: Strand, row: Row, wanted: Part) -> tuple[Achievement, ...]:
        try:
            found = await contents(self.context, row.shelf, row.title, wanted)
        except NotFound:
            return ()
        except ProviderError as error:
            # What this account has shown so far stands; its status says that more is missing.
            strand.error = strand.error or error
            _titles(strand).stop()
            return ()
        return found.achievements or ()

    async def _locked(self, after: EntryKey | None) -> AsyncGenerator[Entry]:
        strands = {id(strand.titles): strand for strand in self.strands if strand.titles}
        async for row in merged([_titles(strand) for strand in strands.values()]):
            if (after and row.key < after[:3]) or _finished(row.title):
                continue
            strand = next(each for each in strands.values() if row.shelf == each.shelf)
            achievements = await self._contents(strand, row, Part.EARNED | Part.DEFINITIONS)
            for entry in _remaining(row.key, row.shelf, row.title, achievements, after):
                yield entry
        for strand in self.strands:
            key = (UNKNOWN, ORDER[strand.account.source], "")
            if strand.shelf is not None and not (after and key < after[:3]):
                for entry in _remaining(key, strand.shelf, None, strand.loose, after):
                    yield entry

    async def _completed(self, entries: list[Entry], *, reveal: bool) -> list[Entry]:
        """The entries with their definitions, fetched for the titles on the page and no others."""

        async def complete(entry: Entry) -> Entry:
            achievement = entry.achievement
            if entry.title is not None and self.wanted:
                achievement = await self._joined(entry) or achievement
            shown = achievement if reveal else masked(achievement)
            return Entry(entry.key, entry.shelf, entry.title, shown)

        return list(await asyncio.gather(*map(complete, entries)))

    async def _joined(self, entry: Entry) -> Achievement | None:
        if entry.title is None:
            return None
        try:
            found = await contents(
                self.context, entry.shelf, entry.title, self.wanted | Part.EARNED
            )
        except ProviderError as error:
            strand = next(each for each in self.strands if each.shelf == entry.shelf)
            strand.error = strand.error or error
            return None
        wanted = entry.achievement.native_id
        return next((each for each in found.achievements or () if each.native_id == wanted), None)

    def _surely_more(self, state: AchievementState) -> bool:
        """Whether an unopened title must hold an earned entry, so that none has to be opened."""
        if state is AchievementState.LOCKED:
            return False
        unopened = (
            row
            for strand in self.strands
            if strand.titles and not strand.error
            for row in strand.titles.rows[strand.titles.taken :]
        )
        return any((row.title.earned_count or 0) > 0 for row in unopened)


async def timeline(context: Context, accounts: Sequence[Account], wanted: Part) -> Timeline:
    """The timeline over the accounts whose sources have achievements."""
    able = [account for account in accounts if can_earn(context, account.source)]
    strands = await asyncio.gather(*(_strand(context, account) for account in able))
    return Timeline(context, list(strands), wanted)


async def _strand(context: Context, account: Account) -> Strand:
    strand = Strand(account)
    try:
        strand.shelf = await shelf_of(context, account)
        if isinstance(context.loaders.client(account.source), HasTitles):
            strand.titles = TitleList(context, strand.shelf)
        else:
            answer = await context.loaders.achievements(account.source, account.handle)
            strand.loose = answer.value
            strand.answers.append(answer)
    except ProviderError as error:
        strand.error = error
    return strand


async def _head(strand: Strand) -> Row | None:
    return await strand.titles.head() if strand.titles and not strand.error else None


async def _skip_empty(strand: Strand) -> None:
    """Step over titles in which nothing is earned."""
    while (row := await _head(strand)) is not None and row.title.earned_count == 0:
        _titles(strand).take()


async def _nearest(strands: list[Strand]) -> tuple[Strand | None, tuple[float, int, str] | None]:
    heads = [(head.key, strand) for strand in strands if (head := await _head(strand)) is not None]
    if not heads:
        return None, None
    key, strand = min(heads, key=lambda pair: pair[0])
    return strand, key


def _titles(strand: Strand) -> TitleList:
    if strand.titles is None:
        raise AssertionError(strand.account.source.name)
    return strand.titles


def _entries(
    shelf: Shelf | None,
    title: Title | None,
    achievements: Sequence[Achievement],
    after: EntryKey | None,
) -> list[Entry]:
    if shelf is None:
        return []
    place = (ORDER[shelf.source], title.native_id if title else "")
    entries = [
        Entry((moment(each.earned_at), *place, each.native_id), shelf, title, each)
        for each in achievements
        if each.earned
    ]
    return [entry for entry in entries if after is None or entry.key > after]


def _remaining(
    key: tuple[float, int, str],
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


def can_earn(context: Context, source: Source) -> bool:
    """Whether a source has achievements at all."""
    loaders = context.loaders
    return loaders.can(source, HasTitles) or loaders.can(source, HasAchievements)
