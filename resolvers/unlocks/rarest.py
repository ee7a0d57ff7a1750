"""The rarest achievements that a user has earned, over all sources."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from providers.records import Part
from resolvers.context import AccountRef, ResolverContext
from resolvers.pagination import Page
from resolvers.timeline.entry import TimelineEntry
from resolvers.unlocks.all_unlocks import UnlocksQuery, read_unlocks

# The parts of a title by which its achievements are ordered.
RARITY_PARTS = Part.EARNED | Part.RARITY


class RarityPosition(NamedTuple):
    """The position of an achievement: its rarity in percent, then what tells it from others."""

    percent: float
    source: int
    title: str
    achievement: str


@dataclass(frozen=True)
class RarestPage(Page[TimelineEntry]):
    """A page of the rarest achievements, and the number of titles that were not opened."""

    unread_titles: int = 0


async def get_rarest(
    context: ResolverContext,
    accounts: Sequence[AccountRef],
    first: int,
    after: RarityPosition | None,
    query: UnlocksQuery,
) -> RarestPage:
    """Return the next earned achievements by rarity, leaving out those without one."""
    found = await read_unlocks(context, accounts, query)
    positions = {
        RarityPosition(rarity.percent, *entry.key[1:]): entry
        for entry in found.entries
        if (rarity := entry.achievement.rarity) is not None
    }
    remaining = sorted(each for each in positions if after is None or each > after)
    shown = remaining[:first]
    entries = [positions[each] for each in shown]
    completed = await found.timeline.complete_entries(entries, reveal=False)
    return RarestPage(
        list(zip(shown, completed, strict=True)),
        len(remaining) > first,
        len(positions) if found.is_whole and not found.unread else None,
        found.get_statuses(),
        len(found.unread),
    )
