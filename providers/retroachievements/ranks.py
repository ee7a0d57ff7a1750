"""Loads and maps the places of accounts in the ranking of the site."""

from providers.kit.caching.cached import Cached
from providers.kit.upstream.decode import build_unreadable_error
from providers.retroachievements.cache_policies import RANK
from providers.retroachievements.cached_api import CachedApi
from providers.retroachievements.identifiers import SOURCE
from providers.retroachievements.models import RankAndScore
from providers.retroachievements_records import RetroAchievementsRank


async def get_rank(cached_api: CachedApi, handle: str) -> Cached[RetroAchievementsRank | None]:
    """Return the rank; None for an account that is unranked, or that does not exist."""

    async def load() -> RetroAchievementsRank | None:
        reply = await cached_api.api.get("GetUserRankAndScore", u=handle)
        return map_rank(reply.decode(RankAndScore))

    return await cached_api.get_or_load(RANK, (handle.lower(),), load)


def map_rank(response: RankAndScore) -> RetroAchievementsRank | None:
    """Map the rank; raise `BadResponse` for one without the number of the ranked."""
    if response == RankAndScore() or (response.rank and not response.total_ranked):
        raise build_unreadable_error(SOURCE)
    if not response.rank or not response.total_ranked:
        return None
    return RetroAchievementsRank(position=response.rank, population=response.total_ranked)
