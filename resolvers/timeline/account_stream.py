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
from providers.kit.caching.cached import Cached
from providers.records import Achievement, Part, Title, Unlock
from providers.registry import SOURCE_ORDER
from resolvers.context import AccountRef, Owner, ResolverContext
from resolvers.soft_timeout import wait_for_source
from resolvers.status import Status, make_error_status, make_status
from resolvers.title import get_contents, owner_of
from resolvers.title_list.title_list import SORTS_LAST, RowKey, TitleList, TitleRow, get_sort_time

T = TypeVar("T")

# time, source, title, achievement: unique in a timeline, smaller is earlier in it
EntryKey = tuple[float, int, str, str]


@dataclass(frozen=True, order=True)
class TimelineEntry:
    """An achievement in its place; a `partial` one lacks what only its title's contents tell."""

    key: EntryKey
    owner: Owner = field(compare=False)
    title: Title | None = field(compare=False)
    achievement: Achievement = field(compare=False)
    is_partial: bool = field(compare=False, default=False)


@dataclass(frozen=True)
class Candidate:
    """Something that may be opened: the smallest key in it, and how many entries it has at most."""

    bound: RowKey
    max_entries: int | None
    row: TitleRow | None = None


class RemainingEntries(Protocol):
    """What has not been fetched of an account."""

    async def start(self, after: EntryKey | None, /) -> list[TimelineEntry]:
        """What a page begins with, asked for before the first bound; the entries in it."""
        ...

    async def get_bound(self) -> RowKey | None:
        """The smallest key that anything in it can have; None when there is nothing."""
        ...

    async def open_next(self) -> list[TimelineEntry]:
        """The entries of the part with that bound."""
        ...

    def iterate_candidates(self) -> Iterator[Candidate]:
        """What is to be opened, in its order, as far as that is known."""
        ...

    def has_more(self) -> bool:
        """Whether something earned must be in it."""
        ...


@dataclass
class AccountStream:
    """An account, its titles, and what became of its source."""

    context: ResolverContext
    account: AccountRef
    with_progress: bool = True
    is_only_source: bool = True
    owner: Owner | None = None
    titles: TitleList | None = None
    remaining: RemainingEntries | None = None
    answers: list[Cached[object]] = field(default_factory=list[Cached[object]])
    error: ProviderError | None = None
    _untitled: "asyncio.Task[tuple[Achievement, ...]] | None" = None
    _timeouts: dict[RowKey, ProviderError] = field(default_factory=dict[RowKey, ProviderError])

    @classmethod
    async def create(
        cls,
        context: ResolverContext,
        account: AccountRef,
        *,
        unlocks_only: bool,
        with_progress: bool,
        needs_ids: bool,
        is_only_source: bool,
    ) -> "AccountStream":
        """Begin with an account; a `thin` question is answered by unlocks without their titles.

        `named` says whether any id is asked for, `progress` whether that of loose achievements,
        `alone` that no other account needs time, too.
        """
        stream = cls(context, account, with_progress, is_only_source)
        try:
            await stream._start(unlocks_only=unlocks_only, needs_ids=needs_ids)
        except ProviderError as error:
            stream.error = error
        return stream

    @property
    def source_index(self) -> int:
        """The source's place among all sources, the second part of keys."""
        return SOURCE_ORDER[self.account.source]

    @property
    def is_incomplete(self) -> bool:
        """Whether something of it is missing."""
        return self.error is not None or (self.titles is not None and self.titles.is_incomplete)

    def get_status(self) -> Status:
        """What became of this account's source."""
        error = self.error or (self.titles.error if self.titles else None)
        if error is not None:
            return make_error_status(self.account.source, error)
        page_answers = self.titles.answers if self.titles else []
        return make_status(self.account.source, [*page_answers, *self.answers])

    def stop(self, error: ProviderError) -> None:
        """What this account has shown so far stands; its status says that more is missing."""
        self.error = self.error or error
        self.remaining = None
        if self.titles is not None:
            self.titles.stop()

    async def wait_for_source(self, awaitable: Awaitable[T]) -> T:
        """What is wanted of the account's source, while it leaves time for the others."""
        return await wait_for_source(
            self.account.source, awaitable, is_only_source=self.is_only_source
        )

    async def prefetch(self, row: TitleRow, parts: Part) -> None:
        """Ask for what a title's turn will need; a failure is told then."""
        try:
            await self.wait_for_source(get_contents(self.context, row.owner, row.title, parts))
        except TimedOut as error:
            self._timeouts[row.key] = error  # nor is it waited for once more
        except ProviderError:
            pass

    async def get_achievements(self, row: TitleRow, parts: Part) -> tuple[Achievement, ...]:
        """A title's achievements; none when the player never had it, or its source failed."""
        try:
            if row.key in self._timeouts:
                raise self._timeouts[row.key]
            found = await self.wait_for_source(
                get_contents(self.context, row.owner, row.title, parts)
            )
        except NotFound:
            return ()
        except ProviderError as error:
            self.stop(error)
            return ()
        return found.achievements or ()

    def load_untitled(self) -> "asyncio.Task[tuple[Achievement, ...]]":
        """What belongs to no title, where the source has such; asked for once, at once."""
        if self._untitled is None:
            self._untitled = asyncio.create_task(self._fetch_untitled())
        return self._untitled

    async def wait_for_untitled(self) -> None:
        """Be back when it is known what became of all that was asked for."""
        if self._untitled is not None:
            await self._untitled

    async def _fetch_untitled(self) -> tuple[Achievement, ...]:
        source, loaders = self.account.source, self.context.loaders
        if self.owner is None or not loaders.has_capability(source, HasAchievements):
            return ()
        try:
            answer = await self.wait_for_source(
                loaders.load_achievements(source, self.account.handle, progress=self.with_progress)
            )
        except ProviderError as error:
            self.error = self.error or error
            return ()
        self.answers.append(answer)
        return answer.value

    async def _start(self, *, unlocks_only: bool, needs_ids: bool) -> None:
        client = self.context.loaders.get_client(self.account.source)
        prefetch_list = isinstance(client, HasTitles) and not isinstance(client, HasUnlockHistory)
        self.owner = await self.wait_for_source(
            owner_of(self.context, self.account, needs_ids=needs_ids, prefetch_list=prefetch_list)
        )
        if isinstance(client, HasTitles):
            self.titles = TitleList(self.context, self.owner, self.is_only_source)
            self.remaining = TitleStream(self, self.titles)
        if isinstance(client, HasUnlockHistory):
            self.remaining = UnlockStream(self, self.owner, unlocks_only)


@dataclass
class TitleStream:
    """Titles nobody has looked into yet, last updated first."""

    account_stream: AccountStream
    titles: TitleList

    async def start(self, _after: EntryKey | None, /) -> list[TimelineEntry]:
        """The first page of the list; what is in its titles is for later."""
        await self.titles.peek()
        return []

    async def get_bound(self) -> RowKey | None:
        """The next title's own key, those in which nothing is earned stepped over."""
        while (row := await self.titles.peek()) is not None and row.title.earned_count == 0:
            self.titles.advance()
        return get_title_bound(row.key) if row else None

    async def open_next(self) -> list[TimelineEntry]:
        """What is earned in the next title."""
        row = await self.titles.peek()
        if row is None:
            return []
        self.titles.advance()
        found = await self.account_stream.get_achievements(row, Part.EARNED)
        clamp_to = get_clamp_time(row.key, row.title, found)
        return build_earned_entries(row.owner, row.title, found, is_partial=True, clamp_to=clamp_to)

    def iterate_candidates(self) -> Iterator[Candidate]:
        """The titles listed so far."""
        candidates = iterate_title_candidates(self.titles, count_earned)
        return (replace(part, bound=get_title_bound(part.bound)) for part in candidates)

    def has_more(self) -> bool:
        """Whether a listed title says that something is earned in it."""
        return any(each.max_entries for each in self.iterate_candidates())


@dataclass
class UnlockStream:
    """Unlocks by time, a stretch after the other, whatever titles they are of."""

    account_stream: AccountStream
    owner: Owner
    unlocks_only: bool
    bound_time: float | None = float("-inf")
    seen_titles: dict[str, Title] = field(default_factory=dict[str, Title])
    _seen_ids: set[str] = field(default_factory=set[str])

    async def start(self, after: EntryKey | None, /) -> list[TimelineEntry]:
        """The stretch that the page begins in: nothing of the page can come before it."""
        if after is not None and after[0] < SORTS_LAST:
            self.bound_time = after[0]
        return await self.open_next()

    async def get_bound(self) -> RowKey | None:
        """Where the last stretch reaches."""
        return (
            None
            if self.bound_time is None
            else (self.bound_time, SOURCE_ORDER[self.owner.source], "")
        )

    async def open_next(self) -> list[TimelineEntry]:
        """The next stretch."""
        try:
            loaders = self.account_stream.context.loaders
            answer = await self.account_stream.wait_for_source(
                loaders.load_unlock_history(
                    self.owner.source, self.owner.request_handle, self._get_before()
                )
            )
        except ProviderError as error:
            self.account_stream.stop(error)
            return []
        page = answer.value
        self.account_stream.answers.append(answer)
        self.bound_time = None if page.next_before is None else get_sort_time(page.next_before)
        return [entry for unlock in page.unlocks for entry in self._build_entries(unlock)]

    def iterate_candidates(self) -> Iterator[Candidate]:
        """The next stretch, however much is in it."""
        if self.bound_time is not None:
            yield Candidate((self.bound_time, SOURCE_ORDER[self.owner.source], ""), None)

    def has_more(self) -> bool:
        """Unlocks beyond a stretch are only guessed at."""
        return False

    def _build_entries(self, unlock: Unlock) -> list[TimelineEntry]:
        native_id = unlock.achievement.native_id
        if native_id in self._seen_ids:
            return []  # earned again in hardcore since, and shown as that
        self._seen_ids.add(native_id)
        title = self.seen_titles.setdefault(unlock.title.native_id, unlock.title)
        if not self.unlocks_only:  # what is told of a title here would pass for all there is
            title = Title(native_id=title.native_id, earned_version=title.earned_version)
        return build_earned_entries(
            self.owner, title, [unlock.achievement], is_partial=not self.unlocks_only
        )

    def _get_before(self) -> float | None:
        return None if self.bound_time in (None, float("-inf")) else -self.bound_time


def get_title_bound(key: RowKey) -> RowKey:
    """What nothing in a title comes before; where no time tells, anything may be in it."""
    return (-SORTS_LAST, *key[1:]) if key[0] == SORTS_LAST else key


def get_clamp_time(key: RowKey, title: Title, achievements: Iterable[Achievement]) -> float:
    """The time of what is newest in a title: its own, where no more is earned than its row counts.

    Where more is, it was earned since the title was listed.
    """
    earned = sum(bool(each.earned) for each in achievements)
    listed_count = title.earned_count
    return (
        get_title_bound(key)[0]
        if listed_count is not None and earned <= listed_count
        else -SORTS_LAST
    )


def iterate_title_candidates(
    titles: TitleList, count_entries: Callable[[Title], int | None]
) -> Iterator[Candidate]:
    """The titles not yet stepped over that may hold something, and where no more are known."""
    for row in titles.rows[titles.position :]:
        if (max_entries := count_entries(row.title)) != 0:
            yield Candidate(row.key, max_entries, row)
    if titles.rows and not titles.is_fully_read:
        yield Candidate(titles.rows[-1].key, None)


def titles_to_prefetch(
    remaining: Iterable[Iterable[Candidate]], needed: int, opened: Sequence[TimelineEntry] = ()
) -> list[Candidate]:
    """The next part, and those before which there cannot be as many entries as are lacking."""
    selected: list[Candidate] = []
    max_entries = 0
    for part in heapq.merge(*remaining, key=lambda candidate: candidate.bound):
        sooner = sum(entry.key < (*part.bound, "") for entry in opened)
        if selected and sooner + max_entries >= needed:
            break
        selected.append(part)
        if part.max_entries is None:
            break
        max_entries += part.max_entries
    return selected


async def prefetch_contents(
    streams: Sequence[AccountStream], candidates: Iterable[Candidate], parts: Part
) -> None:
    """Fetch the contents of several titles at once; a failure is told when a title's turn comes."""
    rows = [part.row for part in candidates if part.row is not None]
    await asyncio.gather(*(find_stream(streams, row).prefetch(row, parts) for row in rows))


def find_stream(streams: Sequence[AccountStream], row: TitleRow) -> AccountStream:
    """The account that a title is of."""
    return next(each for each in streams if each.source_index == row.key[1])


def count_earned(title: Title) -> int | None:
    """How many entries a title has that are earned."""
    return title.earned_count


def count_locked(title: Title) -> int | None:
    """How many entries a title has that are still open; unknown when the counts contradict."""
    if title.achievement_count is None or title.earned_count is None:
        return None
    locked_count = title.achievement_count - title.earned_count
    return locked_count if locked_count >= 0 else None


def build_earned_entries(
    owner: Owner,
    title: Title | None,
    achievements: Iterable[Achievement],
    *,
    is_partial: bool = False,
    clamp_to: float = -SORTS_LAST,
) -> list[TimelineEntry]:
    """What is earned, in its places: the `first` of them is that of the title.

    What a clock that was wrong has dated after that would otherwise come when its place is over.
    """
    key_part = (SOURCE_ORDER[owner.source], title.native_id if title else "")
    earned = (
        (max(get_sort_time(each.earned_at), clamp_to), each) for each in achievements if each.earned
    )
    return [
        TimelineEntry((time, *key_part, each.native_id), owner, title, each, is_partial)
        for time, each in earned
    ]
