"""Ending a friendship."""

import asyncio
from dataclasses import dataclass

from providers.errors import NotFound, ProviderError
from providers.kit.text import segment
from providers.psn import errors
from providers.psn.api import Connection, forget
from providers.psn.cache_policies import NAMED_PROFILE
from providers.psn.identifiers import ME, check_handle
from providers.psn.people.accounts import Accounts
from providers.psn.people.friends import FriendLists
from providers.psn.people.social_models import Friendship
from providers.psn.urls import SOURCE
from providers.psn.writes import REFUSED, write

FRIEND = "friend"
NO_FRIEND = "The account is none of your friends."
REFUSALS = errors.Refusals(
    2281472, NO_FRIEND, REFUSED, frozenset({errors.BAD_REQUEST, errors.NOT_FOUND})
)


@dataclass(frozen=True)
class Parting:
    """What the viewer may do about his friends."""

    connection: Connection
    accounts: Accounts
    friends: FriendLists

    async def remove(self, handle: str) -> str:
        """End a friendship; answers whose it was."""
        check_handle(handle)
        account_id = await self.accounts.account_id(handle)
        url = f"{self.connection.hosts.profiles}/{ME}/friends/{segment(account_id)}"
        own, _ = await asyncio.gather(self._own(), self._check_friend(url))
        try:
            await write(self.connection, url, REFUSALS, method="DELETE")
        finally:
            await self._forget(handle, account_id, own)
        return account_id

    async def _own(self) -> str | None:
        """The viewer's own number: he may have been asked about by that as well as by `me`."""
        try:
            return await self.accounts.account_id(ME)
        except ProviderError:
            return None

    async def _check_friend(self, url: str) -> None:
        """The same call would decline a request from one who is no friend yet."""
        reply = await self.connection.get(f"{url}/summary", REFUSALS)
        if reply.decode(Friendship).relation != FRIEND:
            raise NotFound(NO_FRIEND, source=SOURCE)

    async def _forget(self, handle: str, account_id: str, own: str | None) -> None:
        names = {handle.lower(), *await self.accounts.names(account_id)}
        await forget(self.connection, NAMED_PROFILE, [(name,) for name in names])
        await self.friends.forget([ME, account_id, *([own] if own else ())])
