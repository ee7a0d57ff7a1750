"""How many achievements a user has earned, by day, month, platform, source, rarity or grade."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC

from msgspec.structs import asdict

from providers.records import ALL_TIME, Part, Period, RarityBand, Title, TrophyGrade
from providers.registry import Source
from resolvers.arguments import StatisticsDimension
from resolvers.context import AccountRef, ResolverContext
from resolvers.status import Status
from resolvers.timeline.entry import TimelineEntry
from resolvers.title_list.title_list import TitleRow
from resolvers.unlocks.all_unlocks import AllUnlocks, UnlocksQuery, read_lists, read_unlocks

# A bucket's key; None for what has none.
Keys = Counter[str | None]

# Those that the lists of titles tell, without opening one.
LISTED_DIMENSIONS = frozenset(
    {StatisticsDimension.SOURCE, StatisticsDimension.PLATFORM, StatisticsDimension.GRADE}
)


@dataclass(frozen=True)
class CountsQuery:
    """What is counted: by what, in which period, and how many titles may be opened for it."""

    dimension: StatisticsDimension
    max_titles: int
    period: Period = ALL_TIME

    @property
    def is_listed(self) -> bool:
        """Whether the lists of titles are enough."""
        return self.dimension in LISTED_DIMENSIONS and not self.period.is_bounded

    @property
    def parts(self) -> Part:
        """The parts of each title that are needed."""
        by_rarity = self.dimension is StatisticsDimension.RARITY
        return Part.EARNED | Part.RARITY if by_rarity else Part.EARNED


@dataclass(frozen=True)
class UnlockCounts:
    """The counts by key, in order; `unknown` are the unlocks that belong to no bucket surely."""

    buckets: Sequence[tuple[str, int]]
    unknown: int
    unread_titles: int
    statuses: Sequence[Status]


async def count_unlocks(
    context: ResolverContext, accounts: Sequence[AccountRef], query: CountsQuery
) -> UnlockCounts:
    """Count the earned achievements of the accounts."""
    reading = UnlocksQuery(query.max_titles, query.parts, period=query.period)
    if query.is_listed:
        found = await read_lists(context, accounts, reading)
        counted = _count_rows(found.rows, query.dimension)
    else:
        found = await read_unlocks(context, accounts, reading)
        counted = Keys({None: sum(row.title.earned_count or 0 for row in found.unread)})
    counted += _count_entries(found.entries, query)
    return _build_counts(counted, found, query.dimension)


def _build_counts(counted: Keys, found: AllUnlocks, dimension: StatisticsDimension) -> UnlockCounts:
    buckets = [(key, count) for key, count in counted.items() if key is not None]
    order = ORDERS.get(dimension)
    if dimension is StatisticsDimension.PLATFORM:
        buckets.sort(key=lambda each: (-each[1], each[0]))
    elif order is not None:
        buckets.sort(key=lambda each: order[each[0]])
    else:
        buckets.sort()
    return UnlockCounts(buckets, counted[None], len(found.unread), found.get_statuses())


def _count_rows(rows: Iterable[TitleRow], dimension: StatisticsDimension) -> Keys:
    counted = Keys()
    for row in rows:
        earned_count = row.title.earned_count or 0
        if dimension is StatisticsDimension.GRADE:
            by_grade = _count_by_grade(row.title)
            counted.update(by_grade)
            counted[None] += max(0, earned_count - sum(by_grade.values()))
        elif dimension is StatisticsDimension.SOURCE:
            counted[row.owner.source.name] += earned_count
        else:
            counted[_join_platforms(row.title)] += earned_count
    return +counted


def _count_by_grade(title: Title) -> dict[str, int]:
    counts = title.earned_counts
    return {} if counts is None else {name.upper(): many for name, many in asdict(counts).items()}


def _count_entries(entries: Iterable[TimelineEntry], query: CountsQuery) -> Keys:
    get_key, period = KEYS[query.dimension], query.period
    counted = Keys()
    for entry in entries:
        when = entry.achievement.earned_at
        if period.contains(when):
            counted[get_key(entry)] += 1
        elif when is None and not period.is_empty:
            counted[None] += 1
    return counted


def _get_day(entry: TimelineEntry) -> str | None:
    when = entry.achievement.earned_at
    return None if when is None else when.astimezone(UTC).date().isoformat()


def _get_month(entry: TimelineEntry) -> str | None:
    day = _get_day(entry)
    return None if day is None else day.rpartition("-")[0]


def _get_platform(entry: TimelineEntry) -> str | None:
    return None if entry.title is None else _join_platforms(entry.title)


def _join_platforms(title: Title) -> str | None:
    # On which of several something was earned, no source tells.
    return ", ".join(title.platforms) if title.platforms else None


def _get_source(entry: TimelineEntry) -> str:
    return entry.owner.source.name


def _get_band(entry: TimelineEntry) -> str | None:
    rarity = entry.achievement.rarity
    return None if rarity is None else rarity.band.name


def _get_grade(entry: TimelineEntry) -> str | None:
    grade = entry.achievement.grade
    return None if grade is None else grade.name


KEYS: Mapping[StatisticsDimension, Callable[[TimelineEntry], str | None]] = {
    StatisticsDimension.DAY: _get_day,
    StatisticsDimension.MONTH: _get_month,
    StatisticsDimension.PLATFORM: _get_platform,
    StatisticsDimension.SOURCE: _get_source,
    StatisticsDimension.RARITY: _get_band,
    StatisticsDimension.GRADE: _get_grade,
}
ORDERS: Mapping[StatisticsDimension, Mapping[str, int]] = {
    dimension: {each.name: index for index, each in enumerate(values)}
    for dimension, values in (
        (StatisticsDimension.SOURCE, Source),
        (StatisticsDimension.RARITY, RarityBand),
        (StatisticsDimension.GRADE, TrophyGrade),
    )
}
