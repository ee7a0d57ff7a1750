"""Loads and maps the achievement that the site has chosen for the week."""

from providers.kit.caching.cached import Cached
from providers.kit.upstream.decode import build_unreadable_error, parse_time
from providers.records import Title
from providers.retroachievements import models
from providers.retroachievements.cache_policies import ACHIEVEMENT_OF_THE_WEEK
from providers.retroachievements.cached_api import CachedApi
from providers.retroachievements.identifiers import SOURCE
from providers.retroachievements.mapping import map_definition, map_platforms
from providers.retroachievements_records import AchievementOfTheWeek


async def get_achievement_of_the_week(
    cached_api: CachedApi,
) -> Cached[AchievementOfTheWeek | None]:
    """Return the achievement; None if there is none at present."""

    async def load() -> AchievementOfTheWeek | None:
        reply = await cached_api.api.get("GetAchievementOfTheWeek")
        response = reply.decode(models.AchievementOfTheWeek)
        return map_achievement_of_the_week(response, cached_api.api.media_url)

    return await cached_api.get_or_load(ACHIEVEMENT_OF_THE_WEEK, (), load)


def map_achievement_of_the_week(
    response: models.AchievementOfTheWeek, media_url: str
) -> AchievementOfTheWeek | None:
    """Map the response; raise `BadResponse` for an achievement without its id or its game."""
    achievement, game = response.achievement, response.game
    if achievement == models.GameAchievement() and response.start_at is None:
        return None
    if not achievement or not achievement.id or not game or not game.id:
        raise build_unreadable_error(SOURCE)
    return AchievementOfTheWeek(
        achievement=map_definition(achievement, media_url),
        title=Title(
            native_id=str(game.id),
            name=game.title,
            platforms=map_platforms(response.console.title if response.console else None),
        ),
        starts_at=parse_time(response.start_at),
        unlock_count=response.unlocks_count,
        hardcore_unlock_count=response.unlocks_hardcore_count,
        player_count=response.total_players,
    )
