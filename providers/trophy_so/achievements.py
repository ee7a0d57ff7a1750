"""Loads achievements of users, and their progress from metrics and streaks."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from providers.errors import ProviderError
from providers.kit.caching.cached import Cached
from providers.records import Achievement, AchievementTrigger
from providers.trophy_so.cache_policies import ACHIEVEMENTS
from providers.trophy_so.cached_api import CachedApi
from providers.trophy_so.identifiers import check_user_id
from providers.trophy_so.mapping import map_achievements
from providers.trophy_so.metrics import get_metrics
from providers.trophy_so.models import UserAchievement
from providers.trophy_so.progress import fill_counts, fill_own_progress, should_fetch_count
from providers.trophy_so.streaks import get_streak

T = TypeVar("T")

INCLUDE_LOCKED = {"includeIncomplete": "true"}


async def get_achievements(cached_api: CachedApi, user_id: str) -> Cached[tuple[Achievement, ...]]:
    """Return all achievements, with the progress that the list contains by itself."""
    check_user_id(user_id)

    async def load() -> tuple[Achievement, ...]:
        model = list[UserAchievement]
        sent = await cached_api.api.get_user_resource(
            user_id, "/achievements", model, INCLUDE_LOCKED
        )
        return fill_own_progress(map_achievements(sent))

    return await cached_api.get_or_load(ACHIEVEMENTS, (user_id,), load)


async def get_achievements_with_progress(
    cached_api: CachedApi, user_id: str
) -> Cached[tuple[Achievement, ...]]:
    """Return all achievements with progress, dated by the oldest of their up to three parts."""
    achievements = await get_achievements(cached_api, user_id)
    metrics, streak = await asyncio.gather(
        _get_if_needed(
            achievements, AchievementTrigger.METRIC, lambda: get_metrics(cached_api, user_id)
        ),
        _get_if_needed(
            achievements, AchievementTrigger.STREAK, lambda: get_streak(cached_api, user_id)
        ),
    )
    metric_values = {metric.id: metric.current for metric in metrics.value} if metrics else {}
    parts = [part for part in (achievements, metrics, streak) if part]
    return Cached(
        fill_counts(achievements.value, metric_values, streak.value.length if streak else None),
        min(part.fetched_at for part in parts),
        any(part.stale for part in parts),
    )


async def _get_if_needed(
    achievements: Cached[tuple[Achievement, ...]],
    trigger: AchievementTrigger,
    get: Callable[[], Awaitable[Cached[T]]],
) -> Cached[T] | None:
    if not should_fetch_count(achievements.value, trigger):
        return None
    try:
        return await get()
    except ProviderError:
        # Progress is a part of the answer; its failure must not lose the achievements.
        return None
