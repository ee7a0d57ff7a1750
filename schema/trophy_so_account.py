"""Trophy.so users."""

from datetime import datetime

import strawberry

from resolvers.account import get_metrics, get_streak
from schema.account import Account, profile_field
from schema.from_record import from_record
from schema.node import Info


@strawberry.federation.type(shareable=True, description="A Trophy.so user's streak.")
class TrophySoStreak:
    length: int = strawberry.field(description="The length in periods, 0 or more.")
    frequency: str = strawberry.field(description="The period: daily, weekly or monthly.")


@strawberry.federation.type(shareable=True, description="A Trophy.so metric.")
class TrophySoMetric:
    id: strawberry.ID = strawberry.field(description="The metric's id.")
    key: str = strawberry.field(description="The metric's key.")
    name: str = strawberry.field(description="The metric's name.")
    current: float = strawberry.field(description="The user's current value.")


@strawberry.federation.type(keys=["id", "handle"], description="A Trophy.so user.")
class TrophySoAccount(Account):
    time_zone: str | None = profile_field("time_zone", str | None, "`tz`, an IANA time zone.")
    created_at: datetime | None = profile_field("created_at", datetime | None, "`created`.")

    @strawberry.field(description="The user's streak, `GET /users/{id}/streak`.")
    async def streak(self, info: Info) -> TrophySoStreak | None:
        found = await get_streak(info.context, self.account_ref)
        return None if found is None else from_record(TrophySoStreak, found)

    @strawberry.field(description="The user's metrics, `GET /users/{id}/metrics`.")
    async def metrics(self, info: Info) -> list[TrophySoMetric] | None:
        found = await get_metrics(info.context, self.account_ref)
        return None if found is None else [from_record(TrophySoMetric, each) for each in found]
