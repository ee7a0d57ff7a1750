"""Loads metrics of users."""

from providers.kit.caching.cached import Cached
from providers.trophy_so.cache_policies import METRICS
from providers.trophy_so.cached_api import CachedApi
from providers.trophy_so.identifiers import check_user_id
from providers.trophy_so.mapping import map_metrics
from providers.trophy_so.models import MetricResponse
from providers.trophy_so_records import TrophySoMetric


async def get_metrics(cached_api: CachedApi, user_id: str) -> Cached[tuple[TrophySoMetric, ...]]:
    """Return all metrics of a user."""
    check_user_id(user_id)

    async def load() -> tuple[TrophySoMetric, ...]:
        sent = await cached_api.api.get_user_resource(user_id, "/metrics", list[MetricResponse])
        return map_metrics(sent)

    return await cached_api.get_or_load(METRICS, (user_id,), load)
