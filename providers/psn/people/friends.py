"""Friends by account id, a thousand at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from providers.capabilities import PageKey
from providers.errors import ProviderError
from providers.kit.caching.cache import gather
from providers.kit.caching.cached import Answer
from providers.psn import errors
from providers.psn.api import Connection, forget
from providers.psn.cache_policies import FRIENDS
from providers.psn.identifiers import check_offset, is_account_id
from providers.psn.people.accounts import Accounts
from providers.psn.people.social_models import FriendIds
from providers.records import FriendPage

PAGE = 1000
MOST_FRIENDS = 5000


@dataclass(frozen=True)
class FriendLists:
    """Friends of accounts, as far as one viewer may see them."""

    connection: Connection
    accounts: Accounts

    async def friends(self, keys: Sequence[PageKey]) -> list[Answer[FriendPage] | ProviderError]:
        """Pages of account ids."""
        return await gather([self._page(key) for key in keys])

    async def forget(self, accounts: Sequence[str]) -> None:
        """Drop what is known of some accounts' friends."""
        offsets = range(0, MOST_FRIENDS, PAGE)
        keys = [(account, str(offset)) for account in accounts for offset in offsets]
        await forget(self.connection, FRIENDS, keys)

    async def _page(self, key: PageKey) -> Answer[FriendPage]:
        check_offset(key.offset)
        account = await self.accounts.path(key.handle)
        load = partial(self._load, account, key.offset)
        return await self.connection.remember(FRIENDS, (account, str(key.offset)), load)

    async def _load(self, account: str, offset: int) -> FriendPage:
        url = f"{self.connection.hosts.profiles}/{account}/friends"
        params = {"limit": str(PAGE), "offset": str(offset)}
        reply = await self.connection.get(url, errors.PROFILE, params)
        return _read(reply.decode(FriendIds), offset)


def _read(answer: FriendIds, offset: int) -> FriendPage:
    following = answer.next_offset
    more = following is not None and following > offset
    if answer.total is not None and following is not None and following >= answer.total:
        more = False
    return FriendPage(
        account_ids=tuple(one for one in answer.account_ids if is_account_id(one)),
        total=answer.total,
        next_offset=following if more else None,
    )
