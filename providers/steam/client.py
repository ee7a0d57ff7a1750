"""The capabilities of one Steam credential."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from providers.capabilities import ContentsKey, PageKey, SearchKey, TitlePageKey, TotalKey
from providers.errors import ProviderError
from providers.kit.caching.cache import gather_outcomes
from providers.kit.caching.cached import Cached
from providers.kit.rate_limiting.rate_limiter import Budget
from providers.records import (
    Contents,
    FriendPage,
    Part,
    PlayedTitlePage,
    ProfilePage,
    Title,
    TitlePage,
    TrophyCounts,
)
from providers.steam.account_search import check_term, search_accounts
from providers.steam.accounts import check_handle, get_steam_id
from providers.steam.cached_api import CachedApi
from providers.steam.friends import get_friends
from providers.steam.identifiers import ME, SOURCE, check_app_id, is_steam_id
from providers.steam.played_games import get_played_games
from providers.steam.played_titles import get_played_page
from providers.steam.profiles import get_level, get_presences, get_profiles, load_summaries
from providers.steam.title_contents import get_title_contents
from providers.steam.title_facts import get_title_facts
from providers.steam.title_lists import count_titles, get_title_page
from providers.steam_records import SteamPlayedGamePage, SteamPresence, SteamProfile


@dataclass(frozen=True)
class SteamClient:
    """Profiles, titles, friends, presences, played games, levels and totals of accounts."""

    cached_api: CachedApi = field(repr=False)
    source: str = SOURCE

    @property
    def scope(self) -> str:
        """Return the credential's name in cache keys."""
        return self.cached_api.scope

    @property
    def own_handle(self) -> str:
        """Return `me`; empty for a key without an account."""
        return ME if self.cached_api.api.credential.own_handle else ""

    @property
    def own_account(self) -> str:
        """Return the account for which `me` stands."""
        return self.cached_api.api.credential.own_handle

    @property
    def is_accepted(self) -> bool:
        """Return whether this is the operator's client, or the source accepts the caller's."""
        return self.cached_api.api.upstream.is_accepted

    def check_handle(self, handle: str) -> None:
        """Raise `BadInput` for a handle that no account can have."""
        check_handle(self.cached_api, handle)

    def check_title(self, native_id: str) -> None:
        """Raise `BadInput` for an id that no app can have."""
        check_app_id(native_id)

    def check_term(self, term: str) -> None:
        """Raise `BadInput` for an invalid search term."""
        check_term(term)

    def get_budget(self) -> Budget | None:
        """Return what is left of this key's rate, as far as this process knows."""
        return self.cached_api.api.upstream.get_budget()

    async def refresh_budget(self) -> None:
        """Fetch what other processes have used of it."""
        await self.cached_api.api.upstream.refresh_budget()

    async def verify(self) -> str:
        """Make the cheapest call that needs the key, without the cache; return the own name."""
        if not is_steam_id(self.own_account):
            await self.cached_api.api.verify_key()
            return self.own_account
        summaries = await load_summaries(self.cached_api.api, [self.own_account])
        found = summaries.get(self.own_account)
        return (found and found.profile.display_name) or self.own_account

    async def get_account_id(self, handle: str) -> str:
        """Return the account's SteamID64."""
        return await get_steam_id(self.cached_api, handle)

    async def get_stable_id(self, handle: str) -> str:
        """Return the account's SteamID64: a vanity name may be given to somebody else."""
        return await get_steam_id(self.cached_api, handle)

    def is_stable_id(self, handle: str) -> bool:
        """Return whether a handle is a SteamID64."""
        return is_steam_id(handle)

    async def get_profiles(
        self, handles: Sequence[str]
    ) -> Sequence[Cached[SteamProfile] | ProviderError]:
        """Return the profiles; `NotFound` for an unknown account."""
        return await get_profiles(self.cached_api, handles)

    async def get_presences(
        self, handles: Sequence[str]
    ) -> Sequence[Cached[SteamPresence] | ProviderError]:
        """Return the presences."""
        return await get_presences(self.cached_api, handles)

    async def get_levels(
        self, handles: Sequence[str]
    ) -> Sequence[Cached[int | None] | ProviderError]:
        """Return the levels; None for one that its owner hides."""
        return await gather_outcomes([get_level(self.cached_api, handle) for handle in handles])

    async def get_friends(
        self, keys: Sequence[PageKey]
    ) -> Sequence[Cached[FriendPage] | ProviderError]:
        """Return the friends' account ids, all in one page."""
        return await gather_outcomes([get_friends(self.cached_api, key) for key in keys])

    async def get_played_games(
        self, keys: Sequence[PageKey]
    ) -> Sequence[Cached[SteamPlayedGamePage] | ProviderError]:
        """Return the played games, all in one page."""
        return await gather_outcomes([get_played_games(self.cached_api, key) for key in keys])

    async def search(
        self, keys: Sequence[SearchKey]
    ) -> Sequence[Cached[ProfilePage] | ProviderError]:
        """Return the accounts with exactly these names."""
        return await gather_outcomes([search_accounts(self.cached_api, key) for key in keys])

    async def get_titles(
        self, keys: Sequence[TitlePageKey]
    ) -> Sequence[Cached[TitlePage] | ProviderError]:
        """Return pages of the games with achievements and their counts, last played first."""
        return await gather_outcomes(
            [get_title_page(self.cached_api, key, with_counts=True) for key in keys]
        )

    async def get_titles_without_counts(
        self, keys: Sequence[TitlePageKey]
    ) -> Sequence[Cached[TitlePage] | ProviderError]:
        """Return the same pages without the counts, which need a call of their own."""
        return await gather_outcomes(
            [get_title_page(self.cached_api, key, with_counts=False) for key in keys]
        )

    async def get_contents(
        self, keys: Sequence[ContentsKey]
    ) -> Sequence[Cached[Contents] | ProviderError]:
        """Return the contents of apps, with what an account has earned or without."""
        return await get_title_contents(self.cached_api, keys)

    async def get_played_titles(
        self, keys: Sequence[PageKey]
    ) -> Sequence[Cached[PlayedTitlePage] | ProviderError]:
        """Return the played games that have achievements, all in one page."""
        return await gather_outcomes([get_played_page(self.cached_api, key) for key in keys])

    def list_absent_attributes(self) -> frozenset[str]:
        """Return the counts, which take a call of their own."""
        return frozenset({"achievement_count", "earned_count", "progress"})

    def select_fact_parts(self, parts: Part) -> Part:
        """Return the times of play, if they are among the parts."""
        return parts & (Part.PLAY_DURATION | Part.LAST_PLAYED)

    async def get_title_facts(
        self, keys: Sequence[ContentsKey]
    ) -> Sequence[Cached[Title] | ProviderError]:
        """Return the times of play of titles that were reached without the library."""
        return await get_title_facts(self.cached_api, keys)

    async def get_totals(
        self, keys: Sequence[TotalKey]
    ) -> Sequence[Cached[int | TrophyCounts | None] | ProviderError]:
        """Return the number of titles; None for every other total."""
        return await gather_outcomes([self._get_total(key) for key in keys])

    async def _get_total(self, key: TotalKey) -> Cached[int | TrophyCounts | None]:
        self.check_handle(key.handle)
        if key.field == "titles":
            return await count_titles(self.cached_api, key.handle)
        return Cached(None, datetime.now(UTC))
