"""RetroAchievements' achievement of the week."""

from datetime import datetime

import strawberry

from providers import records, retroachievements_records
from providers.registry import Source
from resolvers.context import Owner
from schema.from_record import from_record
from schema.node import Info
from schema.title import Achievement, TrophyTitle, get_named_title


@strawberry.type(description="The achievement that RetroAchievements has chosen for this week.")
class AchievementOfTheWeek:
    starts_at: datetime | None = strawberry.field(description="When its week began, `StartAt`.")
    unlock_count: int | None = strawberry.field(
        description="The number of its unlocks, `UnlocksCount`."
    )
    hardcore_unlock_count: int | None = strawberry.field(
        description="The number of its unlocks in hardcore mode, `UnlocksHardcoreCount`."
    )
    player_count: int | None = strawberry.field(
        description="The number of players of the game, `TotalPlayers`."
    )
    achievement_record: strawberry.Private[records.Achievement]
    title_record: strawberry.Private[records.Title]

    @strawberry.field(
        description="The achievement, without a player; its rarity is null here, and is in the "
        "achievements of `title`."
    )
    def achievement(self) -> Achievement:
        # Without its name: the row of the title is not complete.
        title = records.Title(native_id=self.title_record.native_id)
        return Achievement.from_record(self.achievement_record, OWNER, title)

    @strawberry.field(
        description="Its title, without a player; id, name and platforms come without a call."
    )
    async def title(self, info: Info) -> TrophyTitle | None:
        return await get_named_title(info, OWNER, self.title_record)


OWNER = Owner(Source.RETRO_ACHIEVEMENTS)


async def find_achievement_of_the_week(info: Info) -> AchievementOfTheWeek | None:
    """Return the achievement of the week; None if there is none at present."""
    cached = await info.context.loaders.load_achievement_of_the_week(OWNER.source)
    return cached.value and _build(cached.value)


def _build(record: retroachievements_records.AchievementOfTheWeek) -> AchievementOfTheWeek:
    return from_record(
        AchievementOfTheWeek,
        record,
        achievement_record=record.achievement,
        title_record=record.title,
    )
