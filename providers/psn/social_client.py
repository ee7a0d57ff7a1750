"""People, games and conversations: the abilities beside trophies, and who has them."""

from collections.abc import Sequence
from dataclasses import dataclass

from providers.capabilities import MessagesKey, PageKey, SearchKey
from providers.errors import ProviderError
from providers.kit.caching.cached import Answer
from providers.psn import identifiers
from providers.psn.api import Connection
from providers.psn.messages.message_groups import MessageGroups
from providers.psn.messages.remote_images import RemotePictures
from providers.psn.messages.sending import Posting
from providers.psn.messages.threads import Threads
from providers.psn.people.account_search import Search
from providers.psn.people.accounts import Accounts
from providers.psn.people.friend_removal import Parting
from providers.psn.people.friends import FriendLists
from providers.psn.people.played_games import PlayedGames
from providers.psn.people.presence import PresenceBoard
from providers.records import (
    CreatedPsnGroup,
    FriendPage,
    PersonPage,
    PsnMessageGroup,
    PsnMessageGroupPage,
    PsnMessagePage,
    PsnPlayedGamePage,
    PsnPresence,
    PsnResourceContent,
    PsnResourceKind,
    SentPsnMessage,
)


@dataclass(frozen=True)
class Social:
    """The collaborators."""

    presence_board: PresenceBoard
    friend_lists: FriendLists
    people_search: Search
    game_lists: PlayedGames
    groups: MessageGroups
    threads: Threads
    parting: Parting
    posting: Posting

    @classmethod
    def on(cls, connection: Connection, accounts: Accounts, pictures: RemotePictures) -> "Social":
        """Put the collaborators together."""
        friends = FriendLists(connection, accounts)
        groups, threads = MessageGroups(connection, accounts), Threads(connection)
        return cls(
            presence_board=PresenceBoard(connection, accounts),
            friend_lists=friends,
            people_search=Search(connection, accounts),
            game_lists=PlayedGames(connection, accounts),
            groups=groups,
            threads=threads,
            parting=Parting(connection, accounts, friends),
            posting=Posting(connection, groups, threads, pictures),
        )


@dataclass(frozen=True)
class SocialClient:
    """The part of a client that these abilities are."""

    social: Social

    def check_term(self, term: str) -> None:
        """Refuse what cannot be searched for."""
        identifiers.check_term(term)

    def check_group(self, group_id: str) -> None:
        """Refuse what no group can be called."""
        identifiers.check_group(group_id)

    def check_thread(self, thread_id: str) -> None:
        """Refuse what no thread can be called."""
        identifiers.check_thread(thread_id)

    def check_resource(self, resource_id: str) -> None:
        """Refuse what no resource can be called."""
        identifiers.check_resource(resource_id)

    async def presences(
        self, handles: Sequence[str]
    ) -> list[Answer[PsnPresence | None] | ProviderError]:
        """Who is online."""
        return await self.social.presence_board.presences(handles)

    async def friends(self, keys: Sequence[PageKey]) -> list[Answer[FriendPage] | ProviderError]:
        """Pages of friends' account ids."""
        return await self.social.friend_lists.friends(keys)

    async def search(self, keys: Sequence[SearchKey]) -> list[Answer[PersonPage] | ProviderError]:
        """Pages of hits, an exact name first."""
        return await self.social.people_search.search(keys)

    async def played_games(
        self, keys: Sequence[PageKey]
    ) -> list[Answer[PsnPlayedGamePage] | ProviderError]:
        """Pages of games, last played first."""
        return await self.social.game_lists.games(keys)

    async def message_groups(
        self, offsets: Sequence[int]
    ) -> list[Answer[PsnMessageGroupPage] | ProviderError]:
        """Pages of the viewer's groups, last modified first."""
        return await self.social.groups.pages(offsets)

    async def message_group(
        self, group_ids: Sequence[str]
    ) -> list[Answer[PsnMessageGroup] | ProviderError]:
        """Single groups."""
        return await self.social.groups.groups(group_ids)

    async def messages(
        self, keys: Sequence[MessagesKey]
    ) -> list[Answer[PsnMessagePage] | ProviderError]:
        """Pages of messages, newest first."""
        return await self.social.threads.messages(keys)

    async def resource(self, group_id: str, resource_id: str) -> PsnResourceContent:
        """What was attached to a message."""
        return await self.social.threads.resource(group_id, resource_id)

    async def remove_friend(self, handle: str) -> str:
        """End a friendship; answers the former friend's account id."""
        return await self.social.parting.remove(handle)

    async def create_message_group(self, account_ids: Sequence[str]) -> CreatedPsnGroup:
        """Begin a conversation."""
        return await self.social.posting.create_group(account_ids)

    async def send_message(self, group_id: str, thread_id: str | None, body: str) -> SentPsnMessage:
        """Send a text."""
        return await self.social.posting.send_text(group_id, thread_id, body)

    async def upload_resource(self, group_id: str, content: bytes) -> str:
        """Upload a picture; answers its id."""
        return await self.social.posting.upload(group_id, content)

    async def upload_resource_from(self, group_id: str, url: str) -> str:
        """Upload a picture from a listed host; answers its id."""
        return await self.social.posting.upload_from(group_id, url)

    async def send_resource(
        self, group_id: str, thread_id: str | None, resource_id: str, kind: PsnResourceKind
    ) -> SentPsnMessage:
        """Send what was uploaded."""
        return await self.social.posting.send_resource(group_id, thread_id, resource_id, kind)
