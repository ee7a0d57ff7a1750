"""The capabilities of one RetroAchievements credential."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from providers.capabilities import (
    ContentsKey,
    FollowKey,
    LeaderboardEntriesKey,
    LeaderboardPageKey,
    PageKey,
    SearchKey,
    TitlePageKey,
    TotalKey,
)
from providers.errors import ProviderError
from providers.kit.caching.cache import gather_outcomes
from providers.kit.caching.cached import Cached, replace_value
from providers.kit.rate_limiting.rate_limiter import Budget
from providers.records import (
    ALL_TIME,
    Awards,
    Contents,
    Part,
    Period,
    PlayedTitlePage,
    Profile,
    ProfilePage,
    Title,
    TitlePage,
    TrophyCounts,
    UnlockPage,
)
from providers.retroachievements.account_search import check_term, search_accounts
from providers.retroachievements.achievement_of_the_week import get_achievement_of_the_week
from providers.retroachievements.awards import get_awards
from providers.retroachievements.cached_api import CachedApi
from providers.retroachievements.cached_records import ProgressKey
from providers.retroachievements.follows import get_follow_page
from providers.retroachievements.identifiers import SOURCE, check_game_id, check_handle, is_ulid
from providers.retroachievements.leaderboards import get_leaderboard_entries, get_leaderboard_page
from providers.retroachievements.played_titles import get_played_page
from providers.retroachievements.profiles import get_account_id, get_profile, load_profile
from providers.retroachievements.progress import get_progress
from providers.retroachievements.ranks import get_rank
from providers.retroachievements.title_contents import get_title_contents
from providers.retroachievements.title_facts import get_title_facts
from providers.retroachievements.title_lists import get_title_page
from providers.retroachievements.unlock_history import get_unlock_history
from providers.retroachievements.wanted_titles import get_wanted_titles
from providers.retroachievements_records import (
    AchievementOfTheWeek,
    LeaderboardEntry,
    LeaderboardPage,
    RetroAchievementsFollowPage,
    RetroAchievementsRank,
)


@dataclass(frozen=True)
class RetroAchievementsClient:
    """Profiles, titles, awards, unlocks and totals of accounts."""

    cached_api: CachedApi = field(repr=False)
    source: str = SOURCE

    @property
    def scope(self) -> str:
        """Return the credential's name in cache keys."""
        return self.cached_api.scope

    @property
    def own_handle(self) -> str:
        """Return the account that comes with the key."""
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
        """Raise `BadInput` for a handle that no account can have."""
        check_handle(handle)

    def check_title(self, native_id: str) -> None:
        """Raise `BadInput` for an id that no game can have."""
        check_game_id(native_id)

    def get_budget(self) -> Budget | None:
        """Return what is left of this key's rate, as far as this process knows."""
        return self.cached_api.api.upstream.get_budget()

    async def refresh_budget(self) -> None:
        """Fetch what other processes have used of it."""
        await self.cached_api.api.upstream.refresh_budget()

    async def verify(self) -> str:
        """Load the own profile, without the cache; return the own name."""
        return (await load_profile(self.cached_api.api, self.own_handle)).handle

    async def get_profiles(
        self, handles: Sequence[str]
    ) -> Sequence[Cached[Profile] | ProviderError]:
        """Return the profiles; `NotFound` for an unknown account."""
        return await gather_outcomes([get_profile(self.cached_api, handle) for handle in handles])

    def is_stable_id(self, handle: str) -> bool:
        """Return whether the handle is a ULID."""
        return is_ulid(handle)

    async def get_stable_id(self, handle: str) -> str:
        """Return the account's ULID."""
        return await get_account_id(self.cached_api, handle)

    def check_term(self, term: str) -> None:
        """Raise `BadInput` for an invalid search term."""
        check_term(term)

    async def search(
        self, keys: Sequence[SearchKey]
    ) -> Sequence[Cached[ProfilePage] | ProviderError]:
        """Return the accounts with exactly these names."""
        return await gather_outcomes([search_accounts(self.cached_api, key) for key in keys])

    async def get_titles(
        self, keys: Sequence[TitlePageKey]
    ) -> Sequence[Cached[TitlePage] | ProviderError]:
        """Return pages of the games with unlocks, last unlock first."""
        return await gather_outcomes([get_title_page(self.cached_api, key) for key in keys])

    async def get_contents(
        self, keys: Sequence[ContentsKey]
    ) -> Sequence[Cached[Contents] | ProviderError]:
        """Return the contents of games, with an account's progress or without."""
        return await get_title_contents(self.cached_api, keys)

    async def get_progress(
        self, keys: Sequence[ProgressKey]
    ) -> Sequence[Cached[Title | None] | ProviderError]:
        """Return the counts of many games; None for an unknown one or one without achievements."""
        return await get_progress(self.cached_api, keys)

    async def get_awards(self, handles: Sequence[str]) -> Sequence[Cached[Awards] | ProviderError]:
        """Return all visible site awards, newest first."""
        return await gather_outcomes([get_awards(self.cached_api, handle) for handle in handles])

    async def get_ranks(
        self, handles: Sequence[str]
    ) -> Sequence[Cached[RetroAchievementsRank | None] | ProviderError]:
        """Return the places among all ranked accounts; None for an unranked one."""
        return await gather_outcomes([get_rank(self.cached_api, handle) for handle in handles])

    async def get_follows(
        self, keys: Sequence[FollowKey]
    ) -> Sequence[Cached[RetroAchievementsFollowPage] | ProviderError]:
        """Return pages of the accounts that the key's owner follows, or is followed by."""
        return await gather_outcomes([get_follow_page(self.cached_api, key) for key in keys])

    async def get_wanted_titles(
        self, keys: Sequence[PageKey]
    ) -> Sequence[Cached[TitlePage] | ProviderError]:
        """Return pages of the games that accounts want to play; `Private` for a hidden list."""
        return await gather_outcomes([get_wanted_titles(self.cached_api, key) for key in keys])

    async def get_leaderboards(
        self, keys: Sequence[LeaderboardPageKey]
    ) -> Sequence[Cached[LeaderboardPage] | ProviderError]:
        """Return pages of games' leaderboards; `NotFound` for an unknown game."""
        return await gather_outcomes([get_leaderboard_page(self.cached_api, key) for key in keys])

    async def get_leaderboard_entries(
        self, keys: Sequence[LeaderboardEntriesKey]
    ) -> Sequence[Cached[dict[str, LeaderboardEntry]] | ProviderError]:
        """Return players' places by the leaderboards' ids; without those they are not on."""
        return await gather_outcomes(
            [get_leaderboard_entries(self.cached_api, key) for key in keys]
        )

    async def get_achievement_of_the_week(self) -> Cached[AchievementOfTheWeek | None]:
        """Return the achievement that the site has chosen for the week; None without one."""
        return await get_achievement_of_the_week(self.cached_api)

    async def get_unlock_history(
        self, handle: str, before: datetime | None, needed: Period = ALL_TIME
    ) -> Cached[UnlockPage]:
        """Return the page of unlocks that contains a moment, or the newest; newest first."""
        return await get_unlock_history(self.cached_api, handle, before, needed)

    def select_fact_parts(self, parts: Part) -> Part:
        """Return the same parts: the source has all facts of a title."""
        return parts

    async def get_title_facts(
        self, keys: Sequence[ContentsKey]
    ) -> Sequence[Cached[Title] | ProviderError]:
        """Return the facts of games that their lists lack."""
        return await get_title_facts(self.cached_api, keys)

    async def get_played_titles(
        self, keys: Sequence[PageKey]
    ) -> Sequence[Cached[PlayedTitlePage] | ProviderError]:
        """Return pages of games, last played first."""
        return await gather_outcomes([get_played_page(self.cached_api, key) for key in keys])

    def list_absent_attributes(self) -> frozenset[str]:
        """Return what only the list of begun games has."""
        return frozenset({"last_updated_at", "highest_award"})

    async def get_totals(
        self, keys: Sequence[TotalKey]
    ) -> Sequence[Cached[int | TrophyCounts | None] | ProviderError]:
        """Return the number of titles, points or awards; None for every other total."""
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
