"""RetroAchievements as the holder of one key sees it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from providers.capabilities import ContentsKey, SearchKey, TitlesKey, TotalKey
from providers.errors import ProviderError
from providers.kit.caching.cache import gather
from providers.kit.caching.cached import Answer
from providers.kit.rate_limiting.rate_limiter import Budget
from providers.records import (
    Awards,
    Contents,
    Person,
    PersonPage,
    Title,
    TitlePage,
    TrophyCounts,
    UnlockStretch,
)
from providers.retroachievements.awards import site_awards
from providers.retroachievements.cached_api import View, restated
from providers.retroachievements.cached_records import ProgressKey
from providers.retroachievements.contents import title_contents
from providers.retroachievements.identifiers import SOURCE, check_game, check_handle
from providers.retroachievements.people import load_person, person
from providers.retroachievements.progress import standings
from providers.retroachievements.search import check_term, search
from providers.retroachievements.titles import title_page
from providers.retroachievements.unlock_history import unlock_history


@dataclass(frozen=True)
class RetroAchievementsClient:
    """One key's view of people, titles, awards and totals."""

    view: View
    source: str = SOURCE

    @property
    def scope(self) -> str:
        """The key's name in caches."""
        return self.view.api.credential.scope

    @property
    def own_handle(self) -> str:
        """The account that the key is said to belong to."""
        return self.view.api.credential.username

    def check_handle(self, handle: str) -> None:
        """Refuse what no account can be called."""
        check_handle(handle)

    def check_title(self, native_id: str) -> None:
        """Refuse what no game can be numbered."""
        check_game(native_id)

    def budget(self) -> Budget | None:
        """What is left of this key's rate."""
        return self.view.api.upstream.budget()

    async def learn_budget(self) -> None:
        """Learn what other processes have spent of it."""
        await self.view.api.upstream.learn_budget()

    async def verify(self) -> None:
        """Ask for one's own profile, whatever is remembered."""
        await load_person(self.view.api, self.own_handle)

    async def people(self, handles: Sequence[str]) -> Sequence[Answer[Person] | ProviderError]:
        """The profiles."""
        return await gather([person(self.view, handle) for handle in handles])

    def check_term(self, term: str) -> None:
        """Refuse what cannot be searched for."""
        check_term(term)

    async def search(
        self, keys: Sequence[SearchKey]
    ) -> Sequence[Answer[PersonPage] | ProviderError]:
        """The accounts of exactly those names."""
        return await gather([search(self.view, key) for key in keys])

    async def titles(
        self, keys: Sequence[TitlesKey]
    ) -> Sequence[Answer[TitlePage] | ProviderError]:
        """Pages of the games that something was earned in, last earned first."""
        return await gather([title_page(self.view, key) for key in keys])

    async def contents(
        self, keys: Sequence[ContentsKey]
    ) -> Sequence[Answer[Contents] | ProviderError]:
        """What is in games, as an account has played them or by themselves."""
        return await title_contents(self.view, keys)

    async def progress(
        self, keys: Sequence[ProgressKey]
    ) -> Sequence[Answer[Title | None] | ProviderError]:
        """Counts of many games in one call; None for a game without achievements, or no game."""
        return await standings(self.view, keys)

    async def awards(self, handles: Sequence[str]) -> Sequence[Answer[Awards] | ProviderError]:
        """All visible site awards, newest first."""
        return await gather([site_awards(self.view, handle) for handle in handles])

    async def unlock_history(self, handle: str, before: datetime | None) -> Answer[UnlockStretch]:
        """The stretch of unlocks around a moment, or the newest, newest first."""
        return await unlock_history(self.view, handle, before)

    async def totals(
        self, keys: Sequence[TotalKey]
    ) -> Sequence[Answer[int | TrophyCounts | None] | ProviderError]:
        """Titles, points and awards; the unlocks are counted nowhere."""
        return await gather([self._total(key) for key in keys])

    async def _total(self, key: TotalKey) -> Answer[int | TrophyCounts | None]:
        if key.field == "titles":
            page = await title_page(self.view, TitlesKey(key.handle))
            return restated(page, page.value.total)
        if key.field == "points":
            profile = await person(self.view, key.handle)
            return restated(profile, profile.value.points)
        if key.field == "awards":
            awards = await site_awards(self.view, key.handle)
            summary = awards.value.summary
            return restated(awards, None if summary is None else summary.total)
        return Answer(None, datetime.now(UTC))
