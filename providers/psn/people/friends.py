"""Loads friend lists: account ids, up to a thousand a page, or as many as PSN allows."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from providers.capabilities import PageKey
from providers.errors import ProviderError
from providers.kit.caching.cache import gather_outcomes
from providers.kit.caching.cached import Cached
from providers.kit.request_context import bypass_cache
from providers.psn import errors
from providers.psn.cache_policies import FRIENDS
from providers.psn.cached_api import CachedApi
from providers.psn.identifiers import check_offset, is_account_id
from providers.psn.learned_limits import FRIEND_PAGE_SIZE
from providers.psn.paging import OffsetList, OffsetPage
from providers.psn.people.accounts import Accounts
from providers.psn.people.models import FriendsResponse
from providers.records import FriendPage

# More than PSN allows, so that every cached page is invalidated.
MAX_FRIENDS = 5000


@dataclass(frozen=True)
class FriendLists:
    """Friend lists of accounts, as far as the viewer may see them."""

    cached_api: CachedApi
    accounts: Accounts

    async def get_friends(
        self, keys: Sequence[PageKey]
    ) -> list[Cached[FriendPage] | ProviderError]:
        """Return pages of friends' account ids."""
        return await gather_outcomes([self._get_page(key) for key in keys])

    async def invalidate(self, accounts: Sequence[str]) -> None:
        """Remove all cached pages of these accounts; each is `me` or an account id."""
        size = await FRIEND_PAGE_SIZE.get(self.cached_api)
        for account in accounts:
            offsets = {*range(0, MAX_FRIENDS, size), *await self._find_cached_offsets(account)}
            self.cached_api.invalidate(FRIENDS, [(account, str(offset)) for offset in offsets])

    async def _get_page(self, key: PageKey) -> Cached[FriendPage]:
        check_offset(key.offset)
        account = await self.accounts.resolve_path_id(key.handle)
        load = partial(self._load, account, key.offset)
        with bypass_cache(enabled=key.bypass_cache):
            return await self.cached_api.get_or_load(FRIENDS, (account, str(key.offset)), load)

    async def _find_cached_offsets(self, account: str) -> set[int]:
        """Return the offsets of the cached pages, which a limit may have changed between two."""
        offsets, offset = set[int](), 0
        while page := await self.cached_api.get_cached(FRIENDS, account, str(offset)):
            offsets.add(offset)
            if page.value.next_offset is None:
                break
            offset = page.value.next_offset
        return offsets

    async def _load(self, account: str, offset: int) -> FriendPage:
        url = f"{self.cached_api.api.urls.profiles}/{account}/friends"
        friends = OffsetList(
            FRIEND_PAGE_SIZE, url, errors.PROFILE_RULES, FriendsResponse, "friends"
        )
        return _map_page(await friends.load_page(self.cached_api, offset))


def _map_page(page: OffsetPage[FriendsResponse]) -> FriendPage:
    response, next_offset = page.response, page.next_offset
    # A `nextOffset` at the end of the list would only lead to an empty page.
    if next_offset is not None and response.total is not None and next_offset >= response.total:
        next_offset = None
    account_ids = tuple(filter(is_account_id, response.account_ids))
    return FriendPage(
        account_ids=account_ids,
        total=response.total,
        next_offset=next_offset,
        unread_count=page.row_count - len(account_ids),
    )
