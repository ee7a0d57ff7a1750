"""Value types: the same wherever they appear, and in every subgraph."""

from datetime import datetime

import strawberry

from schema.enums import RarityBand
from schema.scalars import URL


@strawberry.federation.type(shareable=True, description="A picture.")
class Image:
    url: URL | None = strawberry.field(description="The picture's address.")
    locked_url: URL | None = strawberry.field(
        description="The picture shown while locked, where the source has one."
    )


@strawberry.federation.type(shareable=True, description="How many of each PlayStation grade.")
class TrophyCounts:
    bronze: int = strawberry.field(description="Bronze trophies, 0 or more.")
    silver: int = strawberry.field(description="Silver trophies, 0 or more.")
    gold: int = strawberry.field(description="Gold trophies, 0 or more.")
    platinum: int = strawberry.field(description="Platinum trophies, 0 or 1 in one title.")
    total: int = strawberry.field(description="All grades together.")


@strawberry.federation.type(shareable=True, description="A named text.")
class KeyValue:
    key: str = strawberry.field(description="The name.")
    value: str = strawberry.field(description="The text.")


@strawberry.federation.type(shareable=True, description="A picture or a film.")
class Media:
    url: URL | None = strawberry.field(description="Its address.")
    alt_text: str | None = strawberry.field(description="What it shows, where the source says.")
    role: str | None = strawberry.field(description="What it is used for, as the source says.")
    type: str | None = strawberry.field(
        description="What the source calls it; PSN calls some MP4 films `IMAGE`."
    )
    is_video: bool = strawberry.field(description="Whether it is a film, read off the address.")


@strawberry.federation.type(shareable=True, description="How many players earned it.")
class Rarity:
    percent: float = strawberry.field(
        description="0 to 100 percent of the players. PSN `trophyEarnedRate`, Trophy.so `rarity`; "
        "computed for RetroAchievements from its counters."
    )
    band: RarityBand = strawberry.field(description="The band the percentage falls into.")
    earners: int | None = strawberry.field(description="Players who earned it, where counted.")
    population: int | None = strawberry.field(
        description="Players who could have, where counted (`NumDistinctPlayers`)."
    )
    hardcore_percent: float | None = strawberry.field(
        description="0 to 100 percent of the players who earned it in hardcore mode."
    )
    hardcore_earners: int | None = strawberry.field(
        description="Players who earned it in hardcore mode (`NumAwardedHardcore`)."
    )


@strawberry.federation.type(shareable=True, description="What an achievement is worth.")
class AchievementPoints:
    value: int = strawberry.field(description="The points.")
    unit: str = strawberry.field(description="Whose points they are; units never add up.")
    weighted: int | None = strawberry.field(
        description="The points weighted by rarity (RetroAchievements `TrueRatio`)."
    )


@strawberry.federation.type(shareable=True, description="How far a counter is.")
class AchievementProgress:
    current: float = strawberry.field(description="Where the player stands.")
    target: float = strawberry.field(description="Where the achievement unlocks.")
    percent: float = strawberry.field(description="0 to 100, `current` out of `target`.")
    updated_at: datetime | None = strawberry.field(description="When it last moved.")


@strawberry.federation.type(shareable=True, description="What the trigger waits for.")
class TriggerDetail:
    metric_id: strawberry.ID | None = strawberry.field(description="Trophy.so `metricId`.")
    metric_name: str | None = strawberry.field(description="Trophy.so `metricName`.")
    metric_value: float | None = strawberry.field(
        description="The value to reach, Trophy.so `metricValue`."
    )
    streak_length: int | None = strawberry.field(
        description="The length to reach, in periods, Trophy.so `streakLength`."
    )
    prerequisite_ids: list[strawberry.ID] | None = strawberry.field(
        description="The achievements to earn first, Trophy.so `achievementIds`."
    )


@strawberry.federation.type(shareable=True, description="What the player gets besides.")
class AchievementReward:
    name: str | None = strawberry.field(description="PSN `trophyRewardName`.")
    image: Image | None = strawberry.field(description="PSN `trophyRewardImageUrl`.")
