"""RetroAchievements' API and the cache in front of it, for one credential."""

from dataclasses import dataclass

from providers.kit.upstream.keyed_cached_api import KeyedCachedApi
from providers.retroachievements.api import RetroAchievementsApi


@dataclass(frozen=True)
class CachedApi(KeyedCachedApi[RetroAchievementsApi]):
    """RetroAchievements with one credential, and the cached values of that credential's scope."""
