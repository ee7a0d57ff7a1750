"""People, games and conversations: the abilities beside trophies, and who has them."""

from collections.abc import Sequence
from dataclasses import dataclass

from providers.capabilities import MessagePageKey, PageKey, SearchKey
from providers.errors import ProviderError
from providers.kit.caching.cached import Cached
from providers.psn import identifiers
from providers.psn.api import PsnApi
from providers.psn.messages.message_groups import MessageGroups
from providers.psn.messages.remote_images import RemoteImages
from providers.psn.messages.sending import MessageSender
from providers.psn.messages.threads import Threads
from providers.psn.people.account_search import AccountSearch
from providers.psn.people.accounts import Accounts
from providers.psn.people.friend_removal import FriendRemoval
from providers.psn.people.friends import FriendLists
from providers.psn.people.played_games import PlayedGames
from providers.psn.people.presence import Presences
from providers.psn_records import (
    CreatedPsnGroup,
    PsnMessageGroup,
    PsnMessageGroupPage,
    PsnMessagePage,
    PsnPlayedGamePage,
    PsnPresence,
    PsnResourceContent,
    PsnResourceKind,
    SentPsnMessage,
)
from providers.records import FriendPage, ProfilePage


@dataclass(frozen=True)
class SocialCapabilities:
    """The collaborators."""

    presences: Presences
    friend_lists: FriendLists
    account_search: AccountSearch
    played_games: PlayedGames
    message_groups: MessageGroups
    threads: Threads
    friend_removal: FriendRemoval
    message_sender: MessageSender

    @classmethod
    def create(
        cls, api: PsnApi, accounts: Accounts, remote_images: RemoteImages
    ) -> "SocialCapabilities":
        """Put the collaborators together."""
        friend_lists = FriendLists(api, accounts)
        groups, threads = MessageGroups(api, accounts), Threads(api)
        return cls(
            presences=Presences(api, accounts),
            friend_lists=friend_lists,
            account_search=AccountSearch(api, accounts),
            played_games=PlayedGames(api, accounts),
            message_groups=groups,
            threads=threads,
            friend_removal=FriendRemoval(api, accounts, friend_lists),
            message_sender=MessageSender(api, groups, threads, remote_images),
        )


@dataclass(frozen=True)
class SocialClient:
    """The part of a client that these abilities are."""

    social: SocialCapabilities

    def check_term(self, term: str) -> None:
        """Refuse what cannot be searched for."""
        identifiers.check_term(term)

    def check_group(self, group_id: str) -> None:
        """Refuse what no group can be called."""
        identifiers.check_message_group(group_id)

    def check_thread(self, thread_id: str) -> None:
        """Refuse what no thread can be called."""
        identifiers.check_thread(thread_id)

    def check_resource(self, resource_id: str) -> None:
        """Refuse what no resource can be called."""
        identifiers.check_resource(resource_id)

    async def get_presences(
        self, handles: Sequence[str]
    ) -> list[Cached[PsnPresence | None] | ProviderError]:
        """Who is online."""
        return await self.social.presences.get_presences(handles)

    async def get_friends(
        self, keys: Sequence[PageKey]
    ) -> list[Cached[FriendPage] | ProviderError]:
        """Pages of friends' account ids."""
        return await self.social.friend_lists.get_friends(keys)

    async def search(self, keys: Sequence[SearchKey]) -> list[Cached[ProfilePage] | ProviderError]:
        """Pages of hits, an exact name first."""
        return await self.social.account_search.search(keys)

    async def get_played_games(
        self, keys: Sequence[PageKey]
    ) -> list[Cached[PsnPlayedGamePage] | ProviderError]:
        """Pages of games, last played first."""
        return await self.social.played_games.get_games(keys)

    async def get_message_groups(
        self, offsets: Sequence[int]
    ) -> list[Cached[PsnMessageGroupPage] | ProviderError]:
        """Pages of the viewer's groups, last modified first."""
        return await self.social.message_groups.get_pages(offsets)

    async def get_message_groups_by_id(
        self, group_ids: Sequence[str]
    ) -> list[Cached[PsnMessageGroup] | ProviderError]:
        """Single groups."""
        return await self.social.message_groups.get_groups(group_ids)

    async def get_messages(
        self, keys: Sequence[MessagePageKey]
    ) -> list[Cached[PsnMessagePage] | ProviderError]:
        """Pages of messages, newest first."""
        return await self.social.threads.get_messages(keys)

    async def get_resource(self, group_id: str, resource_id: str) -> PsnResourceContent:
        """What was attached to a message."""
        return await self.social.threads.get_resource(group_id, resource_id)

    async def remove_friend(self, handle: str) -> str:
        """End a friendship; answers the former friend's account id."""
        return await self.social.friend_removal.remove(handle)

    async def create_message_group(self, account_ids: Sequence[str]) -> CreatedPsnGroup:
        """Begin a conversation."""
        return await self.social.message_sender.create_group(account_ids)

    async def send_message(self, group_id: str, thread_id: str | None, body: str) -> SentPsnMessage:
        """Send a text."""
        return await self.social.message_sender.send_text(group_id, thread_id, body)

    async def upload_resource(self, group_id: str, content: bytes) -> str:
        """Upload a picture; answers its id."""
        return await self.social.message_sender.upload(group_id, content)

    async def upload_resource_from(self, group_id: str, url: str) -> str:
        """Upload a picture from a listed host; answers its id."""
        return await self.social.message_sender.upload_from_url(group_id, url)

    async def send_resource(
        self, group_id: str, thread_id: str | None, resource_id: str, kind: PsnResourceKind
    ) -> SentPsnMessage:
        """Send what was uploaded."""
        return await self.social.message_sender.send_resource(
            group_id, thread_id, resource_id, kind
        )
