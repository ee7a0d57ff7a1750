"""The capabilities of one Trophy.so credential."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from providers.capabilities import PointsKey, TotalKey
from providers.errors import ProviderError
from providers.kit.caching.cache import gather_outcomes
from providers.kit.caching.cached import Cached
from providers.kit.rate_limiting.rate_limiter import Budget
from providers.records import Achievement, Profile, TrophyCounts
from providers.trophy_so.achievements import get_achievements, get_achievements_with_progress
from providers.trophy_so.cache_policies import ACHIEVEMENTS, METRICS, STREAK, STREAK_LENGTH
from providers.trophy_so.cached_api import CachedApi
from providers.trophy_so.identifiers import SOURCE, check_key, check_user_id, is_bound_key
from providers.trophy_so.metrics import get_metrics
from providers.trophy_so.points import get_leaderboard_place, get_points
from providers.trophy_so.profiles import get_profile, load_profile
from providers.trophy_so.streaks import build_streak_key, get_streak, get_streak_lengths
from providers.trophy_so_records import (
    TrophySoLeaderboardPlace,
    TrophySoMetric,
    TrophySoPoints,
    TrophySoStreak,
)


@dataclass(frozen=True)
class TrophySoClient:
    """Profiles, achievements, totals, metrics, streaks, points and places of users."""

    cached_api: CachedApi = field(repr=False)
    source: str = SOURCE

    @property
    def scope(self) -> str:
        """Return the credential's name in cache keys."""
        return self.cached_api.scope

    @property
    def own_handle(self) -> str:
        """Return the user id that comes with the key; empty for an operator without one."""
        return self.cached_api.api.credential.own_handle

    @property
    def own_account(self) -> str:
        """Return the same as `own_handle`."""
        return self.own_handle

    @property
    def is_accepted(self) -> bool:
        """Return whether this is the operator's client, or the source accepts the caller's."""
        return self.cached_api.api.upstream.is_accepted

    def check_handle(self, handle: str) -> None:
        """Raise `BadInput` for a handle that no user can have."""
        check_user_id(handle)

    def get_budget(self) -> Budget | None:
        """Return what is left of this key's rate, as far as this process knows."""
        return self.cached_api.api.upstream.get_budget()

    async def refresh_budget(self) -> None:
        """Fetch what other processes have used of it."""
        await self.cached_api.api.upstream.refresh_budget()

    async def verify(self) -> str:
        """Load the own profile, or without a user id the achievements; use no cache."""
        if not self.own_handle:
            await self.cached_api.api.verify_key()
            return ""
        profile = await load_profile(self.cached_api.api, self.own_handle)
        return profile.display_name or profile.handle

    def can_read(self, user_id: str) -> bool:
        """Return whether the key may read a user: that of an application is bound to one."""
        return not is_bound_key(self.cached_api.api.credential.key) or user_id == self.own_handle

    async def forget(self, user_id: str) -> None:
        """Delete what is cached of a user's achievements and streak, in all processes."""
        cache = self.cached_api.cache
        for policy in (ACHIEVEMENTS, METRICS, STREAK, STREAK_LENGTH):
            cache.invalidate(policy, self.scope, (user_id,))
        cache.invalidate(STREAK, self.scope, build_streak_key(user_id, long_history=True))
        await cache.finish_invalidations()

    async def get_profiles(
        self, handles: Sequence[str]
    ) -> Sequence[Cached[Profile] | ProviderError]:
        """Return the profiles; `NotFound` for an id that no user has."""
        return await gather_outcomes([get_profile(self.cached_api, handle) for handle in handles])

    async def get_achievements(
        self, handles: Sequence[str], *, progress: bool = True
    ) -> Sequence[Cached[tuple[Achievement, ...]] | ProviderError]:
        """Return all achievements; without `progress`, metrics and streaks are not loaded."""
        get = get_achievements_with_progress if progress else get_achievements
        return await gather_outcomes([get(self.cached_api, handle) for handle in handles])

    async def get_totals(
        self, keys: Sequence[TotalKey]
    ) -> Sequence[Cached[int | TrophyCounts | None] | ProviderError]:
        """Return the number of earned achievements; None for every other total."""
        return await gather_outcomes([self._get_total(key) for key in keys])

    async def get_metrics(
        self, handles: Sequence[str]
    ) -> Sequence[Cached[tuple[TrophySoMetric, ...]] | ProviderError]:
        """Return the users' metrics with their current values."""
        return await gather_outcomes([get_metrics(self.cached_api, handle) for handle in handles])

    async def get_streaks(
        self, handles: Sequence[str], *, long_history: bool = False
    ) -> Sequence[Cached[TrophySoStreak] | ProviderError]:
        """Return the users' current streaks, with the last 7 periods or with the last 100."""
        return await gather_outcomes(
            [get_streak(self.cached_api, each, long_history=long_history) for each in handles]
        )

    async def get_streak_lengths(
        self, handles: Sequence[str]
    ) -> Sequence[Cached[TrophySoStreak] | ProviderError]:
        """Return the users' streaks without period and history, a hundred to a call."""
        return await get_streak_lengths(self.cached_api, handles)

    def check_key(self, key: str) -> None:
        """Raise `BadInput` for a key that no points system and no leaderboard can have."""
        check_key(key)

    async def get_points(
        self, keys: Sequence[PointsKey]
    ) -> Sequence[Cached[TrophySoPoints] | ProviderError]:
        """Return users' points; `NotFound` for an unknown user or points system."""
        return await gather_outcomes(
            [get_points(self.cached_api, each.handle, each.key) for each in keys]
        )

    async def get_leaderboard_places(
        self, keys: Sequence[PointsKey]
    ) -> Sequence[Cached[TrophySoLeaderboardPlace] | ProviderError]:
        """Return users' places; `NotFound` for an unknown user or leaderboard."""
        return await gather_outcomes(
            [get_leaderboard_place(self.cached_api, each.handle, each.key) for each in keys]
        )

    async def _get_total(self, key: TotalKey) -> Cached[int | TrophyCounts | None]:
        self.check_handle(key.handle)
        if key.field != "earned":
            return Cached(None, datetime.now(UTC))
        achievements = await get_achievements(self.cached_api, key.handle)
        earned = sum(1 for achievement in achievements.value if achievement.earned)
        return Cached(earned, achievements.fetched_at, achievements.stale)
