"""Trophy.so as one viewer sees it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from providers.capabilities import TotalKey
from providers.errors import ProviderError
from providers.kit.caching.cache import gather
from providers.kit.caching.cached import Answer
from providers.kit.rate_limiting.rate_limiter import Budget
from providers.records import Achievement, Person, TrophyCounts, TrophySoMetric, TrophySoStreak
from providers.trophy_so.api import SOURCE
from providers.trophy_so.cached_api import Facts, check_user_id


@dataclass
class TrophySoClient:
    """Profiles, achievements, totals, metrics and streaks of users."""

    facts: Facts = field(repr=False)
    scope: str
    own_handle: str
    source: str = SOURCE

    def check_handle(self, handle: str) -> None:
        """Raise `BadInput` for a handle that no user can have."""
        check_user_id(handle)

    def budget(self) -> Budget | None:
        """What is left of this key's rate."""
        return self.facts.api.upstream.budget()

    async def learn_budget(self) -> None:
        """Learn what other processes have spent of it."""
        await self.facts.api.upstream.learn_budget()

    async def verify(self) -> None:
        """Read the own profile; without one, the account's achievements."""
        await self.facts.verify(self.own_handle)

    async def people(self, handles: Sequence[str]) -> Sequence[Answer[Person] | ProviderError]:
        """The profiles; `NotFound` for a user id that nobody has."""
        return await gather([self.facts.person(handle) for handle in handles])

    async def achievements(
        self, handles: Sequence[str], *, progress: bool = True
    ) -> Sequence[Answer[tuple[Achievement, ...]] | ProviderError]:
        """All achievements; without `progress`, metrics and streaks are not asked for."""
        facts = self.facts
        read = facts.achievements_with_progress if progress else facts.achievements
        return await gather([read(handle) for handle in handles])

    async def totals(
        self, keys: Sequence[TotalKey]
    ) -> Sequence[Answer[int | TrophyCounts | None] | ProviderError]:
        """How many achievements are earned; nothing else is counted."""
        return await gather([self._total(key) for key in keys])

    async def metrics(
        self, handles: Sequence[str]
    ) -> Sequence[Answer[tuple[TrophySoMetric, ...]] | ProviderError]:
        """Where the users stand."""
        return await gather([self.facts.metrics(handle) for handle in handles])

    async def streaks(
        self, handles: Sequence[str]
    ) -> Sequence[Answer[TrophySoStreak] | ProviderError]:
        """The users' current streaks."""
        return await gather([self.facts.streak(handle) for handle in handles])

    async def _total(self, key: TotalKey) -> Answer[int | TrophyCounts | None]:
        self.check_handle(key.handle)
        if key.field != "earned":
            return Answer(None, datetime.now(UTC))
        listed = await self.facts.achievements(key.handle)
        earned = sum(1 for achievement in listed.value if achievement.earned)
        return Answer(earned, listed.fetched_at, listed.stale)
