"""RetroAchievements accounts."""

from datetime import datetime

import strawberry

from resolvers.account import get_rank
from schema.account import Account, profile_field
from schema.from_record import from_record
from schema.node import Info


@strawberry.federation.type(
    shareable=True, description="A place in RetroAchievements' ranking by hardcore points."
)
class RetroAchievementsRank:
    position: int = strawberry.field(description="`Rank`, 1 for the first.")
    population: int = strawberry.field(description="`TotalRanked`, the number of ranked accounts.")
    percentile: float = strawberry.field(
        description="The share of ranked accounts with a lower place, in percent from 0 to 100."
    )


@strawberry.federation.type(keys=["id", "handle"], description="A RetroAchievements account.")
class RetroAchievementsAccount(Account):
    ulid: strawberry.ID | None = profile_field(
        "native_id", strawberry.ID | None, "`ULID`, which a change of name does not change."
    )
    points: int | None = profile_field(
        "points", int | None, "`TotalPoints`, earned in hardcore mode."
    )
    softcore_points: int | None = profile_field(
        "softcore_points", int | None, "`TotalSoftcorePoints`."
    )
    true_points: int | None = profile_field(
        "true_points", int | None, "`TotalTruePoints`, weighted by rarity."
    )
    member_since: datetime | None = profile_field("member_since", datetime | None, "`MemberSince`.")
    motto: str | None = profile_field("motto", str | None, "`Motto`; can be empty.")
    rich_presence: str | None = profile_field(
        "rich_presence", str | None, "`RichPresenceMsg`: what the account played last."
    )

    @strawberry.field(
        description="The place by hardcore points, `GetUserRankAndScore`; null for an unranked "
        "account."
    )
    async def rank(self, info: Info) -> RetroAchievementsRank | None:
        found = await get_rank(info.context, self.account_ref)
        return None if found is None else from_record(RetroAchievementsRank, found)
