"""RetroAchievements as the holder of one key sees it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from providers.capabilities import ContentsKey, SearchKey, TitlePageKey, TotalKey
from providers.errors import ProviderError
from providers.kit.caching.cache import gather_outcomes
from providers.kit.caching.cached import Cached
from providers.kit.rate_limiting.rate_limiter import Budget
from providers.records import (
    Awards,
    Contents,
    Profile,
    ProfilePage,
    Title,
    TitlePage,
    TrophyCounts,
    UnlockPage,
)
from providers.retroachievements.account_search import check_term, search_accounts
from providers.retroachievements.awards import get_awards
from providers.retroachievements.cached_api import CachedApi, replace_value
from providers.retroachievements.cached_records import ProgressKey
from providers.retroachievements.identifiers import SOURCE, check_game_id, check_handle
from providers.retroachievements.profiles import get_profile, load_profile
from providers.retroachievements.progress import get_progress
from providers.retroachievements.title_contents import get_title_contents
from providers.retroachievements.title_lists import get_title_page
from providers.retroachievements.unlock_history import get_unlock_history


@dataclass(frozen=True)
class RetroAchievementsClient:
    """One key's view of people, titles, awards and totals."""

    cached_api: CachedApi
    source: str = SOURCE

    @property
    def scope(self) -> str:
        """The key's name in caches."""
        return self.cached_api.api.credential.scope

    @property
    def own_handle(self) -> str:
        """The account that the key is said to belong to."""
        return self.cached_api.api.credential.username

    def check_handle(self, handle: str) -> None:
        """Refuse what no account can be called."""
        check_handle(handle)

    def check_title(self, native_id: str) -> None:
        """Refuse what no game can be numbered."""
        check_game_id(native_id)

    def get_budget(self) -> Budget | None:
        """What is left of this key's rate."""
        return self.cached_api.api.upstream.get_budget()

    async def refresh_budget(self) -> None:
        """Learn what other processes have spent of it."""
        await self.cached_api.api.upstream.refresh_budget()

    async def verify(self) -> None:
        """Ask for one's own profile, whatever is remembered."""
        await load_profile(self.cached_api.api, self.own_handle)

    async def get_profiles(
        self, handles: Sequence[str]
    ) -> Sequence[Cached[Profile] | ProviderError]:
        """The profiles."""
        return await gather_outcomes([get_profile(self.cached_api, handle) for handle in handles])

    def check_term(self, term: str) -> None:
        """Refuse what cannot be searched for."""
        check_term(term)

    async def search(
        self, keys: Sequence[SearchKey]
    ) -> Sequence[Cached[ProfilePage] | ProviderError]:
        """The accounts of exactly those names."""
        return await gather_outcomes([search_accounts(self.cached_api, key) for key in keys])

    async def get_titles(
        self, keys: Sequence[TitlePageKey]
    ) -> Sequence[Cached[TitlePage] | ProviderError]:
        """Pages of the games that something was earned in, last earned first."""
        return await gather_outcomes([get_title_page(self.cached_api, key) for key in keys])

    async def get_contents(
        self, keys: Sequence[ContentsKey]
    ) -> Sequence[Cached[Contents] | ProviderError]:
        """What is in games, as an account has played them or by themselves."""
        return await get_title_contents(self.cached_api, keys)

    async def get_progress(
        self, keys: Sequence[ProgressKey]
    ) -> Sequence[Cached[Title | None] | ProviderError]:
        """Counts of many games in one call; None for a game without achievements, or no game."""
        return await get_progress(self.cached_api, keys)

    async def get_awards(self, handles: Sequence[str]) -> Sequence[Cached[Awards] | ProviderError]:
        """All visible site awards, newest first."""
        return await gather_outcomes([get_awards(self.cached_api, handle) for handle in handles])

    async def get_unlock_history(self, handle: str, before: datetime | None) -> Cached[UnlockPage]:
        """The stretch of unlocks around a moment, or the newest, newest first."""
        return await get_unlock_history(self.cached_api, handle, before)

    async def get_totals(
        self, keys: Sequence[TotalKey]
    ) -> Sequence[Cached[int | TrophyCounts | None] | ProviderError]:
        """Titles, points and awards; the unlocks are counted nowhere."""
        return await gather_outcomes([self._get_total(key) for key in keys])

    async def _get_total(self, key: TotalKey) -> Cached[int | TrophyCounts | None]:
        if key.field == "titles":
            page = await get_title_page(self.cached_api, TitlePageKey(key.handle))
            return replace_value(page, page.value.total)
        if key.field == "points":
            profile = await get_profile(self.cached_api, key.handle)
            return replace_value(profile, profile.value.points)
        if key.field == "awards":
            awards = await get_awards(self.cached_api, key.handle)
            summary = awards.value.summary
            return replace_value(awards, None if summary is None else summary.total)
        return Cached(None, datetime.now(UTC))
