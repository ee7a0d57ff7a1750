"""Loads metrics and streaks of users."""

from providers.kit.caching.cached import Cached
from providers.trophy_so.cache_policies import METRICS, STREAK
from providers.trophy_so.cached_api import CachedApi
from providers.trophy_so.identifiers import check_user_id
from providers.trophy_so.mapping import map_metrics, map_streak
from providers.trophy_so.models import MetricResponse, StreakResponse
from providers.trophy_so_records import TrophySoMetric, TrophySoStreak


async def get_metrics(cached_api: CachedApi, user_id: str) -> Cached[tuple[TrophySoMetric, ...]]:
    """Return all metrics of a user."""
    check_user_id(user_id)

    async def load() -> tuple[TrophySoMetric, ...]:
        sent = await cached_api.api.get_user_resource(user_id, "/metrics", list[MetricResponse])
        return map_metrics(sent)

    return await cached_api.get_or_load(METRICS, (user_id,), load)


async def get_streak(cached_api: CachedApi, user_id: str) -> Cached[TrophySoStreak]:
    """Return the current streak of a user."""
    check_user_id(user_id)

    async def load() -> TrophySoStreak:
        sent = await cached_api.api.get_user_resource(user_id, "/streak", StreakResponse)
        return map_streak(sent)

    return await cached_api.get_or_load(STREAK, (user_id,), load)
