"""Trophy.so users."""

from datetime import date, datetime
from typing import Annotated, Any

import strawberry

from providers import trophy_so_records
from providers.errors import BadInput
from resolvers.account import (
    get_leaderboard_place,
    get_metrics,
    get_points,
    get_streak,
    get_streak_length,
)
from schema.account import Account, profile_field
from schema.from_record import from_record
from schema.node import Info
from schema.selection import Selection

# The periods of a streak that come with it anyway, and the most that are shown.
USUAL_PERIODS, MAX_PERIODS = 7, 100
# What a list of many users' streaks has.
LISTED_FIELDS = frozenset({"length", "extendedAt", "__typename"})

KeyArgument = Annotated[
    str, strawberry.argument(description="The key that the application has given it.")
]
PeriodsArgument = Annotated[
    int, strawberry.argument(description="The number of periods, 1 to 100.")
]


@strawberry.federation.type(
    shareable=True, description="A period of a Trophy.so streak: a day, a week or a month."
)
class TrophySoStreakPeriod:
    length: int = strawberry.field(description="The streak's length in this period, 0 or more.")
    starts_on: date | None = strawberry.field(
        description="`periodStart`, a day in the user's own time zone."
    )
    ends_on: date | None = strawberry.field(
        description="`periodEnd`, a day in the user's own time zone."
    )
    used_freeze: bool | None = strawberry.field(
        description="Whether a freeze has kept the streak, `usedFreeze`; null without freezes."
    )
    used_pause: bool | None = strawberry.field(
        description="Whether the streak was paused, `usedPause`."
    )


@strawberry.federation.type(shareable=True, description="A Trophy.so user's streak.")
class TrophySoStreak:
    length: int = strawberry.field(description="The length in periods, 0 or more.")
    frequency: str = strawberry.field(description="The period: daily, weekly or monthly.")
    extended_at: datetime | None = strawberry.field(
        description="When the streak was extended last, `extended`; null if it was not in the "
        "present period."
    )
    started_on: date | None = strawberry.field(
        description="The first day, `started`, in the user's own time zone."
    )
    expires_on: date | None = strawberry.field(
        description="The day on which the streak ends unless it is extended, `expires`."
    )
    all_periods: strawberry.Private[tuple[trophy_so_records.TrophySoStreakPeriod, ...] | None]

    @strawberry.field(
        description="The last periods with the present one, newest first, `streakHistory`; null "
        "if the source leaves them out."
    )
    def history(
        self, periods: PeriodsArgument = USUAL_PERIODS
    ) -> list[TrophySoStreakPeriod] | None:
        check_periods(periods)
        if self.all_periods is None:
            return None
        return [from_record(TrophySoStreakPeriod, each) for each in self.all_periods[:periods]]


@strawberry.federation.type(shareable=True, description="A Trophy.so metric.")
class TrophySoMetric:
    id: strawberry.ID = strawberry.field(description="The metric's id.")
    key: str = strawberry.field(description="The metric's key.")
    name: str = strawberry.field(description="The metric's name.")
    current: float = strawberry.field(description="The user's current value.")


@strawberry.federation.type(shareable=True, description="A level of a Trophy.so points system.")
class TrophySoLevel:
    id: strawberry.ID = strawberry.field(description="The level's id.")
    key: str = strawberry.field(description="The level's key.")
    name: str = strawberry.field(description="The level's name.")
    points: int = strawberry.field(description="The points from which a user has the level.")


@strawberry.federation.type(
    shareable=True, description="A user's points in a Trophy.so points system."
)
class TrophySoPoints:
    id: strawberry.ID = strawberry.field(description="The points system's id.")
    key: str = strawberry.field(description="The points system's key.")
    name: str = strawberry.field(description="The points system's name.")
    total: int = strawberry.field(description="The user's points.")
    level: TrophySoLevel | None = strawberry.field(
        description="The level that the points reach; null if they reach none."
    )


@strawberry.federation.type(
    shareable=True, description="A user's place on a Trophy.so leaderboard."
)
class TrophySoLeaderboardPlace:
    id: strawberry.ID = strawberry.field(description="The leaderboard's id.")
    key: str = strawberry.field(description="The leaderboard's key.")
    name: str = strawberry.field(description="The leaderboard's name.")
    rank_by: str = strawberry.field(description="What counts: points, streak or metric, `rankBy`.")
    rank: int | None = strawberry.field(
        description="The place, 1 for the first; null for a user who is not on it."
    )
    value: int | None = strawberry.field(
        description="The points, periods or units of the metric; null for a user who is not on it."
    )


@strawberry.federation.type(keys=["id", "handle"], description="A Trophy.so user.")
class TrophySoAccount(Account):
    time_zone: str | None = profile_field("time_zone", str | None, "`tz`, an IANA time zone.")
    created_at: datetime | None = profile_field("created_at", datetime | None, "`created`.")

    @strawberry.field(
        description="The user's streak, `GET /users/{id}/streak`; its length and last extension "
        "alone are loaded for a hundred users at once, `GET /streaks`."
    )
    async def streak(self, info: Info) -> TrophySoStreak | None:
        selection = Selection.from_info(info)
        if selection.fields.keys() <= LISTED_FIELDS:
            found = await get_streak_length(info.context, self.account_ref)
        else:
            found = await get_streak(
                info.context, self.account_ref, long_history=_needs_long_history(selection)
            )
        return (
            None if found is None else from_record(TrophySoStreak, found, all_periods=found.history)
        )

    @strawberry.field(description="The user's metrics, `GET /users/{id}/metrics`.")
    async def metrics(self, info: Info) -> list[TrophySoMetric] | None:
        found = await get_metrics(info.context, self.account_ref)
        return None if found is None else [from_record(TrophySoMetric, each) for each in found]

    @strawberry.field(
        description="The user's points in one points system, `GET /users/{id}/points/{key}`; null "
        "if there is none of that key."
    )
    async def points(self, info: Info, key: KeyArgument) -> TrophySoPoints | None:
        found = await get_points(info.context, self.account_ref, key)
        if found is None:
            return None
        level = found.level and from_record(TrophySoLevel, found.level)
        return TrophySoPoints(
            id=strawberry.ID(found.id),
            key=found.key,
            name=found.name,
            total=found.total,
            level=level,
        )

    @strawberry.field(
        description="The user's place on one leaderboard, `GET /users/{id}/leaderboards/{key}`; "
        "null if there is none of that key."
    )
    async def leaderboard(self, info: Info, key: KeyArgument) -> TrophySoLeaderboardPlace | None:
        found = await get_leaderboard_place(info.context, self.account_ref, key)
        return None if found is None else from_record(TrophySoLeaderboardPlace, found)


def check_periods(periods: int) -> None:
    """Raise `BadInput` for a number of periods out of range."""
    if not 1 <= periods <= MAX_PERIODS:
        raise BadInput(f"periods: must be from 1 to {MAX_PERIODS}.", argument="periods")


def _needs_long_history(selection: Selection) -> bool:
    wanted: list[Any] = selection.get_argument_values("history", "periods")
    return any(each is not None and int(each) > USUAL_PERIODS for each in wanted)
