"""What one key can learn about one user, each fact remembered for as long as it is good."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from providers.errors import BadInput, CallerUnauthenticated, ProviderError, Unauthenticated
from providers.kit.caching.cached import Cached
from providers.kit.caching.policy import CachePolicy
from providers.kit.text import CONTROL_CHARACTERS
from providers.records import (
    Achievement,
    AchievementTrigger,
    Profile,
    TrophySoMetric,
    TrophySoStreak,
)
from providers.trophy_so import cache_policies, mapping
from providers.trophy_so.api import SOURCE, TrophySoApi
from providers.trophy_so.models import MetricResponse, StreakResponse, User, UserAchievement
from providers.trophy_so.progress import fill_counts, fill_own_progress, should_fetch_count

T = TypeVar("T")

MAX_USER_ID_LENGTH = 255
INCLUDE_LOCKED = {"includeIncomplete": "true"}


def check_user_id(user_id: str) -> None:
    """Raise `BadInput` for what no user id can be; applications make their ids as they like."""
    is_valid = 1 <= len(user_id) <= MAX_USER_ID_LENGTH and not CONTROL_CHARACTERS.search(user_id)
    if not is_valid or user_id in (".", ".."):
        message = "handle: 1 to 255 characters, none of them a control character."
        raise BadInput(message, argument="handle", source=SOURCE)


@dataclass(frozen=True)
class CachedApi:
    """Facts about users; `is_caller` tells whose key it is that may be refused."""

    api: TrophySoApi
    scope: str
    is_caller: bool

    async def verify(self, user_id: str) -> None:
        """Read a profile; without a user, the account's achievements. Nothing is remembered."""
        try:
            if user_id:
                await self.api.get_user_resource(user_id, "", User)
            else:
                await self.api.verify_key()
        except Unauthenticated:
            raise self._build_unauthenticated() from None

    async def get_profile(self, user_id: str) -> Cached[Profile]:
        """The profile."""

        async def load() -> Profile:
            return mapping.map_profile(await self.api.get_user_resource(user_id, "", User))

        return await self._get_or_load(cache_policies.PROFILE, user_id, load)

    async def get_achievements(self, user_id: str) -> Cached[tuple[Achievement, ...]]:
        """The list, with as much progress as it tells by itself."""

        async def load() -> tuple[Achievement, ...]:
            kind = list[UserAchievement]
            sent = await self.api.get_user_resource(user_id, "/achievements", kind, INCLUDE_LOCKED)
            return fill_own_progress(mapping.map_achievements(sent))

        return await self._get_or_load(cache_policies.ACHIEVEMENTS, user_id, load)

    async def get_metrics(self, user_id: str) -> Cached[tuple[TrophySoMetric, ...]]:
        """All metrics."""

        async def load() -> tuple[TrophySoMetric, ...]:
            return mapping.map_metrics(
                await self.api.get_user_resource(user_id, "/metrics", list[MetricResponse])
            )

        return await self._get_or_load(cache_policies.METRICS, user_id, load)

    async def get_streak(self, user_id: str) -> Cached[TrophySoStreak]:
        """The current streak."""

        async def load() -> TrophySoStreak:
            return mapping.map_streak(
                await self.api.get_user_resource(user_id, "/streak", StreakResponse)
            )

        return await self._get_or_load(cache_policies.STREAK, user_id, load)

    async def get_achievements_with_progress(self, user_id: str) -> Cached[tuple[Achievement, ...]]:
        """The list joined with metrics and streak; only as good as the oldest of the three."""
        achievements = await self.get_achievements(user_id)
        metrics, streak = await asyncio.gather(
            _read_if_needed(
                achievements, AchievementTrigger.METRIC, lambda: self.get_metrics(user_id)
            ),
            _read_if_needed(
                achievements, AchievementTrigger.STREAK, lambda: self.get_streak(user_id)
            ),
        )
        metric_values = {metric.id: metric.current for metric in metrics.value} if metrics else {}
        parts = [answer for answer in (achievements, metrics, streak) if answer]
        return Cached(
            fill_counts(achievements.value, metric_values, streak.value.length if streak else None),
            min(answer.fetched_at for answer in parts),
            any(answer.stale for answer in parts),
        )

    async def _get_or_load(
        self, policy: CachePolicy[T], user_id: str, load: Callable[[], Awaitable[T]]
    ) -> Cached[T]:
        check_user_id(user_id)
        try:
            return await self.api.upstream.services.cache.get_or_load(
                policy, self.scope, (user_id,), load
            )
        except Unauthenticated:
            # Said here, as operator and caller with the same key share one flight.
            raise self._build_unauthenticated() from None

    def _build_unauthenticated(self) -> Unauthenticated:
        if self.is_caller:
            message = "The source does not accept the API key of this request."
            return CallerUnauthenticated(message, source=SOURCE)
        message = "The source does not accept the configured API key."
        return Unauthenticated(message, source=SOURCE)


async def _read_if_needed(
    achievements: Cached[tuple[Achievement, ...]],
    trigger: AchievementTrigger,
    read: Callable[[], Awaitable[Cached[T]]],
) -> Cached[T] | None:
    """A count, when something open waits for it; its failure must not lose the achievements."""
    if not should_fetch_count(achievements.value, trigger):
        return None
    try:
        return await read()
    except ProviderError:
        return None
