"""What is computed from everything that a user has earned: counts, and the rarest achievements."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import strawberry

from providers.errors import BadInput
from resolvers.arguments import StatisticsDimension
from resolvers.status import Status
from resolvers.unlocks.unlock_counts import UnlockCounts
from schema.connection import Connection, source_statuses
from schema.source import SourceStatus
from schema.title import Achievement

MAX_TITLES = 1_000
DEFAULT_TITLES = 50

MaxTitles = Annotated[
    int,
    strawberry.argument(
        description="How many titles are opened at most, over all sources, the last updated first; "
        "1 to 1000, any other number is BAD_USER_INPUT. The estimate of the operation counts "
        "them as opened, one call each (two on Xbox, and on Steam for rarity), also where the "
        "cache has them."
    ),
]
Since = Annotated[
    datetime | None,
    strawberry.argument(
        description="Only what was earned at this time or later; titles that were last updated "
        "before are not opened."
    ),
]
Until = Annotated[
    datetime | None, strawberry.argument(description="Only what was earned before this time.")
]
Dimension = Annotated[
    StatisticsDimension, strawberry.argument(description="What the unlocks are counted by.")
]


@strawberry.type(description="A number of earned achievements with something in common.")
class UnlockBucket:
    key: str = strawberry.field(
        description="What they have in common, as the value of `StatisticsDimension` describes it."
    )
    count: int = strawberry.field(description="The number of earned achievements, 1 or more.")


@strawberry.type(
    description="How many achievements a user has earned, in buckets. A source that fails is not "
    "counted as zero: see `sources`."
)
class UnlockStatistics:
    by: StatisticsDimension = strawberry.field(description="What the unlocks are counted by.")
    total: int = strawberry.field(
        description="The sum of all buckets and of `unknown`: as far as the sources responded, "
        "everything that was earned."
    )
    buckets: list[UnlockBucket] = strawberry.field(
        description="The buckets that are not empty: days and months in order of time, platforms "
        "by count, others in the order of their enum."
    )
    unknown: int = strawberry.field(
        description="The number of earned achievements that are in no bucket: the source does not "
        "tell what they would be counted by (with `since` or `until`, also the time), or their "
        "title was not opened. They are never guessed."
    )
    unread_titles: int = strawberry.field(
        description="Number of titles with earned achievements that were not opened: more than "
        "`maxTitles`, or the source failed."
    )
    sources: list[SourceStatus] = strawberry.field(
        description="The status of each of the user's accounts on a source with achievements, and "
        "of each source in the argument `sources` on which the user has no account. If a source is "
        "not OK, its unlocks can be missing."
    )

    @classmethod
    def from_counts(
        cls, by: StatisticsDimension, counts: UnlockCounts, unlinked: Sequence[Status]
    ) -> "UnlockStatistics":
        """Build the type; `unlinked` are the statuses of requested sources without an account."""
        return cls(
            by=by,
            total=sum(count for _, count in counts.buckets) + counts.unknown,
            buckets=[UnlockBucket(key=key, count=count) for key, count in counts.buckets],
            unknown=counts.unknown,
            unread_titles=counts.unread_titles,
            sources=source_statuses([*counts.statuses, *unlinked]),
        )


@strawberry.type(description="Earned achievements of all sources, the rarest first.")
class RarestConnection(Connection[Achievement]):
    unread_titles: int = strawberry.field(
        description="Number of titles with earned achievements that were not opened: more than "
        "`maxTitles`, or the source failed. Any of theirs can be rarer."
    )


def check_max_titles(max_titles: int) -> None:
    """Raise `BadInput` for a number of titles out of range."""
    if not 1 <= max_titles <= MAX_TITLES:
        raise BadInput(f"maxTitles: must be from 1 to {MAX_TITLES}.", argument="maxTitles")
