"""PSN as one credential sees it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from providers.capabilities import ContentsKey, Health, TitlesKey, TotalKey
from providers.errors import ProviderError
from providers.kit.caching.cache import gather
from providers.kit.caching.cached import Answer
from providers.kit.rate_limiting.rate_limiter import Budget
from providers.kit.upstream.upstream_client import Reply
from providers.psn import identifiers
from providers.psn.api import Connection
from providers.psn.auth.sign_in import SignIn
from providers.psn.messages.remote_images import RemotePictures
from providers.psn.people.accounts import Accounts
from providers.psn.persisted.operations import Persisted, Registry
from providers.psn.persisted.passthrough import PassThrough
from providers.psn.social_client import Social, SocialClient
from providers.psn.stars.campaigns import Campaigns
from providers.psn.trophies.definitions import Definitions
from providers.psn.trophies.earned import Standings
from providers.psn.trophies.products import ProductTitles
from providers.psn.trophies.title_contents import TitleContents
from providers.psn.trophies.title_lists import TitleLists, Total
from providers.psn.urls import SOURCE
from providers.records import (
    Campaign,
    Contents,
    PersistedQuery,
    PsnPerson,
    PsnTrophySummary,
    Title,
    TitlePage,
)


@dataclass(frozen=True)
class PsnClient(SocialClient):
    """Each ability is a collaborator's; this is where they meet."""

    connection: Connection
    sign_in: SignIn
    accounts: Accounts
    title_lists: TitleLists
    title_contents: TitleContents
    product_titles: ProductTitles
    persisted: Persisted
    stars: Campaigns
    source: str = SOURCE
    own_handle: str = identifiers.ME

    @classmethod
    def on(
        cls,
        connection: Connection,
        sign_in: SignIn,
        registry: Registry,
        pictures: RemotePictures | None = None,
    ) -> "PsnClient":
        """Put the collaborators together."""
        accounts = Accounts(connection)
        persisted = Persisted(connection, registry)
        return cls(
            connection=connection,
            sign_in=sign_in,
            accounts=accounts,
            title_lists=TitleLists(connection, accounts),
            title_contents=TitleContents(accounts, Definitions(connection), Standings(connection)),
            product_titles=ProductTitles(connection, accounts),
            persisted=persisted,
            stars=Campaigns(persisted),
            social=Social.on(connection, accounts, pictures or RemotePictures()),
        )

    @property
    def scope(self) -> str:
        """The viewer's name in cache keys."""
        return self.connection.upstream.scope

    def check_handle(self, handle: str) -> None:
        """Refuse what no account can be called."""
        identifiers.check_handle(handle)

    def check_title(self, native_id: str) -> None:
        """Refuse what no trophy set can be called."""
        identifiers.check_title(native_id)

    def budget(self) -> Budget | None:
        """What is left of this credential's rate."""
        return self.connection.upstream.budget()

    async def learn_budget(self) -> None:
        """Learn what other processes have spent of it."""
        await self.connection.upstream.learn_budget()

    def health(self) -> Health:
        """The sign-in as it was last seen."""
        return self.sign_in.health()

    async def verify(self) -> None:
        """Sign in and ask whose account it is."""
        await self.accounts.verify()

    async def sign_in_with(self, npsso: str) -> None:
        """Sign in with a new NPSSO and keep what comes of it."""
        await self.sign_in.sign_in_with(npsso)

    async def tokens(self) -> dict[str, str | None]:
        """The tokens themselves, for their owner's eyes."""
        return await self.sign_in.tokens()

    async def account_id(self, handle: str) -> str:
        """The account's number; `me` is the viewer's own."""
        return await self.accounts.account_id(handle)

    async def people(self, handles: Sequence[str]) -> list[Answer[PsnPerson] | ProviderError]:
        """Profiles by whatever handles."""
        return await self.accounts.people(handles)

    async def whole_people(self, handles: Sequence[str]) -> list[Answer[PsnPerson] | ProviderError]:
        """The same with np id, region and friendship, which only the older profile tells."""
        return await gather([self.accounts.whole(handle) for handle in handles])

    async def titles(self, keys: Sequence[TitlesKey]) -> list[Answer[TitlePage] | ProviderError]:
        """Pages of titles, last updated first."""
        return await self.title_lists.titles(keys)

    async def contents(self, keys: Sequence[ContentsKey]) -> list[Answer[Contents] | ProviderError]:
        """The wanted parts of many titles."""
        return await self.title_contents.contents(keys)

    async def totals(self, keys: Sequence[TotalKey]) -> list[Answer[Total] | ProviderError]:
        """One count each."""
        return await self.title_lists.totals(keys)

    async def trophy_summaries(
        self, handles: Sequence[str]
    ) -> list[Answer[PsnTrophySummary] | ProviderError]:
        """Levels and what they are made of."""
        return await self.title_lists.summaries(handles)

    async def titles_by_product(
        self, handle: str, np_title_ids: Sequence[str]
    ) -> Mapping[str, Answer[tuple[Title, ...]] | ProviderError]:
        """An account's trophy sets by product build."""
        return await self.product_titles.titles(handle, np_title_ids)

    def persisted_queries(self) -> tuple[PersistedQuery, ...]:
        """The operations that may be passed through."""
        return PassThrough(self.persisted).queries()

    async def pass_through(self, query: PersistedQuery, variables: Mapping[str, Any]) -> Reply:
        """PSN's own answer to one of them."""
        return await PassThrough(self.persisted).run(query, variables)

    async def persisted_answer(self, query: PersistedQuery, variables: Mapping[str, Any]) -> Any:
        """The same as data, unless PSN failed."""
        return await PassThrough(self.persisted).answer(query, variables)

    async def campaigns(self) -> Answer[tuple[Campaign, ...]]:
        """The viewer's own campaigns."""
        return await self.stars.campaigns()

    async def campaign(self, native_id: str) -> Answer[Campaign]:
        """One of them with its tasks."""
        return await self.stars.campaign(native_id)
