"""RetroAchievements accounts."""

from datetime import datetime

import strawberry

from schema.account import Account, profile_field


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
