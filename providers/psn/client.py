"""PSN with one credential: the capabilities of `providers.capabilities`, each by a collaborator."""

from asyncio import Task
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from providers.capabilities import (
    ContentsKey,
    Health,
    MessagePageKey,
    PageKey,
    SearchKey,
    TitlePageKey,
    TotalKey,
)
from providers.errors import ProviderError
from providers.kit.caching.cached import Cached
from providers.kit.rate_limiting.rate_limiter import Budget
from providers.kit.upstream.upstream_client import UpstreamResponse
from providers.psn import identifiers
from providers.psn.auth.sign_in import SignIn
from providers.psn.cached_api import CachedApi
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
from providers.psn.people.profiles import Profiles
from providers.psn.persisted.operations import PersistedOperations
from providers.psn.persisted.passthrough import Passthrough
from providers.psn.persisted.registry import OperationRegistry
from providers.psn.stars.campaigns import Campaigns
from providers.psn.trophies.definitions import Definitions
from providers.psn.trophies.earned import EarnedState
from providers.psn.trophies.products import ProductTitles
from providers.psn.trophies.title_contents import TitleContents
from providers.psn.trophies.title_lists import TitleLists, Total
from providers.psn.urls import SOURCE
from providers.psn_records import (
    Campaign,
    CreatedPsnGroup,
    PersistedQuery,
    PsnMessageGroup,
    PsnMessageGroupPage,
    PsnMessagePage,
    PsnPlayedGamePage,
    PsnPresence,
    PsnProfile,
    PsnResourceContent,
    PsnResourceKind,
    PsnTrophySummary,
    SentPsnMessage,
)
from providers.records import (
    Contents,
    FriendPage,
    PlayedTitlePage,
    ProfilePage,
    Title,
    TitlePage,
)


@dataclass(frozen=True)
class PsnClient:
    """PSN with one credential.

    The methods implement the protocols of `providers.capabilities`, which document them, by the
    methods of the same names of the collaborators.
    """

    cached_api: CachedApi
    sign_in: SignIn
    accounts: Accounts
    profiles: Profiles
    title_lists: TitleLists
    title_contents: TitleContents
    product_titles: ProductTitles
    presences: Presences
    friend_lists: FriendLists
    friend_removal: FriendRemoval
    account_search: AccountSearch
    played_games: PlayedGames
    message_groups: MessageGroups
    threads: Threads
    message_sender: MessageSender
    campaigns: Campaigns
    passthrough: Passthrough
    source: str = SOURCE
    own_handle: str = identifiers.ME
    own_account: str = ""  # a sign-in is that of one account

    @classmethod
    def create(
        cls,
        cached_api: CachedApi,
        sign_in: SignIn,
        registry: OperationRegistry,
        remote_images: RemoteImages,
    ) -> "PsnClient":
        """Create the client and its collaborators."""
        api, accounts = cached_api.api, Accounts(cached_api)
        profiles = Profiles(cached_api, accounts)
        friend_lists = FriendLists(cached_api, accounts)
        message_groups, threads = MessageGroups(cached_api, accounts), Threads(cached_api)
        return cls(
            cached_api=cached_api,
            sign_in=sign_in,
            accounts=accounts,
            profiles=profiles,
            title_lists=TitleLists(cached_api, accounts),
            title_contents=TitleContents(
                accounts, Definitions(cached_api), EarnedState(cached_api)
            ),
            product_titles=ProductTitles(cached_api, accounts),
            presences=Presences(cached_api, accounts),
            friend_lists=friend_lists,
            friend_removal=FriendRemoval(cached_api, accounts, friend_lists),
            account_search=AccountSearch(cached_api, profiles),
            played_games=PlayedGames(cached_api, accounts),
            message_groups=message_groups,
            threads=threads,
            message_sender=MessageSender(api, message_groups, threads, remote_images),
            campaigns=Campaigns(cached_api, PersistedOperations(api, registry)),
            passthrough=Passthrough(api, registry),
        )

    @property
    def scope(self) -> str:
        """Return the credential's name in cache keys."""
        return self.cached_api.scope

    @property
    def is_accepted(self) -> bool:
        """Return whether this is the operator's client, or PSN accepts the caller's."""
        upstream = self.cached_api.api.upstream
        return upstream.is_accepted or (self.sign_in.is_signed_in and not upstream.is_rejected)

    def check_handle(self, handle: str) -> None:
        identifiers.check_handle(handle)

    def check_title(self, native_id: str) -> None:
        identifiers.check_title(native_id)

    def check_term(self, term: str) -> None:
        identifiers.check_term(term)

    def check_group(self, group_id: str) -> None:
        identifiers.check_message_group(group_id)

    def check_thread(self, thread_id: str) -> None:
        identifiers.check_thread(thread_id)

    def check_resource(self, resource_id: str) -> None:
        identifiers.check_resource(resource_id)

    def check_body(self, body: str) -> None:
        identifiers.check_body(body)

    def check_invitees(self, account_ids: Sequence[str]) -> None:
        identifiers.check_invitees(account_ids)

    def get_budget(self) -> Budget | None:
        return self.cached_api.api.upstream.get_budget()

    async def refresh_budget(self) -> None:
        await self.cached_api.api.upstream.refresh_budget()

    def get_health(self) -> Health:
        return self.sign_in.get_health()

    async def verify(self) -> str:
        """Load the own account id, without the cache; return the online id, if it can be loaded."""
        account_id = await self.accounts.verify()
        (profile,) = await self.profiles.get_profiles([account_id])
        return account_id if isinstance(profile, ProviderError) else profile.value.handle

    async def sign_in_with(self, npsso: str) -> None:
        """Sign in with a new NPSSO and store the tokens."""
        await self.sign_in.sign_in_with(npsso)

    async def get_tokens(self) -> dict[str, str | None]:
        """Return the tokens in clear text, for the operator's own use."""
        return await self.sign_in.get_tokens()

    async def get_account_id(self, handle: str) -> str:
        return await self.accounts.get_account_id(handle)

    async def get_profiles(
        self, handles: Sequence[str]
    ) -> list[Cached[PsnProfile] | ProviderError]:
        return await self.profiles.get_profiles(handles)

    async def get_full_profiles(
        self, handles: Sequence[str]
    ) -> list[Cached[PsnProfile] | ProviderError]:
        return await self.profiles.get_full_profiles(handles)

    async def get_presences(
        self, handles: Sequence[str]
    ) -> list[Cached[PsnPresence | None] | ProviderError]:
        return await self.presences.get_presences(handles)

    async def get_friends(
        self, keys: Sequence[PageKey]
    ) -> list[Cached[FriendPage] | ProviderError]:
        return await self.friend_lists.get_friends(keys)

    async def remove_friend(self, handle: str) -> str:
        return await self.friend_removal.remove_friend(handle)

    async def search(self, keys: Sequence[SearchKey]) -> list[Cached[ProfilePage] | ProviderError]:
        return await self.account_search.search(keys)

    async def get_played_games(
        self, keys: Sequence[PageKey]
    ) -> list[Cached[PsnPlayedGamePage] | ProviderError]:
        return await self.played_games.get_played_games(keys)

    async def get_played_titles(
        self, keys: Sequence[PageKey]
    ) -> list[Cached[PlayedTitlePage] | ProviderError]:
        return await self.played_games.get_played_titles(keys)

    def list_absent_attributes(self) -> frozenset[str]:
        return frozenset({"platforms", "set_version", "hidden_by_owner"})

    async def get_titles(
        self, keys: Sequence[TitlePageKey]
    ) -> list[Cached[TitlePage] | ProviderError]:
        return await self.title_lists.get_titles(keys)

    def find_contents(self, key: ContentsKey) -> Cached[Contents] | None:
        return self.title_contents.find_in_memory(key)

    async def get_contents(
        self, keys: Sequence[ContentsKey]
    ) -> list[Cached[Contents] | ProviderError]:
        return await self.title_contents.get_contents(keys)

    async def start_contents(self, keys: Sequence[ContentsKey]) -> list[Task[Cached[Contents]]]:
        return await self.title_contents.start_contents(keys)

    async def get_totals(self, keys: Sequence[TotalKey]) -> list[Cached[Total] | ProviderError]:
        return await self.title_lists.get_totals(keys)

    async def get_trophy_summaries(
        self, handles: Sequence[str]
    ) -> list[Cached[PsnTrophySummary] | ProviderError]:
        return await self.title_lists.get_trophy_summaries(handles)

    async def get_titles_by_product(
        self, handle: str, np_title_ids: Sequence[str]
    ) -> Mapping[str, Cached[tuple[Title, ...]] | ProviderError]:
        return await self.product_titles.get_titles_by_product(handle, np_title_ids)

    async def get_message_groups(
        self, offsets: Sequence[int]
    ) -> list[Cached[PsnMessageGroupPage] | ProviderError]:
        return await self.message_groups.get_message_groups(offsets)

    async def get_message_groups_by_id(
        self, group_ids: Sequence[str]
    ) -> list[Cached[PsnMessageGroup] | ProviderError]:
        return await self.message_groups.get_message_groups_by_id(group_ids)

    async def get_messages(
        self, keys: Sequence[MessagePageKey]
    ) -> list[Cached[PsnMessagePage] | ProviderError]:
        return await self.threads.get_messages(keys)

    async def get_resource(self, group_id: str, resource_id: str) -> PsnResourceContent:
        return await self.threads.get_resource(group_id, resource_id)

    async def create_message_group(self, account_ids: Sequence[str]) -> CreatedPsnGroup:
        return await self.message_sender.create_message_group(account_ids)

    async def send_message(self, group_id: str, thread_id: str | None, body: str) -> SentPsnMessage:
        return await self.message_sender.send_message(group_id, thread_id, body)

    async def send_resource(
        self, group_id: str, thread_id: str | None, resource_id: str, kind: PsnResourceKind
    ) -> SentPsnMessage:
        return await self.message_sender.send_resource(group_id, thread_id, resource_id, kind)

    async def upload_resource(self, group_id: str, content: bytes) -> str:
        return await self.message_sender.upload_resource(group_id, content)

    async def upload_resource_from(self, group_id: str, url: str) -> str:
        return await self.message_sender.upload_resource_from(group_id, url)

    async def get_campaigns(self) -> Cached[tuple[Campaign, ...]]:
        return await self.campaigns.get_campaigns()

    async def get_campaign(self, native_id: str) -> Cached[Campaign]:
        return await self.campaigns.get_campaign(native_id)

    def get_persisted_queries(self) -> tuple[PersistedQuery, ...]:
        return self.passthrough.get_persisted_queries()

    async def pass_through(
        self, query: PersistedQuery, variables: Mapping[str, Any]
    ) -> UpstreamResponse:
        return await self.passthrough.pass_through(query, variables)

    async def execute_persisted_query(
        self, query: PersistedQuery, variables: Mapping[str, Any]
    ) -> Any:
        return await self.passthrough.execute_persisted_query(query, variables)
