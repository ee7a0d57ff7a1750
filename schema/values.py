"""Value types, which other subgraphs can share."""

from datetime import datetime

import strawberry

from schema.enums import RarityBand
from schema.scalars import URL


@strawberry.federation.type(shareable=True, description="A picture.")
class Image:
    url: URL | None = strawberry.field(description="The URL of the picture.")
    locked_url: URL | None = strawberry.field(
        description="The URL of the picture for a locked achievement, if the source has one."
    )


@strawberry.federation.type(
    shareable=True, description="Number of trophies of each PlayStation grade."
)
class TrophyCounts:
    bronze: int = strawberry.field(description="Bronze trophies, 0 or more.")
    silver: int = strawberry.field(description="Silver trophies, 0 or more.")
    gold: int = strawberry.field(description="Gold trophies, 0 or more.")
    platinum: int = strawberry.field(description="Platinum trophies, 0 or 1 in one title.")
    total: int = strawberry.field(description="Trophies of all grades.")


@strawberry.federation.type(shareable=True, description="A text with a name.")
class KeyValue:
    key: str = strawberry.field(description="The name.")
    value: str = strawberry.field(description="The text.")


@strawberry.federation.type(shareable=True, description="A picture or a video.")
class Media:
    url: URL | None = strawberry.field(description="The URL of the file.")
    alt_text: str | None = strawberry.field(description="A description, if the source has one.")
    role: str | None = strawberry.field(description="The source's own word for its use.")
    type: str | None = strawberry.field(
        description="The source's own word for its type; PSN has `IMAGE` for some MP4 videos."
    )
    is_video: bool = strawberry.field(description="Whether it is a video, by its file extension.")


@strawberry.federation.type(
    shareable=True, description="The share of players who have earned an achievement."
)
class Rarity:
    percent: float = strawberry.field(
        description="0 to 100 percent of the players: PSN `trophyEarnedRate`, Trophy.so `rarity`, "
        "Steam `player_percent_unlocked`, Xbox `currentPercentage`; computed from counts "
        "for RetroAchievements. Rounded to two digits."
    )
    band: RarityBand = strawberry.field(description="The band of the percentage.")
    earners: int | None = strawberry.field(
        description="Number of players who have earned it, if the source counts them."
    )
    population: int | None = strawberry.field(
        description="Number of players of the title, if the source counts them (RetroAchievements "
        "`NumDistinctPlayers`)."
    )
    hardcore_percent: float | None = strawberry.field(
        description="0 to 100 percent, rounded to two digits: the share of players who have earned "
        "it in hardcore mode."
    )
    hardcore_earners: int | None = strawberry.field(
        description="Number of players who have earned it in hardcore mode (RetroAchievements "
        "`NumAwardedHardcore`)."
    )


@strawberry.federation.type(shareable=True, description="The points of an achievement.")
class AchievementPoints:
    value: int = strawberry.field(description="The number of points.")
    unit: str = strawberry.field(
        description="The unit of the points, one for each source, such as GAMERSCORE; different "
        "units must not be added."
    )
    weighted: int | None = strawberry.field(
        description="The points weighted by rarity (RetroAchievements `TrueRatio`)."
    )


@strawberry.federation.type(shareable=True, description="The progress of a counter.")
class AchievementProgress:
    current: float = strawberry.field(description="The player's current value.")
    target: float = strawberry.field(description="The value at which the achievement unlocks.")
    percent: float = strawberry.field(description="0 to 100 percent: `current` of `target`.")
    updated_at: datetime | None = strawberry.field(description="When the counter last changed.")


@strawberry.federation.type(shareable=True, description="The condition of a trigger.")
class TriggerDetail:
    metric_id: strawberry.ID | None = strawberry.field(description="Trophy.so `metricId`.")
    metric_name: str | None = strawberry.field(description="Trophy.so `metricName`.")
    metric_value: float | None = strawberry.field(
        description="The required value, Trophy.so `metricValue`."
    )
    streak_length: int | None = strawberry.field(
        description="The required length in periods, Trophy.so `streakLength`."
    )
    prerequisite_ids: list[strawberry.ID] | None = strawberry.field(
        description="The ids of the achievements to earn first, Trophy.so `achievementIds`."
    )


@strawberry.federation.type(
    shareable=True, description="A reward that the player gets with an achievement."
)
class AchievementReward:
    name: str | None = strawberry.field(description="PSN `trophyRewardName`.")
    image: Image | None = strawberry.field(description="PSN `trophyRewardImageUrl`.")
