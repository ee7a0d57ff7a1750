"""The titles that a user has played over all sources, last played first.

The lists of the sources are read page by page, no further than the page of the graph needs. Where a
source lists builds of games, only the builds that are needed are looked up, several in one call. A
cursor has the digest of the titles that were shown, so that a title that is played again meanwhile
is neither missed nor shown twice.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from providers.capabilities import HasPlayedTitles, HasPresence, has_capability
from providers.errors import Missing, ProviderError
from providers.records import Part, Title
from providers.registry import Source
from resolvers.context import AccountRef, ResolverContext
from resolvers.loaders import ME
from resolvers.pagination import Page, RowPosition, count_before, list_unseen
from resolvers.people import get_game_titles
from resolvers.played_list import PlayedEntry, PlayedList, PlayedRow
from resolvers.soft_timeout import wait_for_source
from resolvers.status import Status, make_error_status
from resolvers.title import find_listed_title, owner_of
from resolvers.title_facts import load_title_facts

Titles = tuple[Title, ...]


@dataclass
class MergedLists:
    """The lists of all accounts as one, with the titles of the rows that were looked up."""

    context: ResolverContext
    lists: Sequence[PlayedList]
    found: dict[tuple[Source, str], Titles] = field(
        default_factory=dict[tuple[Source, str], Titles]
    )

    async def read(self, count: int) -> dict[str, PlayedEntry]:
        """Return at least so many entries by their ids, in order; fewer if there are no more."""
        while True:
            entries, unknown = self._collect(count)
            if unknown:
                await asyncio.gather(*map(self._look_up, unknown))
            elif len(entries) >= count or not await self._read_more():
                return entries

    def _collect(self, count: int) -> tuple[dict[str, PlayedEntry], list[PlayedRow]]:
        """Return the entries, or the rows that must be looked up before there can be so many."""
        entries: dict[str, PlayedEntry] = {}
        unknown: list[PlayedRow] = []
        for row in self._iterate_certain():
            if len(entries) + len(unknown) >= count:
                break
            titles = (row.played.title,) if row.played.title else self.found.get(row.row_id)
            if titles is None:
                unknown.append(row)
            for title in titles or ():
                entry = PlayedEntry(row.played_list.owner, title, row.played)
                entries.setdefault(entry.id, entry)
        return entries, unknown

    def _iterate_certain(self) -> Iterator[PlayedRow]:
        """Yield the rows before which no unread page can have another one, in order."""
        rows = (row for each in self.lists for row in each.iterate_rows())
        end = min((each.end for each in self.lists if each.end is not None), default=None)
        for row in sorted(rows, key=lambda each: each.key):
            if end is not None and row.key > end:
                return
            yield row

    async def _read_more(self) -> bool:
        """Read a page of the list that ends first; return False if all are read."""
        ends = [(each.end, each) for each in self.lists]
        nearest = min((end for end, _ in ends if end is not None), default=None)
        if nearest is None:
            return False
        # At first, these are all lists.
        await asyncio.gather(*(each.read_next() for end, each in ends if end == nearest))
        return True

    async def _look_up(self, row: PlayedRow) -> None:
        played_list, self.found[row.row_id] = row.played_list, ()
        source = played_list.source
        account = AccountRef(source, played_list.owner.request_handle)
        pending = get_game_titles(self.context, account, row.played.product_id or "")
        try:
            titles = await wait_for_source(
                source, pending, is_only_source=played_list.is_only_source
            )
        except ProviderError as error:
            played_list.stop(error)
        else:
            self.found[row.row_id] = titles or ()


async def get_recently_played(
    context: ResolverContext,
    accounts: Sequence[AccountRef],
    first: int,
    after: RowPosition | None,
    *,
    needs_ids: bool,
) -> Page[PlayedEntry]:
    """Return a page of the played titles of all accounts; `needs_ids` means an id is selected."""
    supported = [
        each for each in accounts if context.loaders.has_capability(each.source, HasPlayedTitles)
    ]
    is_only_source = len(supported) == 1
    needs_ids = needs_ids or context.viewer.is_profile
    results = await asyncio.gather(
        *(
            _open_list(context, account, needs_ids=needs_ids, is_only_source=is_only_source)
            for account in supported
        )
    )
    lists = [each for each in results if isinstance(each, PlayedList)]
    rows = await _read_rows(MergedLists(context, lists), first, after)
    totals = [each.total if isinstance(each, PlayedList) else None for each in results]
    known = [each for each in totals if each is not None]
    total = sum(known) if totals and len(known) == len(totals) else None
    statuses = [
        _make_status(account, each) for account, each in zip(supported, results, strict=True)
    ]
    shown = await _select_shown(context, rows[:first])
    return Page(shown, len(rows) > first, total, statuses)


async def is_running(context: ResolverContext, entry: PlayedEntry) -> bool | None:
    """Return whether a title is played right now; None if the source does not tell it."""
    source = entry.owner.source
    if not context.loaders.has_capability(source, HasPresence):
        return None
    try:
        found = await context.loaders.load_presence(source, entry.owner.request_handle)
    except Missing:
        return None
    presence = found.value
    if presence is None or presence.is_online is None:
        return None
    return presence.running_id == entry.running_id


async def load_play_duration(context: ResolverContext, entry: PlayedEntry) -> int | None:
    """Return how long a title was played, in seconds; None if the source does not tell it."""
    if entry.played.play_duration_seconds is not None:
        return entry.played.play_duration_seconds
    part = Part.PLAY_DURATION
    found = await load_title_facts(context, entry.owner, entry.title, part, part)
    return found and found.play_duration_seconds


async def complete_title(
    context: ResolverContext, entry: PlayedEntry, attributes: frozenset[str], *, with_counts: bool
) -> Title:
    """Return the title with these attributes, from the account's list if only that has them.

    A title that the list lacks, or a list that fails, leaves them unknown.
    """
    title = _add_times(entry.title, entry)
    client = context.loaders.get_client(entry.owner.source)
    if not has_capability(client, HasPlayedTitles):
        return title
    if not attributes & client.list_absent_attributes():
        return title
    try:
        listed = await find_listed_title(
            context, entry.owner, title.native_id, with_counts=with_counts
        )
    except ProviderError:
        return title
    return title if listed is None else _add_times(listed, entry)


def _add_times(title: Title, entry: PlayedEntry) -> Title:
    played = entry.played
    return replace(
        title,
        last_played_at=title.last_played_at or played.last_played_at,
        play_duration_seconds=played.play_duration_seconds
        if title.play_duration_seconds is None
        else title.play_duration_seconds,
    )


async def _read_rows(
    merged: MergedLists, first: int, after: RowPosition | None
) -> list[tuple[RowPosition, PlayedEntry]]:
    """Return the rows after a cursor, one more than the page has, if there is one."""
    entries: dict[str, PlayedEntry] = {}
    more = first + 1
    while True:
        wanted = count_before(entries, after) + more
        entries = await merged.read(wanted)
        rows = list_unseen(entries, after)
        if len(rows) > first or len(entries) < wanted:
            return rows
        more += first


async def _select_shown(
    context: ResolverContext, rows: list[tuple[RowPosition, PlayedEntry]]
) -> list[tuple[RowPosition, PlayedEntry]]:
    """Leave out of a public profile what its owner has hidden, which these lists do not tell."""
    if not context.viewer.is_profile:
        return rows
    are_shown = await asyncio.gather(*(_is_shown(context, entry) for _, entry in rows))
    return [row for row, is_shown in zip(rows, are_shown, strict=True) if is_shown]


async def _is_shown(context: ResolverContext, entry: PlayedEntry) -> bool:
    """Return whether the list of titles has a title; of other accounts it is not needed."""
    owner = entry.owner
    if context.loaders.get_client(owner.source).own_handle != ME:
        return True
    try:
        if owner.account_id != await context.loaders.load_account_id(owner.source, ME):
            return True
        return await find_listed_title(context, owner, entry.title.native_id) is not None
    except ProviderError:
        return False


async def _open_list(
    context: ResolverContext, account: AccountRef, *, needs_ids: bool, is_only_source: bool
) -> PlayedList | ProviderError:
    pending = owner_of(context, account, needs_ids=needs_ids)
    try:
        owner = await wait_for_source(account.source, pending, is_only_source=is_only_source)
    except ProviderError as error:
        return error
    return PlayedList(context, owner, is_only_source)


def _make_status(account: AccountRef, result: PlayedList | ProviderError) -> Status:
    if isinstance(result, PlayedList):
        return result.get_status()
    return make_error_status(account.source, result)
