"""The milestones of a user: every so many unlocks, the first platinum, the first completion."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import NamedTuple

from providers.records import TrophyGrade
from resolvers.context import AccountRef, ResolverContext
from resolvers.pagination import Page
from resolvers.timeline.entry import EntryKey, TimelineEntry
from resolvers.unlocks.all_unlocks import AllUnlocks, UnlocksQuery, read_unlocks

DatedEntry = tuple[datetime, TimelineEntry]


class MilestoneKind(Enum):
    """What an unlock was."""

    UNLOCK = "UNLOCK"
    FIRST_PLATINUM = "FIRST_PLATINUM"
    FIRST_COMPLETION = "FIRST_COMPLETION"


class MilestonePosition(NamedTuple):
    """The position of a milestone: newest first, and what tells those of one unlock apart."""

    time: float
    kind: str
    number: int


@dataclass(frozen=True)
class Milestone:
    """An unlock, and what it was; `number` counts the unlocks up to it."""

    kind: MilestoneKind
    number: int
    achieved_at: datetime
    entry: TimelineEntry

    @property
    def position(self) -> MilestonePosition:
        """The position in the list."""
        return MilestonePosition(-self.achieved_at.timestamp(), self.kind.name, self.number)


@dataclass(frozen=True)
class MilestonePage(Page[Milestone]):
    """A page of milestones, and the number of unlocks without a time, which are not counted."""

    undated: int = 0


async def get_milestones(
    context: ResolverContext,
    accounts: Sequence[AccountRef],
    first: int,
    after: MilestonePosition | None,
    every: int,
    query: UnlocksQuery,
) -> MilestonePage:
    """Return the next milestones, newest first: the first unlock, and each `every`-th.

    A source of which something is missing would shift all numbers, so it is left out.
    """
    found = await read_unlocks(context, accounts, query)
    whole = {each.source_index for each in found.timeline.streams if each.is_whole}
    entries = [entry for entry in found.entries if entry.key[1] in whole]
    dated = sorted(_iterate_dated(entries), key=_get_timeline_key, reverse=True)
    milestones = {each.position: each for each in _iterate_milestones(found, dated, every)}
    remaining = sorted(each for each in milestones if after is None or each > after)
    shown = [milestones[each] for each in remaining[:first]]
    completed = await found.timeline.complete_entries([each.entry for each in shown], reveal=False)
    rows = [
        (each.position, replace(each, entry=entry))
        for each, entry in zip(shown, completed, strict=True)
    ]
    return MilestonePage(
        rows,
        len(remaining) > first,
        len(milestones) if found.is_whole else None,
        found.get_statuses(),
        len(entries) - len(dated),
    )


def _iterate_dated(entries: Iterable[TimelineEntry]) -> Iterator[DatedEntry]:
    for entry in entries:
        if (when := entry.achievement.earned_at) is not None:
            yield when, entry


def _get_timeline_key(dated: DatedEntry) -> EntryKey:
    # Not the entry's own key, in which a time may be that of its title.
    when, entry = dated
    return (-when.timestamp(), *entry.key[1:])


def _iterate_milestones(
    found: AllUnlocks, dated: Sequence[DatedEntry], every: int
) -> Iterator[Milestone]:
    completing = _find_completing(found, dated)
    firsts: dict[MilestoneKind, Milestone] = {}
    for number, (when, entry) in enumerate(dated, 1):
        if number == 1 or number % every == 0:
            yield Milestone(MilestoneKind.UNLOCK, number, when, entry)
        if entry.achievement.grade is TrophyGrade.PLATINUM:
            kind = MilestoneKind.FIRST_PLATINUM
            firsts.setdefault(kind, Milestone(kind, number, when, entry))
        if entry.key in completing:
            kind = MilestoneKind.FIRST_COMPLETION
            firsts.setdefault(kind, Milestone(kind, number, when, entry))
    yield from firsts.values()


def _find_completing(found: AllUnlocks, dated: Iterable[DatedEntry]) -> set[EntryKey]:
    """Return the keys of the unlocks that completed a title: the last one of each.

    With one whose time is not known, it is not known which was the last.
    """
    undated = {each.key[1:3] for each in found.entries if each.achievement.earned_at is None}
    completed = {row.key[1:] for row in found.completed} - undated
    last = {entry.key[1:3]: entry.key for _, entry in dated if entry.key[1:3] in completed}
    return set(last.values())
