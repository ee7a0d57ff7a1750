"""What one key can learn about one user, each fact remembered for as long as it is good."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from providers.errors import BadInput, CallerUnauthenticated, ProviderError, Unauthenticated
from providers.kit.caching.cached import Answer
from providers.kit.caching.policy import Kind
from providers.kit.text import CONTROL
from providers.records import (
    Achievement,
    AchievementTrigger,
    Person,
    TrophySoMetric,
    TrophySoStreak,
)
from providers.trophy_so import cache_policies, mapping
from providers.trophy_so.api import SOURCE, Api
from providers.trophy_so.models import MetricResponse, StreakResponse, User, UserAchievement
from providers.trophy_so.progress import awaits, joined, settled

T = TypeVar("T")

LONGEST_USER_ID = 255
LOCKED_TOO = {"includeIncomplete": "true"}


def check_user_id(text: str) -> None:
    """Raise `BadInput` for what no user id can be; applications make their ids as they like."""
    fits = 1 <= len(text) <= LONGEST_USER_ID and not CONTROL.search(text)
    if not fits or text in (".", ".."):
        message = "handle: 1 to 255 characters, none of them a control character."
        raise BadInput(message, argument="handle", source=SOURCE)


@dataclass(frozen=True)
class Facts:
    """Facts about users; `is_caller` tells whose key it is that may be refused."""

    api: Api
    scope: str
    is_caller: bool

    async def verify(self, user_id: str) -> None:
        """Read a profile; without a user, the account's achievements. Nothing is remembered."""
        try:
            if user_id:
                await self.api.user(user_id, "", User)
            else:
                await self.api.catalogue()
        except Unauthenticated:
            raise self._unauthenticated() from None

    async def person(self, user_id: str) -> Answer[Person]:
        """The profile."""

        async def load() -> Person:
            return mapping.person(await self.api.user(user_id, "", User))

        return await self._remember(cache_policies.PERSON, user_id, load)

    async def achievements(self, user_id: str) -> Answer[tuple[Achievement, ...]]:
        """The list, with as much progress as it tells by itself."""

        async def load() -> tuple[Achievement, ...]:
            kind = list[UserAchievement]
            sent = await self.api.user(user_id, "/achievements", kind, LOCKED_TOO)
            return settled(mapping.achievements(sent))

        return await self._remember(cache_policies.ACHIEVEMENTS, user_id, load)

    async def metrics(self, user_id: str) -> Answer[tuple[TrophySoMetric, ...]]:
        """All metrics."""

        async def load() -> tuple[TrophySoMetric, ...]:
            return mapping.metrics(await self.api.user(user_id, "/metrics", list[MetricResponse]))

        return await self._remember(cache_policies.METRICS, user_id, load)

    async def streak(self, user_id: str) -> Answer[TrophySoStreak]:
        """The current streak."""

        async def load() -> TrophySoStreak:
            return mapping.streak(await self.api.user(user_id, "/streak", StreakResponse))

        return await self._remember(cache_policies.STREAK, user_id, load)

    async def achievements_with_progress(self, user_id: str) -> Answer[tuple[Achievement, ...]]:
        """The list joined with metrics and streak; only as good as the oldest of the three."""
        listed = await self.achievements(user_id)
        metrics, streak = await asyncio.gather(
            _needed(listed, AchievementTrigger.METRIC, lambda: self.metrics(user_id)),
            _needed(listed, AchievementTrigger.STREAK, lambda: self.streak(user_id)),
        )
        currents = {metric.id: metric.current for metric in metrics.value} if metrics else {}
        used = [answer for answer in (listed, metrics, streak) if answer]
        return Answer(
            joined(listed.value, currents, streak.value.length if streak else None),
            min(answer.fetched_at for answer in used),
            any(answer.stale for answer in used),
        )

    async def _remember(
        self, kind: Kind[T], user_id: str, load: Callable[[], Awaitable[T]]
    ) -> Answer[T]:
        check_user_id(user_id)
        try:
            return await self.api.upstream.kit.cache.remember(kind, self.scope, (user_id,), load)
        except Unauthenticated:
            # Said here, as operator and caller with the same key share one flight.
            raise self._unauthenticated() from None

    def _unauthenticated(self) -> Unauthenticated:
        if self.is_caller:
            message = "The source does not accept the API key of this request."
            return CallerUnauthenticated(message, source=SOURCE)
        message = "The source does not accept the configured API key."
        return Unauthenticated(message, source=SOURCE)


async def _needed(
    listed: Answer[tuple[Achievement, ...]],
    trigger: AchievementTrigger,
    read: Callable[[], Awaitable[Answer[T]]],
) -> Answer[T] | None:
    """A count, when something open waits for it; its failure must not lose the achievements."""
    if not awaits(listed.value, trigger):
        return None
    try:
        return await read()
    except ProviderError:
        return None
