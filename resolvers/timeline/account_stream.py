"""One account's part in a timeline, and the ways to more of it.

Whatever an account still holds unseen is bounded: nothing in a title is newer than the title, and
nothing beyond a stretch of unlocks is newer than where it reaches.
"""

import asyncio
import heapq
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeVar

from providers.capabilities import HasAchievements, HasTitles, HasUnlockHistory
from providers.errors import NotFound, ProviderError, TimedOut
from providers.kit.caching.cached import Answer
from providers.records import Achievement, Part, Title, Unlock
from providers.registry import ORDER
from resolvers.context import Account, Context, Shelf
from resolvers.soft_timeout import in_time
from resolvers.status import Status, answered, failed
from resolvers.title import contents, shelf_of
from resolvers.title_list.title_list import UNKNOWN, Key, Row, TitleList, moment

T = TypeVar("T")

# time, source, title, achievement: unique in a timeline, smaller is earlier in it
EntryKey = tuple[float, int, str, str]


@dataclass(frozen=True, order=True)
class Entry:
    """An achievement in its place; a `partial` one lacks what only its title's contents tell."""

    key: EntryKey
    shelf: Shelf = field(compare=False)
    title: Title | None = field(compare=False)
    achievement: Achievement = field(compare=False)
    partial: bool = field(compare=False, default=False)


@dataclass(frozen=True)
class Ahead:
    """Something that may be opened: the smallest key in it, and how many entries it has at most."""

    bound: Key
    most: int | None
    row: Row | None = None


class Unseen(Protocol):
    """What has not been fetched of an account."""

    async def begin(self, after: EntryKey | None, /) -> list[Entry]:
        """What a page begins with, asked for before the first bound; the entries in it."""
        ...

    async def bound(self) -> Key | None:
        """The smallest key that anything in it can have; None when there is nothing."""
        ...

    async def open(self) -> list[Entry]:
        """The entries of the part with that bound."""
        ...

    def ahead(self) -> Iterator[Ahead]:
        """What is to be opened, in its order, as far as that is known."""
        ...

    def surely_more(self) -> bool:
        """Whether something earned must be in it."""
        ...


@dataclass
class Strand:
    """An account, its titles, and what became of its source."""

    context: Context
    account: Account
    progress: bool = True
    alone: bool = True
    shelf: Shelf | None = None
    titles: TitleList | None = None
    unseen: Unseen | None = None
    answers: list[Answer[object]] = field(default_factory=list[Answer[object]])
    error: ProviderError | None = None
    _loose: "asyncio.Task[tuple[Achievement, ...]] | None" = None
    _late: dict[Key, ProviderError] = field(default_factory=dict[Key, ProviderError])

    @classmethod
    async def of(
        cls,
        context: Context,
        account: Account,
        *,
        thin: bool,
        progress: bool,
        named: bool,
        alone: bool,
    ) -> "Strand":
        """Begin with an account; a `thin` question is answered by unlocks without their titles.

        `named` says whether any id is asked for, `progress` whether that of loose achievements,
        `alone` that no other account needs time, too.
        """
        strand = cls(context, account, progress, alone)
        try:
            await strand._begin(thin=thin, named=named)
        except ProviderError as error:
            strand.error = error
        return strand

    @property
    def number(self) -> int:
        """The source's place among all sources, the second part of keys."""
        return ORDER[self.account.source]

    @property
    def broken(self) -> bool:
        """Whether something of it is missing."""
        return self.error is not None or (self.titles is not None and self.titles.broken)

    def status(self) -> Status:
        """What became of this account's source."""
        error = self.error or (self.titles.error if self.titles else None)
        if error is not None:
            return failed(self.account.source, error)
        listed = self.titles.answers if self.titles else []
        return answered(self.account.source, [*listed, *self.answers])

    def give_up(self, error: ProviderError) -> None:
        """What this account has shown so far stands; its status says that more is missing."""
        self.error = self.error or error
        self.unseen = None
        if self.titles is not None:
            self.titles.stop()

    async def in_time(self, wanted: Awaitable[T]) -> T:
        """What is wanted of the account's source, while it leaves time for the others."""
        return await in_time(self.account.source, wanted, alone=self.alone)

    async def fetch(self, row: Row, wanted: Part) -> None:
        """Ask for what a title's turn will need; a failure is told then."""
        try:
            await self.in_time(contents(self.context, row.shelf, row.title, wanted))
        except TimedOut as error:
            self._late[row.key] = error  # nor is it waited for once more
        except ProviderError:
            pass

    async def achievements(self, row: Row, wanted: Part) -> tuple[Achievement, ...]:
        """A title's achievements; none when the player never had it, or its source failed."""
        try:
            if row.key in self._late:
                raise self._late[row.key]
            found = await self.in_time(contents(self.context, row.shelf, row.title, wanted))
        except NotFound:
            return ()
        except ProviderError as error:
            self.give_up(error)
            return ()
        return found.achievements or ()

    def loose(self) -> "asyncio.Task[tuple[Achievement, ...]]":
        """What belongs to no title, where the source has such; asked for once, at once."""
        if self._loose is None:
            self._loose = asyncio.create_task(self._asked_loose())
        return self._loose

    async def settled(self) -> None:
        """Be back when it is known what became of all that was asked for."""
        if self._loose is not None:
            await self._loose

    async def _asked_loose(self) -> tuple[Achievement, ...]:
        source, loaders = self.account.source, self.context.loaders
        if self.shelf is None or not loaders.can(source, HasAchievements):
            return ()
        try:
            answer = await self.in_time(
                loaders.achievements(source, self.account.handle, progress=self.progress)
            )
        except ProviderError as error:
            self.error = self.error or error
            return ()
        self.answers.append(answer)
        return answer.value

    async def _begin(self, *, thin: bool, named: bool) -> None:
        client = self.context.loaders.client(self.account.source)
        listed = isinstance(client, HasTitles) and not isinstance(client, HasUnlockHistory)
        self.shelf = await self.in_time(
            shelf_of(self.context, self.account, named=named, listed=listed)
        )
        if isinstance(client, HasTitles):
            self.titles = TitleList(self.context, self.shelf, self.alone)
            self.unseen = UnopenedTitles(self, self.titles)
        if isinstance(client, HasUnlockHistory):
            self.unseen = UnseenUnlocks(self, self.shelf, thin)


@dataclass
class UnopenedTitles:
    """Titles nobody has looked into yet, last updated first."""

    strand: Strand
    titles: TitleList

    async def begin(self, _after: EntryKey | None, /) -> list[Entry]:
        """The first page of the list; what is in its titles is for later."""
        await self.titles.head()
        return []

    async def bound(self) -> Key | None:
        """The next title's own key, those in which nothing is earned stepped over."""
        while (row := await self.titles.head()) is not None and row.title.earned_count == 0:
            self.titles.take()
        return bound_of(row.key) if row else None

    async def open(self) -> list[Entry]:
        """What is earned in the next title."""
        row = await self.titles.head()
        if row is None:
            return []
        self.titles.take()
        found = await self.strand.achievements(row, Part.EARNED)
        first = first_in(row.key, row.title, found)
        return entries_of(row.shelf, row.title, found, partial=True, first=first)

    def ahead(self) -> Iterator[Ahead]:
        """The titles listed so far."""
        listed = titles_ahead(self.titles, earned_in)
        return (replace(part, bound=bound_of(part.bound)) for part in listed)

    def surely_more(self) -> bool:
        """Whether a listed title says that something is earned in it."""
        return any(each.most for each in self.ahead())


@dataclass
class UnseenUnlocks:
    """Unlocks by time, a stretch after the other, whatever titles they are of."""

    strand: Strand
    shelf: Shelf
    thin: bool
    reaches: float | None = float("-inf")
    seen: dict[str, Title] = field(default_factory=dict[str, Title])
    _ids: set[str] = field(default_factory=set[str])

    async def begin(self, after: EntryKey | None, /) -> list[Entry]:
        """The stretch that the page begins in: nothing of the page can come before it."""
        if after is not None and after[0] < UNKNOWN:
            self.reaches = after[0]
        return await self.open()

    async def bound(self) -> Key | None:
        """Where the last stretch reaches."""
        return None if self.reaches is None else (self.reaches, ORDER[self.shelf.source], "")

    async def open(self) -> list[Entry]:
        """The next stretch."""
        try:
            loaders = self.strand.context.loaders
            answer = await self.strand.in_time(
                loaders.unlock_history(self.shelf.source, self.shelf.asked, self._before())
            )
        except ProviderError as error:
            self.strand.give_up(error)
            return []
        stretch = answer.value
        self.strand.answers.append(answer)
        self.reaches = None if stretch.reaches is None else moment(stretch.reaches)
        return [entry for unlock in stretch.unlocks for entry in self._entries(unlock)]

    def ahead(self) -> Iterator[Ahead]:
        """The next stretch, however much is in it."""
        if self.reaches is not None:
            yield Ahead((self.reaches, ORDER[self.shelf.source], ""), None)

    def surely_more(self) -> bool:
        """Unlocks beyond a stretch are only guessed at."""
        return False

    def _entries(self, unlock: Unlock) -> list[Entry]:
        native_id = unlock.achievement.native_id
        if native_id in self._ids:
            return []  # earned again in hardcore since, and shown as that
        self._ids.add(native_id)
        title = self.seen.setdefault(unlock.title.native_id, unlock.title)
        if not self.thin:  # what is told of a title here would pass for all there is
            title = Title(native_id=title.native_id, earned_version=title.earned_version)
        return entries_of(self.shelf, title, [unlock.achievement], partial=not self.thin)

    def _before(self) -> float | None:
        return None if self.reaches in (None, float("-inf")) else -self.reaches


def bound_of(key: Key) -> Key:
    """What nothing in a title comes before; where no time tells, anything may be in it."""
    return (-UNKNOWN, *key[1:]) if key[0] == UNKNOWN else key


def first_in(key: Key, title: Title, achievements: Iterable[Achievement]) -> float:
    """The time of what is newest in a title: its own, where no more is earned than its row counts.

    Where more is, it was earned since the title was listed.
    """
    earned = sum(bool(each.earned) for each in achievements)
    counted = title.earned_count
    return bound_of(key)[0] if counted is not None and earned <= counted else -UNKNOWN


def titles_ahead(titles: TitleList, most: Callable[[Title], int | None]) -> Iterator[Ahead]:
    """The titles not yet stepped over that may hold something, and where no more are known."""
    for row in titles.rows[titles.taken :]:
        if (at_most := most(row.title)) != 0:
            yield Ahead(row.key, at_most, row)
    if titles.rows and not titles.ended:
        yield Ahead(titles.rows[-1].key, None)


def surely_opened(
    unseen: Iterable[Iterable[Ahead]], lacking: int, opened: Sequence[Entry] = ()
) -> list[Ahead]:
    """The next part, and those before which there cannot be as many entries as are lacking."""
    sure: list[Ahead] = []
    at_most = 0
    for part in heapq.merge(*unseen, key=lambda part: part.bound):
        sooner = sum(entry.key < (*part.bound, "") for entry in opened)
        if sure and sooner + at_most >= lacking:
            break
        sure.append(part)
        if part.most is None:
            break
        at_most += part.most
    return sure


async def fetched_together(strands: Sequence[Strand], parts: Iterable[Ahead], wanted: Part) -> None:
    """Fetch the contents of several titles at once; a failure is told when a title's turn comes."""
    rows = [part.row for part in parts if part.row is not None]
    await asyncio.gather(*(strand_of(strands, row).fetch(row, wanted) for row in rows))


def strand_of(strands: Sequence[Strand], row: Row) -> Strand:
    """The account that a title is of."""
    return next(each for each in strands if each.number == row.key[1])


def earned_in(title: Title) -> int | None:
    """How many entries a title has that are earned."""
    return title.earned_count


def left_in(title: Title) -> int | None:
    """How many entries a title has that are still open; unknown when the counts contradict."""
    if title.achievement_count is None or title.earned_count is None:
        return None
    left = title.achievement_count - title.earned_count
    return left if left >= 0 else None


def entries_of(
    shelf: Shelf,
    title: Title | None,
    achievements: Iterable[Achievement],
    *,
    partial: bool = False,
    first: float = -UNKNOWN,
) -> list[Entry]:
    """What is earned, in its places: the `first` of them is that of the title.

    What a clock that was wrong has dated after that would otherwise come when its place is over.
    """
    place = (ORDER[shelf.source], title.native_id if title else "")
    earned = ((max(moment(each.earned_at), first), each) for each in achievements if each.earned)
    return [
        Entry((time, *place, each.native_id), shelf, title, each, partial) for time, each in earned
    ]
