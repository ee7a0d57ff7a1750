"""Friends by account id, a thousand at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from providers.capabilities import PageKey
from providers.errors import ProviderError
from providers.kit.caching.cache import gather_outcomes
from providers.kit.caching.cached import Cached
from providers.psn import errors
from providers.psn.api import PsnApi, invalidate
from providers.psn.cache_policies import FRIENDS
from providers.psn.identifiers import check_offset, is_account_id
from providers.psn.people.accounts import Accounts
from providers.psn.people.social_models import FriendsResponse
from providers.records import FriendPage

PAGE_SIZE = 1000
MAX_FRIENDS = 5000


@dataclass(frozen=True)
class FriendLists:
    """Friends of accounts, as far as one viewer may see them."""

    api: PsnApi
    accounts: Accounts

    async def get_friends(
        self, keys: Sequence[PageKey]
    ) -> list[Cached[FriendPage] | ProviderError]:
        """Pages of account ids."""
        return await gather_outcomes([self._get_page(key) for key in keys])

    async def invalidate(self, accounts: Sequence[str]) -> None:
        """Drop what is known of some accounts' friends."""
        offsets = range(0, MAX_FRIENDS, PAGE_SIZE)
        keys = [(account, str(offset)) for account in accounts for offset in offsets]
        await invalidate(self.api, FRIENDS, keys)

    async def _get_page(self, key: PageKey) -> Cached[FriendPage]:
        check_offset(key.offset)
        account = await self.accounts.resolve_path_id(key.handle)
        load = partial(self._load, account, key.offset)
        return await self.api.get_or_load(FRIENDS, (account, str(key.offset)), load)

    async def _load(self, account: str, offset: int) -> FriendPage:
        url = f"{self.api.urls.profiles}/{account}/friends"
        params = {"limit": str(PAGE_SIZE), "offset": str(offset)}
        reply = await self.api.get(url, errors.PROFILE_RULES, params)
        return _map_page(reply.decode(FriendsResponse), offset)


def _map_page(response: FriendsResponse, offset: int) -> FriendPage:
    next_offset = response.next_offset
    has_more = next_offset is not None and next_offset > offset
    if response.total is not None and next_offset is not None and next_offset >= response.total:
        has_more = False
    return FriendPage(
        account_ids=tuple(one for one in response.account_ids if is_account_id(one)),
        total=response.total,
        next_offset=next_offset if has_more else None,
    )
