"""Loads title lists, trophy levels and totals of accounts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from msgspec.structs import replace

from providers.capabilities import TitlePageKey, TotalKey
from providers.errors import ProviderError
from providers.kit.caching.cache import gather_outcomes
from providers.kit.caching.cached import Cached
from providers.kit.request_context import bypass_cache
from providers.kit.upstream.decode import build_unreadable_error
from providers.psn import errors
from providers.psn.cache_policies import TITLES, TROPHY_SUMMARY
from providers.psn.cached_api import CachedApi
from providers.psn.learned_limits import TITLE_PAGE_SIZE
from providers.psn.paging import OffsetList
from providers.psn.people.accounts import Accounts
from providers.psn.trophies import title_mapping
from providers.psn.trophies.grades import get_total, map_counts
from providers.psn.trophies.models import TitlesResponse, TrophySummaryResponse
from providers.psn.trophies.set_sizes import update_sizes
from providers.psn.urls import SOURCE
from providers.psn_records import PsnTrophySummary
from providers.records import Title, TitlePage, TrophyCounts

FIRST_PAGE = ("0", "")  # its offset, and the digest of no previous page

Total = int | TrophyCounts | None


@dataclass(frozen=True)
class TitleLists:
    """Title lists and levels of accounts, as far as the viewer may see them."""

    cached_api: CachedApi
    accounts: Accounts

    async def get_titles(
        self, keys: Sequence[TitlePageKey]
    ) -> list[Cached[TitlePage] | ProviderError]:
        """Return pages of up to 800 titles, last updated first."""
        return await gather_outcomes([self._get_page(key) for key in keys])

    async def get_trophy_summaries(
        self, handles: Sequence[str]
    ) -> list[Cached[PsnTrophySummary] | ProviderError]:
        """Return the accounts' trophy levels, with the counts that they are computed from."""
        return await gather_outcomes([self._get_summary(handle) for handle in handles])

    async def get_totals(self, keys: Sequence[TotalKey]) -> list[Cached[Total] | ProviderError]:
        """Return one total each: `titles` from the title list, the others from the level."""
        return await gather_outcomes([self._get_total(key) for key in keys])

    async def _get_page(self, key: TitlePageKey) -> Cached[TitlePage]:
        account = await self.accounts.resolve_path_id(key.handle)
        load = partial(self._load_page, account, key.offset)
        cache_key = (account, str(key.offset), key.previous_page_digest)
        with bypass_cache(enabled=key.bypass_cache):
            page = await self.cached_api.get_or_load(TITLES, cache_key, load)
        titles = update_sizes(self.cached_api, page.value.titles)
        return Cached(replace(page.value, titles=titles), page.fetched_at, page.stale)

    async def _load_page(self, account: str, offset: int) -> TitlePage:
        url = f"{self.cached_api.api.urls.trophies}/users/{account}/trophyTitles"
        titles = OffsetList(
            TITLE_PAGE_SIZE, url, errors.TROPHY_OWNER_RULES, TitlesResponse, "trophyTitles"
        )
        return title_mapping.map_title_page(await titles.load_page(self.cached_api, offset))

    async def _get_summary(self, handle: str) -> Cached[PsnTrophySummary]:
        account = await self.accounts.resolve_path_id(handle)
        load = partial(self._load_summary, account)
        return await self.cached_api.get_or_load(TROPHY_SUMMARY, (account,), load)

    async def _load_summary(self, account: str) -> PsnTrophySummary:
        api = self.cached_api.api
        url = f"{api.urls.trophies}/users/{account}/trophySummary"
        reply = await api.get(url, errors.TROPHY_OWNER_RULES)
        return _map_summary(reply.decode(TrophySummaryResponse))

    async def _get_total(self, key: TotalKey) -> Cached[Total]:
        if key.field == "titles":
            page = await self._get_page(TitlePageKey(key.handle))
            return Cached(page.value.total, page.fetched_at, page.stale)
        if key.field not in ("earned", "earned_counts", "points"):
            return Cached(None, datetime.now(UTC))
        summary = await self._get_summary(key.handle)
        totals: dict[str, Total] = {
            "earned": get_total(summary.value.earned_counts),
            "earned_counts": summary.value.earned_counts,
            "points": summary.value.points,
        }
        return Cached(totals[key.field], summary.fetched_at, summary.stale)


async def find_cached_row(cached_api: CachedApi, account: str, native_id: str) -> Title | None:
    """Return a title's row if the first page of the account's list is cached; no call is made."""
    page = await cached_api.get_cached(TITLES, account, *FIRST_PAGE)
    rows = page.value.titles if page is not None else ()
    found = [row for row in rows if row.native_id == native_id]
    return next(iter(update_sizes(cached_api, found)), None)


def _map_summary(row: TrophySummaryResponse) -> PsnTrophySummary:
    if row == TrophySummaryResponse():
        raise build_unreadable_error(SOURCE)
    return PsnTrophySummary(
        level=row.level,
        level_progress=row.progress,
        tier=row.tier,
        points=row.points,
        earned_counts=map_counts(row.earned),
    )
