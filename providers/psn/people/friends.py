"""Loads friend lists: account ids, up to a thousand a page."""

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
from providers.psn.paging import get_following_offset
from providers.psn.people.accounts import Accounts
from providers.psn.people.models import FriendsResponse
from providers.records import FriendPage

PAGE_SIZE = 1000
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

    def invalidate(self, accounts: Sequence[str]) -> None:
        """Remove all cached pages of these accounts; each is `me` or an account id."""
        offsets = range(0, MAX_FRIENDS, PAGE_SIZE)
        keys = [(account, str(offset)) for account in accounts for offset in offsets]
        self.cached_api.invalidate(FRIENDS, keys)

    async def _get_page(self, key: PageKey) -> Cached[FriendPage]:
        check_offset(key.offset)
        account = await self.accounts.resolve_path_id(key.handle)
        load = partial(self._load, account, key.offset)
        with bypass_cache(enabled=key.bypass_cache):
            return await self.cached_api.get_or_load(FRIENDS, (account, str(key.offset)), load)

    async def _load(self, account: str, offset: int) -> FriendPage:
        api = self.cached_api.api
        url = f"{api.urls.profiles}/{account}/friends"
        params = {"limit": str(PAGE_SIZE), "offset": str(offset)}
        reply = await api.get(url, errors.PROFILE_RULES, params)
        return _map_page(reply.decode(FriendsResponse), offset)


def _map_page(response: FriendsResponse, offset: int) -> FriendPage:
    next_offset = get_following_offset(response.next_offset, offset)
    # A `nextOffset` at the end of the list would only lead to an empty page.
    if next_offset is not None and response.total is not None and next_offset >= response.total:
        next_offset = None
    return FriendPage(
        account_ids=tuple(filter(is_account_id, response.account_ids)),
        total=response.total,
        next_offset=next_offset,
    )
