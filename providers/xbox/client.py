"""The capabilities of one OpenXBL key."""

from collections.abc import Sequence
from dataclasses import dataclass, field

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
from providers.xbox.account_search import check_term, search_accounts
from providers.xbox.accounts import get_xuid
from providers.xbox.cache_policies import FULL_PROFILE, PROFILE
from providers.xbox.cached_api import CachedApi
from providers.xbox.friends import get_friends
from providers.xbox.identifiers import ME, SOURCE, check_title_id, is_xuid, parse_handle
from providers.xbox.play_durations import get_title_facts
from providers.xbox.presences import get_presences
from providers.xbox.profile_mapping import map_accounts
from providers.xbox.profiles import get_profiles
from providers.xbox.title_contents import get_title_contents
from providers.xbox.title_lists import get_played_page, get_title_page, get_total
from providers.xbox_records import XboxPresence, XboxProfile


@dataclass(frozen=True)
class XboxClient:
    """Profiles, titles, friends, presences and totals of accounts."""

    cached_api: CachedApi = field(repr=False)
    source: str = SOURCE
    own_handle: str = ME
    own_account: str = ""  # a key is that of one account

    @property
    def scope(self) -> str:
        """Return the credential's name in cache keys."""
        return self.cached_api.scope

    @property
    def is_accepted(self) -> bool:
        """Return whether this is the operator's client, or the source accepts the caller's."""
        return self.cached_api.api.upstream.is_accepted

    def check_handle(self, handle: str) -> None:
        """Raise `BadInput` for a handle that no account can have."""
        parse_handle(handle)

    def check_title(self, native_id: str) -> None:
        """Raise `BadInput` for an id that no title can have."""
        check_title_id(native_id)

    def check_term(self, term: str) -> None:
        """Raise `BadInput` for an invalid search term."""
        check_term(term)

    def get_budget(self) -> Budget | None:
        """Return what is left of this key's rate, by the upstream's own count as well."""
        return self.cached_api.api.upstream.get_budget()

    async def refresh_budget(self) -> None:
        """Fetch what other processes have used of it."""
        await self.cached_api.api.upstream.refresh_budget()

    async def verify(self) -> str:
        """Make the cheapest call that needs the key, without the cache; return the own gamertag."""
        profiles = map_accounts(await self.cached_api.api.load_own_accounts())
        return (profiles[0].display_name or profiles[0].native_id) if profiles else ""

    async def get_account_id(self, handle: str) -> str:
        """Return the account's XUID."""
        return await get_xuid(self.cached_api, handle)

    async def get_stable_id(self, handle: str) -> str:
        """Return the account's XUID: a gamertag may be given to somebody else."""
        return await get_xuid(self.cached_api, handle)

    def is_stable_id(self, handle: str) -> bool:
        """Return whether a handle is an XUID."""
        return is_xuid(handle)

    async def get_profiles(
        self, handles: Sequence[str]
    ) -> Sequence[Cached[XboxProfile] | ProviderError]:
        """Return the profiles, of which those from lists lack a few fields."""
        return await get_profiles(self.cached_api, PROFILE, handles)

    async def get_full_profiles(
        self, handles: Sequence[str]
    ) -> Sequence[Cached[XboxProfile] | ProviderError]:
        """Return the whole profiles."""
        return await get_profiles(self.cached_api, FULL_PROFILE, handles)

    async def get_presences(
        self, handles: Sequence[str]
    ) -> Sequence[Cached[XboxPresence | None] | ProviderError]:
        """Return the presences; None for one that the source does not tell."""
        return await get_presences(self.cached_api, handles)

    async def get_friends(
        self, keys: Sequence[PageKey]
    ) -> Sequence[Cached[FriendPage] | ProviderError]:
        """Return the friends' account ids, all in one page."""
        return await gather_outcomes([get_friends(self.cached_api, key) for key in keys])

    async def search(
        self, keys: Sequence[SearchKey]
    ) -> Sequence[Cached[ProfilePage] | ProviderError]:
        """Return the accounts that the source finds by gamertag."""
        return await gather_outcomes([search_accounts(self.cached_api, key) for key in keys])

    async def get_titles(
        self, keys: Sequence[TitlePageKey]
    ) -> Sequence[Cached[TitlePage] | ProviderError]:
        """Return the titles with achievements, last played first, all in one page."""
        return await gather_outcomes([get_title_page(self.cached_api, key) for key in keys])

    async def get_contents(
        self, keys: Sequence[ContentsKey]
    ) -> Sequence[Cached[Contents] | ProviderError]:
        """Return the contents of titles, with what an account has earned or without."""
        return await get_title_contents(self.cached_api, keys)

    async def get_played_titles(
        self, keys: Sequence[PageKey]
    ) -> Sequence[Cached[PlayedTitlePage] | ProviderError]:
        """Return the titles with achievements, last played first, all in one page."""
        return await gather_outcomes([get_played_page(self.cached_api, key) for key in keys])

    def list_absent_attributes(self) -> frozenset[str]:
        """Return none: both lists are the same rows."""
        return frozenset()

    def select_fact_parts(self, parts: Part) -> Part:
        """Return the time of play, if it is among the parts; a row has the other facts."""
        return parts & Part.PLAY_DURATION

    async def get_title_facts(
        self, keys: Sequence[ContentsKey]
    ) -> Sequence[Cached[Title] | ProviderError]:
        """Return how long titles were played."""
        return await get_title_facts(self.cached_api, keys)

    async def get_totals(
        self, keys: Sequence[TotalKey]
    ) -> Sequence[Cached[int | TrophyCounts | None] | ProviderError]:
        """Return the titles, the earned achievements and the gamerscore; None for other totals."""
        return await gather_outcomes([get_total(self.cached_api, key) for key in keys])
