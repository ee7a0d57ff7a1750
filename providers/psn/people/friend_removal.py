"""Ending a friendship."""

import asyncio
from dataclasses import dataclass

from providers.errors import NotFound, ProviderError
from providers.kit.text import quote_segment
from providers.psn import errors
from providers.psn.api import PsnApi, invalidate
from providers.psn.cache_policies import PROFILE_BY_ONLINE_ID
from providers.psn.identifiers import ME, check_handle
from providers.psn.people.accounts import Accounts
from providers.psn.people.friends import FriendLists
from providers.psn.people.social_models import FriendshipResponse
from providers.psn.urls import SOURCE
from providers.psn.writes import NOT_ALLOWED_MESSAGE, send_write

FRIEND_RELATION = "friend"
NOT_A_FRIEND_MESSAGE = "The account is none of your friends."
FRIEND_RULES = errors.ErrorRules(
    2281472,
    NOT_A_FRIEND_MESSAGE,
    NOT_ALLOWED_MESSAGE,
    frozenset({errors.BAD_REQUEST, errors.NOT_FOUND}),
)


@dataclass(frozen=True)
class FriendRemoval:
    """What the viewer may do about his friends."""

    api: PsnApi
    accounts: Accounts
    friend_lists: FriendLists

    async def remove(self, handle: str) -> str:
        """End a friendship; answers whose it was."""
        check_handle(handle)
        account_id = await self.accounts.get_account_id(handle)
        url = f"{self.api.urls.profiles}/{ME}/friends/{quote_segment(account_id)}"
        own_id, _ = await asyncio.gather(self._find_own_id(), self._check_friend(url))
        try:
            await send_write(self.api, url, FRIEND_RULES, method="DELETE")
        finally:
            await self._invalidate(handle, account_id, own_id)
        return account_id

    async def _find_own_id(self) -> str | None:
        """The viewer's own number: he may have been asked about by that as well as by `me`."""
        try:
            return await self.accounts.get_account_id(ME)
        except ProviderError:
            return None

    async def _check_friend(self, url: str) -> None:
        """The same call would decline a request from one who is no friend yet."""
        reply = await self.api.get(f"{url}/summary", FRIEND_RULES)
        if reply.decode(FriendshipResponse).relation != FRIEND_RELATION:
            raise NotFound(NOT_A_FRIEND_MESSAGE, source=SOURCE)

    async def _invalidate(self, handle: str, account_id: str, own_id: str | None) -> None:
        names = {handle.lower(), *await self.accounts.get_cached_names(account_id)}
        await invalidate(self.api, PROFILE_BY_ONLINE_ID, [(name,) for name in names])
        await self.friend_lists.invalidate([ME, account_id, *([own_id] if own_id else ())])
