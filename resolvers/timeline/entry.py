"""Entries of a timeline, and bounds on the entries that have not been read."""

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from providers.records import Achievement, Period, Title
from providers.registry import SOURCE_ORDER
from resolvers.context import Owner
from resolvers.title_list.title_list import SORTS_LAST, RowKey, TitleList, TitleRow, get_sort_time

# Sort time, source index, title id and achievement id: unique in a timeline, smaller is earlier.
EntryKey = tuple[float, int, str, str]


@dataclass(frozen=True, order=True)
class TimelineEntry:
    """An achievement with its position; a partial one lacks what only the title's contents have."""

    key: EntryKey
    owner: Owner = field(compare=False)
    title: Title | None = field(compare=False)
    achievement: Achievement = field(compare=False)
    is_partial: bool = field(compare=False, default=False)


@dataclass(frozen=True)
class Candidate:
    """A title or a page that can be opened, with a bound on its keys and on its entries.

    `bound` is at most the smallest key in it; `max_entries` is None where it is not known.
    """

    bound: RowKey
    max_entries: int | None
    row: TitleRow | None = None


class RemainingEntries(Protocol):
    """The entries of an account that have not been read."""

    async def start(self, after: EntryKey | None, /) -> list[TimelineEntry]:
        """Read what a page needs before the first bound, and return its entries."""
        ...

    async def get_bound(self) -> RowKey | None:
        """Return a lower bound on the keys of all remaining entries; None if none remain."""
        ...

    async def open_next(self) -> list[TimelineEntry]:
        """Open the candidate with that bound, and return its entries."""
        ...

    def iterate_candidates(self) -> Iterator[Candidate]:
        """Yield the candidates that are known so far, in order."""
        ...

    def has_more(self) -> bool:
        """Return whether a remaining entry is certain."""
        ...


def start_at_period(period: Period, after: EntryKey | None) -> EntryKey | None:
    """Return the later of a key and the last one that is not in the period because of its end."""
    if period.until is None:
        return after
    end = (get_sort_time(period.until), len(SOURCE_ORDER), "", "")
    return end if after is None else max(after, end)


def get_last_time(period: Period) -> float:
    """Return the last sort time that an entry of the period has."""
    return SORTS_LAST if period.since is None else get_sort_time(period.since)


def get_title_bound(key: RowKey) -> RowKey:
    """Return the bound of a title's entries; a title without a time can have any."""
    return (-SORTS_LAST, *key[1:]) if key[0] == SORTS_LAST else key


def get_clamp_time(key: RowKey, title: Title, achievements: Iterable[Achievement]) -> float:
    """Return the earliest sort time that the title's entries may have: the title's own.

    There is no bound if more is earned than the title counts, since it was listed before that.
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
    """Yield the titles that can have entries, and at the end the unread pages of the list."""
    for row in titles.rows[titles.position :]:
        if (max_entries := count_entries(row.title)) != 0:
            yield Candidate(row.key, max_entries, row)
    if titles.rows and not titles.is_fully_read:
        yield Candidate(titles.rows[-1].key, None)


def titles_to_prefetch(
    remaining: Iterable[Iterable[Candidate]], needed: int, opened: Sequence[TimelineEntry] = ()
) -> list[Candidate]:
    """Return the candidates that will certainly be opened for the needed entries.

    They are the next one, and each before which there cannot be enough entries.
    """
    selected: list[Candidate] = []
    max_entries = 0
    for candidate in heapq.merge(*remaining, key=lambda each: each.bound):
        opened_before = sum(entry.key < (*candidate.bound, "") for entry in opened)
        if selected and opened_before + max_entries >= needed:
            break
        selected.append(candidate)
        if candidate.max_entries is None:
            break
        max_entries += candidate.max_entries
    return selected


def count_earned(title: Title) -> int | None:
    """Return how many achievements of a title are earned; None if it is not known."""
    return title.earned_count


def count_locked(title: Title) -> int | None:
    """Return how many achievements of a title are locked; None if the counts are inconsistent."""
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
    """Build the timeline entries of the earned achievements, none sorted before `clamp_to`.

    Without this bound an unlock that a wrong clock dated after its title would come out of order.
    """
    key_part = (SOURCE_ORDER[owner.source], title.native_id if title else "")
    earned = (
        (max(get_sort_time(each.earned_at), clamp_to), each) for each in achievements if each.earned
    )
    return [
        TimelineEntry((time, *key_part, each.native_id), owner, title, each, is_partial)
        for time, each in earned
    ]
