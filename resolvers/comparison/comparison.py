"""A comparison of several people: one title, or all titles that they have in common.

Titles in common are found by the lists alone. Only those of a page are opened, and only for what
the query needs of them.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from providers.errors import BadInput
from providers.records import ALL_TIME, Part
from providers.registry import SOURCE_ORDER, Source
from resolvers.comparison.compared_title import ComparedTitle
from resolvers.comparison.people import Person, check_exists, open_people, validate_people
from resolvers.context import AccountRef, ResolverContext
from resolvers.pagination import Page, RowPosition, list_unseen
from resolvers.status import SourceState, Status
from resolvers.timeline.account_stream import AccountStream
from resolvers.title_list.title_list import RowKey, TitleRow
from resolvers.unlocks.all_unlocks import read_rows

MIN_READABLE = 2  # with fewer lists than these, nothing is known to be in common

# The rows of a person's list by id; None if it cannot be read.
RowsById = dict[str, TitleRow] | None


@dataclass(frozen=True)
class ComparisonQuery:
    """What is compared: titles of one source or of all, or one title; `parts` are its contents.

    With `people_only` no account is opened, and no title is found.
    """

    first: int
    after: RowPosition | None = None
    source: Source | None = None
    native_id: str | None = None
    parts: Part = Part.NONE
    people_only: bool = False


@dataclass(frozen=True)
class ComparisonPage(Page[ComparedTitle]):
    """A page of compared titles, and the people in the order of the query."""

    people: Sequence[Person] = ()


@dataclass(frozen=True)
class FoundTitles:
    """The compared titles; not whole if a source cannot tell whether it has any."""

    titles: Sequence[ComparedTitle]
    is_whole: bool = True


async def compare(
    context: ResolverContext, people: Sequence[Sequence[AccountRef]], query: ComparisonQuery
) -> ComparisonPage:
    """Return a page of the compared titles.

    Raise `BadInput` for people that cannot be compared, or a title without a source.
    """
    if query.native_id is not None and query.source is None:
        raise BadInput("source: is needed for `nativeId`.", argument="source")
    validated = validate_people(context, people)
    if query.native_id is not None and query.source is not None:
        context.loaders.check_title(query.source, query.native_id)
    if query.people_only:
        return ComparisonPage(people=[Person(accounts) for accounts in validated])
    opened = await open_people(context, validated, query.source)
    if query.native_id is not None and query.source is not None:
        found = await _compare_one(opened, query.source, query.native_id, query.parts)
    else:
        found = await _find_common(opened)
    titles = {_name(each): each for each in found.titles}
    unseen = list_unseen(titles, query.after)
    shown = unseen[: query.first]
    if query.native_id is None and query.parts:
        await asyncio.gather(*(title.load(query.parts) for _, title in shown))
    return ComparisonPage(
        shown,
        len(unseen) > query.first,
        len(titles) if found.is_whole else None,
        _combine_statuses(opened),
        opened,
    )


async def _compare_one(
    people: Sequence[Person], source: Source, native_id: str, parts: Part
) -> FoundTitles:
    """Find the title without any list; none if no one is known to have it."""
    streams = [person.streams.get(source) for person in people]
    compared = ComparedTitle.from_id(source, native_id, streams)
    await compared.load(parts)
    await asyncio.gather(*map(check_exists, compared.list_missing()))
    if compared.is_known:
        return FoundTitles([compared])
    return FoundTitles([], is_whole=not any(each is not None and each.error for each in streams))


async def _find_common(people: Sequence[Person]) -> FoundTitles:
    """Find the titles that all people have, as far as it is known; last updated first."""
    linked = (source for source in Source if all(source in each.streams for each in people))
    found = await asyncio.gather(*(_find_common_of(people, source) for source in linked))
    in_order = sorted((pair for pairs in found for pair in pairs or ()), key=lambda pair: pair[0])
    return FoundTitles([title for _, title in in_order], is_whole=None not in found)


async def _find_common_of(
    people: Sequence[Person], source: Source
) -> list[tuple[RowKey, ComparedTitle]] | None:
    """Return the titles with their positions; None if too few of the lists can be read."""
    streams = [person.streams[source] for person in people]
    lists = await asyncio.gather(*(read_rows(stream, ALL_TIME) for stream in streams))
    by_id: list[RowsById] = [
        None if stream.is_incomplete else {row.title.native_id: row for row in rows}
        for stream, rows in zip(streams, lists, strict=True)
    ]
    readable = [set(rows) for rows in by_id if rows is not None]
    if len(readable) < MIN_READABLE:
        return None
    return [
        _build_common(source, native_id, by_id, streams)
        for native_id in readable[0].intersection(*readable[1:])
    ]


def _build_common(
    source: Source,
    native_id: str,
    by_id: Sequence[RowsById],
    streams: Sequence[AccountStream],
) -> tuple[RowKey, ComparedTitle]:
    rows = [None if each is None else each[native_id] for each in by_id]
    newest = min(row.key[0] for row in rows if row is not None)
    titles = [None if row is None else row.title for row in rows]
    title = ComparedTitle.from_rows(source, titles, streams)
    return (newest, SOURCE_ORDER[source], native_id), title


def _name(title: ComparedTitle) -> str:
    return f"{title.source.name} {title.record.native_id}"


def _combine_statuses(people: Sequence[Person]) -> list[Status]:
    """Return one status for each source: that of the first account that is not OK, if any is."""
    combined: dict[Source, Status] = {}
    for status in (each for person in people for each in person.get_statuses()):
        known = combined.setdefault(status.source, status)
        if known.state is SourceState.OK and status.state is not SourceState.OK:
            combined[status.source] = status
    return list(combined.values())
