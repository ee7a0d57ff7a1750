"""The titles of all of a user's accounts as one list, in a requested order."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from providers.capabilities import HasTitles
from providers.errors import ProviderError
from providers.records import Title
from resolvers.arguments import TitleCompletion, TitleOrder
from resolvers.concurrency import run_together
from resolvers.context import AccountRef, ResolverContext
from resolvers.pagination import Page
from resolvers.soft_timeout import wait_for_source
from resolvers.status import Status, make_error_status
from resolvers.title import owner_of
from resolvers.title_list.scan import SCAN_START, ScanPosition, TitleScan
from resolvers.title_list.title_list import SORTS_LAST, TitleList, TitleRow


@dataclass(frozen=True)
class TitlesQuery:
    """The arguments of a page of titles; `needs_ids` means that an id is selected.

    `needs_counts` means that a number of achievements is; orders and filters need these as well.
    """

    first: int
    after: ScanPosition = SCAN_START
    order: TitleOrder = TitleOrder.LAST_UPDATED
    completion: TitleCompletion = TitleCompletion.ANY
    needs_ids: bool = True
    needs_counts: bool = True

    @property
    def with_counts(self) -> bool:
        """Whether the titles must have their numbers of achievements."""
        is_filtered = self.completion is not TitleCompletion.ANY
        return self.needs_counts or is_filtered or self.order is not TitleOrder.LAST_UPDATED


async def get_user_titles(
    context: ResolverContext, accounts: Sequence[AccountRef], query: TitlesQuery
) -> Page[TitleRow]:
    """Return a page of the titles of all accounts."""
    supported = [
        each for each in accounts if context.loaders.has_capability(each.source, HasTitles)
    ]
    is_only_source = len(supported) == 1
    results = await run_together(
        [
            _open_list(context, account, query, is_only_source=is_only_source)
            for account in supported
        ]
    )
    lists = [each for each in results if isinstance(each, TitleList)]
    rows = await _collect_rows(TitleScan(lists, query.after, RANK_BY_ORDER.get(query.order)), query)
    statuses = [
        _make_status(account, each) for account, each in zip(supported, results, strict=True)
    ]
    total = _sum_totals(results) if query.completion is TitleCompletion.ANY else None
    return Page(rows[: query.first], len(rows) > query.first, total, statuses)


async def _collect_rows(scan: TitleScan, query: TitlesQuery) -> list[tuple[ScanPosition, TitleRow]]:
    # One more row than the page has, to know whether there is another page.
    rows: list[tuple[ScanPosition, TitleRow]] = []
    await scan.start()
    while len(rows) <= query.first and (row := await scan.get_next()) is not None:
        if matches_completion(row.title, query.completion):
            rows.append((scan.position, row))
    return rows


def _rank_by_progress(title: Title) -> float:
    return SORTS_LAST if title.progress is None else -title.progress


def _rank_by_fewest_left(title: Title) -> float:
    if title.achievement_count is None or title.earned_count is None:
        return SORTS_LAST
    return title.achievement_count - title.earned_count


# Smaller is earlier, unknown last.
RANK_BY_ORDER: Mapping[TitleOrder, Callable[[Title], float]] = {
    TitleOrder.HIGHEST_PROGRESS: _rank_by_progress,
    TitleOrder.FEWEST_LEFT: _rank_by_fewest_left,
}


def matches_completion(title: Title, completion: TitleCompletion) -> bool:
    """Return whether a title's completion is the given one; unknown counts match only `ANY`."""
    if completion is TitleCompletion.ANY:
        return True
    if title.achievement_count is None or title.earned_count is None:
        return False
    actual = TitleCompletion.IN_PROGRESS
    if title.earned_count == 0:
        actual = TitleCompletion.NOT_STARTED
    elif title.earned_count >= title.achievement_count:
        actual = TitleCompletion.COMPLETED
    return actual is completion


def _sum_totals(results: Sequence[TitleList | ProviderError]) -> int | None:
    totals = [each.total if isinstance(each, TitleList) else None for each in results]
    if not totals or None in totals:
        return None
    return sum(each for each in totals if each is not None)


async def _open_list(
    context: ResolverContext, account: AccountRef, query: TitlesQuery, *, is_only_source: bool
) -> TitleList | ProviderError:
    pending_owner = owner_of(
        context,
        account,
        needs_ids=query.needs_ids,
        prefetch_list=True,
        with_counts=query.with_counts,
    )
    try:
        owner = await wait_for_source(account.source, pending_owner, is_only_source=is_only_source)
    except ProviderError as error:
        return error
    return TitleList(context, owner, is_only_source, query.with_counts)


def _make_status(account: AccountRef, result: TitleList | ProviderError) -> Status:
    if isinstance(result, TitleList):
        return result.get_status()
    return make_error_status(account.source, result)
