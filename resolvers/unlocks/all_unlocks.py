"""Everything that the accounts of a user have earned, read from as few titles as it takes.

The lists of titles tell how many achievements are earned in each of them. Only titles in which
something is earned are opened, the last updated first, and no more than a query allows. A source
with an unlock history needs no title for the times of its unlocks.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from providers.errors import TooCostly
from providers.records import ALL_TIME, Achievement, Part, Period
from resolvers.context import AccountRef, ResolverContext
from resolvers.status import Status
from resolvers.timeline.account_stream import AccountStream, find_stream
from resolvers.timeline.entry import (
    TimelineEntry,
    build_earned_entries,
    count_locked,
    get_last_time,
    start_at_period,
)
from resolvers.timeline.remaining import UnlockStream
from resolvers.timeline.timeline import Timeline, open_timeline
from resolvers.title_list.title_list import SORTS_LAST, TitleRow


@dataclass(frozen=True)
class UnlocksQuery:
    """What of the earned achievements is needed.

    `parts` are those of each title, and `node_parts` those of the achievements that are shown. At
    most `max_titles` are opened. What was earned outside of `period` can be left out.
    `unlocks_only` means that a history has all that is shown of an achievement, and `needs_all`
    that less than everything is of no use, and that it has to be known which titles are completed.
    """

    max_titles: int
    parts: Part = Part.EARNED
    node_parts: Part = Part.NONE
    period: Period = ALL_TIME
    needs_ids: bool = False
    unlocks_only: bool = True
    needs_all: bool = False

    @property
    def can_use_history(self) -> bool:
        """Whether an unlock history has all that is needed of an achievement."""
        return self.parts == Part.EARNED


@dataclass(frozen=True)
class AllUnlocks:
    """The earned achievements, in no order, and the titles whose achievements are not known.

    `rows` are the titles that were read of the lists. `unread` are those of them that were not
    opened although something is earned in them, `completed` those in which nothing is left.
    """

    timeline: Timeline
    entries: list[TimelineEntry]
    rows: list[TitleRow]
    unread: list[TitleRow]
    completed: list[TitleRow] = field(default_factory=list[TitleRow])

    @property
    def is_whole(self) -> bool:
        """Whether nothing is known to be missing of any source."""
        return all(stream.is_whole for stream in self.timeline.streams)

    def get_statuses(self) -> list[Status]:
        """Return the status of each source."""
        return [stream.get_status() for stream in self.timeline.streams]


@dataclass(frozen=True)
class OpenedTitle:
    """A title with its achievements; None if they could not be loaded."""

    row: TitleRow
    achievements: Sequence[Achievement] | None

    @property
    def is_completed(self) -> bool:
        """Whether all achievements are earned, and there are any."""
        return bool(self.achievements) and all(each.earned for each in self.achievements or ())

    def build_entries(self) -> list[TimelineEntry]:
        """Build the entries of the earned achievements."""
        title, found = self.row.title, self.achievements or ()
        return build_earned_entries(self.row.owner, title, found, is_partial=True)


async def read_unlocks(
    context: ResolverContext, accounts: Sequence[AccountRef], query: UnlocksQuery
) -> AllUnlocks:
    """Read what the accounts have earned; the status of a source says whether it has failed.

    Raise `TooCostly` if everything is needed, and more titles than allowed would have to be opened.
    """
    timeline = await _open(context, accounts, query)
    streams = timeline.streams
    histories = [
        stream for stream in streams if query.can_use_history and _get_history(stream) is not None
    ]
    listed = [stream for stream in streams if query.needs_all or stream not in histories]
    rows, untitled, past = await asyncio.gather(
        _read_all_rows(listed, query.period),
        _read_untitled(streams),
        _read_histories(histories, query.period),
    )
    in_histories = {stream.source_index for stream in histories}
    candidates = [
        row for row in rows if row.title.earned_count != 0 and row.key[1] not in in_histories
    ]
    candidates.sort(key=lambda row: row.key)
    if query.needs_all and len(candidates) > query.max_titles:
        raise _build_error(len(candidates), query.max_titles)
    opened = await _open_titles(streams, candidates[: query.max_titles], query.parts)
    in_history = [row for row in rows if row.key[1] in in_histories]
    return AllUnlocks(
        timeline,
        [*untitled, *past, *(entry for title in opened for entry in title.build_entries())],
        rows,
        [
            *(title.row for title in opened if title.achievements is None),
            *candidates[query.max_titles :],
        ],
        [
            *(title.row for title in opened if title.is_completed),
            *(row for row in in_history if count_locked(row.title) == 0),
        ],
    )


async def read_lists(
    context: ResolverContext, accounts: Sequence[AccountRef], query: UnlocksQuery
) -> AllUnlocks:
    """Read only what the lists of titles tell, and the achievements without a title."""
    timeline = await _open(context, accounts, query)
    rows, untitled = await asyncio.gather(
        _read_all_rows(timeline.streams, ALL_TIME), _read_untitled(timeline.streams)
    )
    uncounted = [row for row in rows if row.title.earned_count is None]
    return AllUnlocks(timeline, untitled, rows, uncounted)


async def _open(
    context: ResolverContext, accounts: Sequence[AccountRef], query: UnlocksQuery
) -> Timeline:
    return await open_timeline(
        context,
        accounts,
        query.node_parts,
        unlocks_only=query.unlocks_only,
        needs_ids=query.needs_ids,
        period=query.period,
    )


def _build_error(titles: int, max_titles: int) -> TooCostly:
    message = f"maxTitles: all {titles:,} titles with earned achievements have to be opened."
    error = TooCostly(message)
    error.estimate, error.limit = titles, max_titles
    return error


def _get_history(stream: AccountStream) -> UnlockStream | None:
    return stream.remaining if isinstance(stream.remaining, UnlockStream) else None


async def _read_all_rows(streams: Sequence[AccountStream], period: Period) -> list[TitleRow]:
    found = await asyncio.gather(*(read_rows(stream, period) for stream in streams))
    return [row for rows in found for row in rows]


async def read_rows(stream: AccountStream, period: Period) -> list[TitleRow]:
    """Read the list of titles as far as something in it can have been earned in the period."""
    titles, rows = stream.titles, list[TitleRow]()
    while titles is not None and (row := await titles.peek()) is not None:
        if period.is_empty or SORTS_LAST != row.key[0] > get_last_time(period):
            break
        rows.append(row)
        titles.advance()
    return rows


async def _read_untitled(streams: Sequence[AccountStream]) -> list[TimelineEntry]:
    found = await asyncio.gather(*(stream.load_untitled() for stream in streams))
    return [
        entry
        for stream, achievements in zip(streams, found, strict=True)
        if stream.owner is not None
        for entry in build_earned_entries(stream.owner, None, achievements)
    ]


async def _read_histories(streams: Sequence[AccountStream], period: Period) -> list[TimelineEntry]:
    found = await asyncio.gather(*(_read_history(stream, period) for stream in streams))
    return [entry for entries in found for entry in entries]


async def _read_history(stream: AccountStream, period: Period) -> list[TimelineEntry]:
    history = _get_history(stream)
    if history is None or period.is_empty:
        return []
    entries = await history.start(start_at_period(period, None))
    while history.bound_time is not None and stream.error is None:
        if history.bound_time > get_last_time(period):
            break
        entries += await history.open_next()
    return entries


async def _open_titles(
    streams: Sequence[AccountStream], rows: Sequence[TitleRow], parts: Part
) -> list[OpenedTitle]:
    found = await asyncio.gather(
        *(find_stream(streams, row).find_contents(row.title, parts) for row in rows)
    )
    return [
        OpenedTitle(row, None if each is None else each.achievements or ())
        for row, each in zip(rows, found, strict=True)
    ]
