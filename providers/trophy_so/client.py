"""Trophy.so as one viewer sees it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from providers.capabilities import TotalKey
from providers.errors import ProviderError
from providers.kit.caching.cache import gather_outcomes
from providers.kit.caching.cached import Cached
from providers.kit.rate_limiting.rate_limiter import Budget
from providers.records import Achievement, Profile, TrophyCounts, TrophySoMetric, TrophySoStreak
from providers.trophy_so.api import SOURCE
from providers.trophy_so.cached_api import CachedApi, check_user_id


@dataclass
class TrophySoClient:
    """Profiles, achievements, totals, metrics and streaks of users."""

    cached_api: CachedApi = field(repr=False)
    scope: str
    own_handle: str
    source: str = SOURCE

    def check_handle(self, handle: str) -> None:
        """Raise `BadInput` for a handle that no user can have."""
        check_user_id(handle)

    def get_budget(self) -> Budget | None:
        """What is left of this key's rate."""
        return self.cached_api.api.upstream.get_budget()

    async def refresh_budget(self) -> None:
        """Learn what other processes have spent of it."""
        await self.cached_api.api.upstream.refresh_budget()

    async def verify(self) -> None:
        """Read the own profile; without one, the account's achievements."""
        await self.cached_api.verify(self.own_handle)

    async def get_profiles(
        self, handles: Sequence[str]
    ) -> Sequence[Cached[Profile] | ProviderError]:
        """The profiles; `NotFound` for a user id that nobody has."""
        return await gather_outcomes([self.cached_api.get_profile(handle) for handle in handles])

    async def get_achievements(
        self, handles: Sequence[str], *, progress: bool = True
    ) -> Sequence[Cached[tuple[Achievement, ...]] | ProviderError]:
        """All achievements; without `progress`, metrics and streaks are not asked for."""
        cached_api = self.cached_api
        read = (
            cached_api.get_achievements_with_progress if progress else cached_api.get_achievements
        )
        return await gather_outcomes([read(handle) for handle in handles])

    async def get_totals(
        self, keys: Sequence[TotalKey]
    ) -> Sequence[Cached[int | TrophyCounts | None] | ProviderError]:
        """How many achievements are earned; nothing else is counted."""
        return await gather_outcomes([self._get_total(key) for key in keys])

    async def get_metrics(
        self, handles: Sequence[str]
    ) -> Sequence[Cached[tuple[TrophySoMetric, ...]] | ProviderError]:
        """Where the users stand."""
        return await gather_outcomes([self.cached_api.get_metrics(handle) for handle in handles])

    async def get_streaks(
        self, handles: Sequence[str]
    ) -> Sequence[Cached[TrophySoStreak] | ProviderError]:
        """The users' current streaks."""
        return await gather_outcomes([self.cached_api.get_streak(handle) for handle in handles])

    async def _get_total(self, key: TotalKey) -> Cached[int | TrophyCounts | None]:
        self.check_handle(key.handle)
        if key.field != "earned":
            return Cached(None, datetime.now(UTC))
        achievements = await self.cached_api.get_achievements(key.handle)
        earned = sum(1 for achievement in achievements.value if achievement.earned)
        return Cached(earned, achievements.fetched_at, achievements.stale)
