"""The unread entries of an account: by its titles, or by its unlock history."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from providers.capabilities import HasTitles, HasUnlockHistory
from providers.errors import ProviderError
from providers.records import ALL_TIME, Part, Period, Title, Unlock
from providers.registry import SOURCE_ORDER
from resolvers.context import AccountRef, Owner, ResolverContext
from resolvers.timeline.account_stream import AccountStream
from resolvers.timeline.entry import (
    Candidate,
    EntryKey,
    TimelineEntry,
    build_earned_entries,
    count_earned,
    get_clamp_time,
    get_title_bound,
    iterate_title_candidates,
)
from resolvers.title import owner_of
from resolvers.title_list.title_list import SORTS_LAST, RowKey, TitleList, get_sort_time


async def open_stream(
    context: ResolverContext,
    account: AccountRef,
    *,
    unlocks_only: bool,
    with_progress: bool,
    needs_ids: bool,
    is_only_source: bool,
    period: Period = ALL_TIME,
) -> AccountStream:
    """Open the stream of an account; a failure of its source is kept in `error`.

    `unlocks_only` means that unlocks have all selected fields without their titles, and
    `with_progress` that the progress of achievements without a title is selected. The only source
    may use all of the operation's time. Unlocks outside of the period may be missing.
    """
    stream = AccountStream(context, account, with_progress, is_only_source)
    try:
        await _start_stream(stream, period, unlocks_only=unlocks_only, needs_ids=needs_ids)
    except ProviderError as error:
        stream.error = error
    return stream


async def _start_stream(
    stream: AccountStream, period: Period, *, unlocks_only: bool, needs_ids: bool
) -> None:
    client = stream.context.loaders.get_client(stream.account.source)
    prefetch_list = isinstance(client, HasTitles) and not isinstance(client, HasUnlockHistory)
    owner = await stream.wait_for_source(
        owner_of(stream.context, stream.account, needs_ids=needs_ids, prefetch_list=prefetch_list)
    )
    stream.owner = owner
    if isinstance(client, HasTitles):
        stream.titles = TitleList(stream.context, owner, stream.is_only_source)
        stream.remaining = TitleStream(stream, stream.titles)
    if isinstance(client, HasUnlockHistory):
        stream.remaining = UnlockStream(stream, owner, unlocks_only, period)


@dataclass
class TitleStream:
    """The remaining entries of an account without an unlock history: unopened titles."""

    account_stream: AccountStream
    titles: TitleList

    async def start(self, _after: EntryKey | None, /) -> list[TimelineEntry]:
        """Read the first page of the list, without opening a title."""
        await self.titles.peek()
        return []

    async def get_bound(self) -> RowKey | None:
        """Return the bound of the next title with an earned achievement."""
        while (row := await self.titles.peek()) is not None and row.title.earned_count == 0:
            self.titles.advance()
        return get_title_bound(row.key) if row else None

    async def open_next(self) -> list[TimelineEntry]:
        """Return the earned achievements of the next title."""
        row = await self.titles.peek()
        if row is None:
            return []
        self.titles.advance()
        found = await self.account_stream.get_achievements(row, Part.EARNED)
        clamp_to = get_clamp_time(row.key, row.title, found)
        return build_earned_entries(row.owner, row.title, found, is_partial=True, clamp_to=clamp_to)

    def iterate_candidates(self) -> Iterator[Candidate]:
        """Yield the titles that have been listed."""
        candidates = iterate_title_candidates(self.titles, count_earned)
        return (replace(each, bound=get_title_bound(each.bound)) for each in candidates)

    def has_more(self) -> bool:
        """Return whether a listed title counts an earned achievement."""
        return any(each.max_entries for each in self.iterate_candidates())


@dataclass
class UnlockStream:
    """The remaining entries of an account with an unlock history: pages of unlocks by time."""

    account_stream: AccountStream
    owner: Owner
    unlocks_only: bool
    period: Period = ALL_TIME
    bound_time: float | None = float("-inf")
    seen_titles: dict[str, Title] = field(default_factory=dict[str, Title])
    _seen_ids: set[str] = field(default_factory=set[str])

    async def start(self, after: EntryKey | None, /) -> list[TimelineEntry]:
        """Read the page of unlocks that contains the position; no later entry is before it."""
        if after is not None and after[0] < SORTS_LAST:
            self.bound_time = after[0]
        return await self.open_next()

    async def get_bound(self) -> RowKey | None:
        """Return the end of the last page of unlocks."""
        return (
            None
            if self.bound_time is None
            else (self.bound_time, SOURCE_ORDER[self.owner.source], "")
        )

    async def open_next(self) -> list[TimelineEntry]:
        """Read the next page of unlocks."""
        try:
            loaders = self.account_stream.context.loaders
            answer = await self.account_stream.wait_for_source(
                loaders.load_unlock_history(
                    self.owner.source, self.owner.request_handle, self._get_before(), self.period
                )
            )
        except ProviderError as error:
            self.account_stream.stop(error)
            return []
        page = answer.value
        self.account_stream.answers.append(answer)
        self.account_stream.has_gaps |= not page.is_complete
        self.bound_time = None if page.next_before is None else get_sort_time(page.next_before)
        return [entry for unlock in page.unlocks for entry in self._build_entries(unlock)]

    def iterate_candidates(self) -> Iterator[Candidate]:
        """Yield the next page of unlocks, of unknown length."""
        if self.bound_time is not None:
            yield Candidate((self.bound_time, SOURCE_ORDER[self.owner.source], ""), None)

    def has_more(self) -> bool:
        """Return False: the next page of unlocks can be empty."""
        return False

    def _build_entries(self, unlock: Unlock) -> list[TimelineEntry]:
        native_id = unlock.achievement.native_id
        if native_id in self._seen_ids:
            return []  # a softcore unlock that was earned again in hardcore since
        self._seen_ids.add(native_id)
        title = self.seen_titles.setdefault(unlock.title.native_id, unlock.title)
        if not self.unlocks_only:  # the few fields of this title would pass for a complete one
            title = Title(native_id=title.native_id, earned_version=title.earned_version)
        return build_earned_entries(
            self.owner, title, [unlock.achievement], is_partial=not self.unlocks_only
        )

    def _get_before(self) -> float | None:
        return None if self.bound_time in (None, float("-inf")) else -self.bound_time
