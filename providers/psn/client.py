"""PSN as one credential sees it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from providers.capabilities import ContentsKey, Health, TitlePageKey, TotalKey
from providers.errors import ProviderError
from providers.kit.caching.cache import gather_outcomes
from providers.kit.caching.cached import Cached
from providers.kit.rate_limiting.rate_limiter import Budget
from providers.kit.upstream.upstream_client import UpstreamResponse
from providers.psn import identifiers
from providers.psn.api import PsnApi
from providers.psn.auth.sign_in import SignIn
from providers.psn.messages.remote_images import RemoteImages
from providers.psn.people.accounts import Accounts
from providers.psn.persisted.operations import OperationRegistry, PersistedOperations
from providers.psn.persisted.passthrough import Passthrough
from providers.psn.social_client import SocialCapabilities, SocialClient
from providers.psn.stars.campaigns import Campaigns
from providers.psn.trophies.definitions import Definitions
from providers.psn.trophies.earned import EarnedState
from providers.psn.trophies.products import ProductTitles
from providers.psn.trophies.title_contents import TitleContents
from providers.psn.trophies.title_lists import TitleLists, Total
from providers.psn.urls import SOURCE
from providers.psn_records import Campaign, PersistedQuery, PsnProfile, PsnTrophySummary
from providers.records import Contents, Title, TitlePage


@dataclass(frozen=True)
class PsnClient(SocialClient):
    """Each ability is a collaborator's; this is where they meet."""

    api: PsnApi
    sign_in: SignIn
    accounts: Accounts
    title_lists: TitleLists
    title_contents: TitleContents
    product_titles: ProductTitles
    operations: PersistedOperations
    stars_campaigns: Campaigns
    source: str = SOURCE
    own_handle: str = identifiers.ME

    @classmethod
    def create(
        cls,
        api: PsnApi,
        sign_in: SignIn,
        registry: OperationRegistry,
        remote_images: RemoteImages | None = None,
    ) -> "PsnClient":
        """Put the collaborators together."""
        accounts = Accounts(api)
        operations = PersistedOperations(api, registry)
        return cls(
            api=api,
            sign_in=sign_in,
            accounts=accounts,
            title_lists=TitleLists(api, accounts),
            title_contents=TitleContents(accounts, Definitions(api), EarnedState(api)),
            product_titles=ProductTitles(api, accounts),
            operations=operations,
            stars_campaigns=Campaigns(operations),
            social=SocialCapabilities.create(api, accounts, remote_images or RemoteImages()),
        )

    @property
    def scope(self) -> str:
        """The viewer's name in cache keys."""
        return self.api.upstream.scope

    def check_handle(self, handle: str) -> None:
        """Refuse what no account can be called."""
        identifiers.check_handle(handle)

    def check_title(self, native_id: str) -> None:
        """Refuse what no trophy set can be called."""
        identifiers.check_title(native_id)

    def get_budget(self) -> Budget | None:
        """What is left of this credential's rate."""
        return self.api.upstream.get_budget()

    async def refresh_budget(self) -> None:
        """Learn what other processes have spent of it."""
        await self.api.upstream.refresh_budget()

    def get_health(self) -> Health:
        """The sign-in as it was last seen."""
        return self.sign_in.get_health()

    async def verify(self) -> None:
        """Sign in and ask whose account it is."""
        await self.accounts.verify()

    async def sign_in_with(self, npsso: str) -> None:
        """Sign in with a new NPSSO and keep what comes of it."""
        await self.sign_in.sign_in_with(npsso)

    async def get_tokens(self) -> dict[str, str | None]:
        """The tokens themselves, for their owner's eyes."""
        return await self.sign_in.get_tokens()

    async def get_account_id(self, handle: str) -> str:
        """The account's number; `me` is the viewer's own."""
        return await self.accounts.get_account_id(handle)

    async def get_profiles(
        self, handles: Sequence[str]
    ) -> list[Cached[PsnProfile] | ProviderError]:
        """Profiles by whatever handles."""
        return await self.accounts.get_profiles(handles)

    async def get_full_profiles(
        self, handles: Sequence[str]
    ) -> list[Cached[PsnProfile] | ProviderError]:
        """The same with np id, region and friendship, which only the older profile tells."""
        return await gather_outcomes([self.accounts.get_full_profile(handle) for handle in handles])

    async def get_titles(
        self, keys: Sequence[TitlePageKey]
    ) -> list[Cached[TitlePage] | ProviderError]:
        """Pages of titles, last updated first."""
        return await self.title_lists.get_titles(keys)

    async def get_contents(
        self, keys: Sequence[ContentsKey]
    ) -> list[Cached[Contents] | ProviderError]:
        """The wanted parts of many titles."""
        return await self.title_contents.get_contents(keys)

    async def get_totals(self, keys: Sequence[TotalKey]) -> list[Cached[Total] | ProviderError]:
        """One count each."""
        return await self.title_lists.get_totals(keys)

    async def get_trophy_summaries(
        self, handles: Sequence[str]
    ) -> list[Cached[PsnTrophySummary] | ProviderError]:
        """Levels and what they are made of."""
        return await self.title_lists.get_summaries(handles)

    async def get_titles_by_product(
        self, handle: str, np_title_ids: Sequence[str]
    ) -> Mapping[str, Cached[tuple[Title, ...]] | ProviderError]:
        """An account's trophy sets by product build."""
        return await self.product_titles.get_titles(handle, np_title_ids)

    def get_persisted_queries(self) -> tuple[PersistedQuery, ...]:
        """The operations that may be passed through."""
        return Passthrough(self.operations).list_queries()

    async def pass_through(
        self, query: PersistedQuery, variables: Mapping[str, Any]
    ) -> UpstreamResponse:
        """PSN's own answer to one of them."""
        return await Passthrough(self.operations).pass_through(query, variables)

    async def execute_persisted_query(
        self, query: PersistedQuery, variables: Mapping[str, Any]
    ) -> Any:
        """The same as data, unless PSN failed."""
        return await Passthrough(self.operations).execute(query, variables)

    async def get_campaigns(self) -> Cached[tuple[Campaign, ...]]:
        """The viewer's own campaigns."""
        return await self.stars_campaigns.get_campaigns()

    async def get_campaign(self, native_id: str) -> Cached[Campaign]:
        """One of them with its tasks."""
        return await self.stars_campaigns.get_campaign(native_id)
