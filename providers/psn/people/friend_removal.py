"""Removes a friend of the viewer."""

import asyncio
from dataclasses import dataclass

from providers.errors import NotFound
from providers.kit.text import quote_segment
from providers.psn import errors
from providers.psn.cache_policies import PROFILE_BY_ONLINE_ID
from providers.psn.cached_api import CachedApi
from providers.psn.identifiers import ME, check_handle
from providers.psn.people.accounts import Accounts
from providers.psn.people.friends import FriendLists
from providers.psn.people.models import FriendshipResponse
from providers.psn.urls import SOURCE
from providers.psn.writes import NOT_ALLOWED_MESSAGE, send_write

FRIEND_RELATION = "friend"
NOT_A_FRIEND_MESSAGE = "This account is not one of your friends."
FRIEND_RULES = errors.ErrorRules(
    2281472,
    NOT_A_FRIEND_MESSAGE,
    NOT_ALLOWED_MESSAGE,
    errors.ACCOUNT_NOT_FOUND_STATUSES,
)


@dataclass(frozen=True)
class FriendRemoval:
    """Removal of the viewer's friends."""

    cached_api: CachedApi
    accounts: Accounts
    friend_lists: FriendLists

    async def remove_friend(self, handle: str) -> str:
        """Remove a friend and return their account id; `NotFound` if they are not a friend."""
        check_handle(handle)
        account_id = await self.accounts.get_account_id(handle)
        api = self.cached_api.api
        url = f"{api.urls.profiles}/{ME}/friends/{quote_segment(account_id)}"
        # The friend list may be cached under the viewer's account id as well as under `me`.
        own_id, _ = await asyncio.gather(self.accounts.find_own_id(), self._check_friend(url))
        # Before it as well, because this process may end before PSN has answered.
        await self._invalidate(handle, account_id, own_id)
        try:
            await send_write(api, url, FRIEND_RULES, method="DELETE")
        finally:
            await self._invalidate(handle, account_id, own_id)
        return account_id

    async def _check_friend(self, url: str) -> None:
        # The same DELETE would decline a friend request of an account that is not a friend yet.
        reply = await self.cached_api.api.get(f"{url}/summary", FRIEND_RULES)
        if reply.decode(FriendshipResponse).relation != FRIEND_RELATION:
            raise NotFound(NOT_A_FRIEND_MESSAGE, source=SOURCE)

    async def _invalidate(self, handle: str, account_id: str, own_id: str | None) -> None:
        names = {handle.lower(), *await self.accounts.get_cached_names(account_id)}
        self.cached_api.invalidate(PROFILE_BY_ONLINE_ID, [(name,) for name in names])
        await self.friend_lists.invalidate([ME, account_id, *([own_id] if own_id else ())])
        await self.cached_api.cache.finish_invalidations()
