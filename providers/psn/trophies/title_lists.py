"""An account's titles, level and totals."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from providers.capabilities import TitlesKey, TotalKey
from providers.errors import ProviderError
from providers.kit.caching.cache import gather
from providers.kit.caching.cached import Answer
from providers.kit.request_context import asking
from providers.kit.upstream.decode import unreadable
from providers.psn import errors
from providers.psn.api import Connection
from providers.psn.cache_policies import SUMMARY, TITLES
from providers.psn.people.accounts import Accounts
from providers.psn.trophies import title_mapping
from providers.psn.trophies.grades import counts
from providers.psn.trophies.models import Summary, Titles
from providers.psn.urls import SOURCE
from providers.records import PsnTrophySummary, TitlePage, TrophyCounts

PAGE = "800"

Total = int | TrophyCounts | None


@dataclass(frozen=True)
class TitleLists:
    """What accounts have, as one viewer sees it."""

    connection: Connection
    accounts: Accounts

    async def titles(self, keys: Sequence[TitlesKey]) -> list[Answer[TitlePage] | ProviderError]:
        """Pages of titles, last updated first, 800 at a time."""
        return await gather([self._page(key) for key in keys])

    async def summaries(
        self, handles: Sequence[str]
    ) -> list[Answer[PsnTrophySummary] | ProviderError]:
        """Levels and what they are made of."""
        return await gather([self._summary(handle) for handle in handles])

    async def totals(self, keys: Sequence[TotalKey]) -> list[Answer[Total] | ProviderError]:
        """One count each; one of the page's and three of the level's cost a call between them."""
        return await gather([self._total(key) for key in keys])

    async def _page(self, key: TitlesKey) -> Answer[TitlePage]:
        account = await self.accounts.path(key.handle)
        load = partial(self._load_page, account, key.offset)
        place = (account, str(key.offset), key.behind)
        with asking(anew=key.anew):
            return await self.connection.remember(TITLES, place, load)

    async def _load_page(self, account: str, offset: int) -> TitlePage:
        url = f"{self.connection.hosts.trophies}/users/{account}/trophyTitles"
        params = {"limit": PAGE, "offset": str(offset)}
        reply = await self.connection.get(url, errors.TROPHY_OWNER, params)
        return title_mapping.page(reply.decode(Titles), offset)

    async def _summary(self, handle: str) -> Answer[PsnTrophySummary]:
        account = await self.accounts.path(handle)
        load = partial(self._load_summary, account)
        return await self.connection.remember(SUMMARY, (account,), load)

    async def _load_summary(self, account: str) -> PsnTrophySummary:
        url = f"{self.connection.hosts.trophies}/users/{account}/trophySummary"
        row = (await self.connection.get(url, errors.TROPHY_OWNER)).decode(Summary)
        earned = counts(row.earned)
        if earned is None:
            raise unreadable(SOURCE)
        return PsnTrophySummary(
            level=row.level,
            level_progress=row.progress,
            tier=row.tier,
            points=row.points,
            earned_counts=earned,
        )

    async def _total(self, key: TotalKey) -> Answer[Total]:
        if key.field == "titles":
            page = await self._page(TitlesKey(key.handle))
            return Answer(page.value.total, page.fetched_at, page.stale)
        if key.field not in ("earned", "earned_counts", "points"):
            return Answer(None, datetime.now(UTC))
        summary = await self._summary(key.handle)
        known: dict[str, Total] = {
            "earned": summary.value.earned_counts.total,
            "earned_counts": summary.value.earned_counts,
            "points": summary.value.points,
        }
        return Answer(known[key.field], summary.fetched_at, summary.stale)
