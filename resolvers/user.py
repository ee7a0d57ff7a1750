"""A person: accounts by name, and the titles of all of them as one list."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from providers.capabilities import HasTitles, HasTotals, TotalKey
from providers.errors import BadInput, NotFound, ProviderError
from providers.records import Title, TotalName, TrophyCounts
from providers.registry import Source
from resolvers.arguments import AchievementState, TitleCompletion, TitleOrder
from resolvers.context import ME, AccountRef, ResolverContext
from resolvers.soft_timeout import wait_for_source
from resolvers.status import Status, make_error_status, make_not_linked_status, make_status
from resolvers.title import owner_of
from resolvers.title_list.scan import START, ScanPosition, TitleScan
from resolvers.title_list.title_list import SORTS_LAST, TitleList, TitleRow


def validate_accounts(
    context: ResolverContext, accounts: Sequence[AccountRef]
) -> tuple[AccountRef, ...]:
    """The accounts, if they can be one person: at least one, one a source, handles well formed."""
    if not accounts:
        raise BadInput("accounts: name at least one.", argument="accounts")
    sources = [account.source for account in accounts]
    if len(set(sources)) != len(sources):
        raise BadInput("accounts: at most one of each source.", argument="accounts")
    return tuple(context.validate_account(account.source, account.handle) for account in accounts)


def select_sources(
    accounts: Sequence[AccountRef], sources: Sequence[Source] | None
) -> tuple[list[AccountRef], list[Status]]:
    """The accounts on the named sources, and the state of those named in vain."""
    if sources is None:
        return list(accounts), []
    if not sources:
        raise BadInput("sources: name at least one, or leave it out.", argument="sources")
    linked_sources = {account.source for account in accounts}
    selected = [account for account in accounts if account.source in sources]
    return selected, [
        make_not_linked_status(each)
        for each in dict.fromkeys(sources)
        if each not in linked_sources
    ]


async def account_id_or_handle(context: ResolverContext, account: AccountRef) -> str:
    """The handle as a user's id keeps it: `me` becomes the account it stands for."""
    client = context.viewer.clients.get(account.source)
    if client is None or account.handle != ME or client.own_handle != ME:
        return account.handle
    try:
        return await context.loaders.load_account_id(account.source, account.handle)
    except ProviderError:
        return account.handle


@dataclass(frozen=True)
class TitlesPage:
    """A stretch of titles in the order asked for."""

    rows: list[tuple[ScanPosition, TitleRow]]
    has_next: bool
    total: int | None
    statuses: list[Status]


@dataclass(frozen=True)
class TitlesQuery:
    """Which titles, in which order, from where on."""

    first: int
    after: ScanPosition = START
    order: TitleOrder = TitleOrder.LAST_UPDATED
    completion: TitleCompletion = TitleCompletion.ANY
    needs_ids: bool = True  # whether any id is selected


async def get_trophy_titles(
    context: ResolverContext, accounts: Sequence[AccountRef], query: TitlesQuery
) -> TitlesPage:
    """The next titles of all accounts."""
    supported = [
        each for each in accounts if context.loaders.has_capability(each.source, HasTitles)
    ]
    is_only_source = len(supported) == 1
    results = await asyncio.gather(
        *(
            _open_list(context, account, needs_ids=query.needs_ids, is_only_source=is_only_source)
            for account in supported
        )
    )
    lists = [each for each in results if isinstance(each, TitleList)]
    rows = await _collect_rows(TitleScan(lists, query.after, RANK_BY_ORDER.get(query.order)), query)
    statuses = [
        _get_status(account, each) for account, each in zip(supported, results, strict=True)
    ]
    total = _sum_totals(results) if query.completion is TitleCompletion.ANY else None
    return TitlesPage(rows[: query.first], len(rows) > query.first, total, statuses)


async def _collect_rows(scan: TitleScan, query: TitlesQuery) -> list[tuple[ScanPosition, TitleRow]]:
    """The rows of a page and one more, if there is one."""
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
    """Whether a title is as far as is asked for; one whose counts are unknown is at no stage."""
    if completion is TitleCompletion.ANY:
        return True
    if title.achievement_count is None or title.earned_count is None:
        return False
    stage = TitleCompletion.IN_PROGRESS
    if title.earned_count == 0:
        stage = TitleCompletion.NOT_STARTED
    elif title.earned_count >= title.achievement_count:
        stage = TitleCompletion.COMPLETED
    return stage is completion


def _sum_totals(results: Sequence[TitleList | ProviderError]) -> int | None:
    totals = [each.total if isinstance(each, TitleList) else None for each in results]
    if not totals or None in totals:
        return None
    return sum(each for each in totals if each is not None)


async def _open_list(
    context: ResolverContext, account: AccountRef, *, needs_ids: bool, is_only_source: bool
) -> TitleList | ProviderError:
    owner = owner_of(context, account, needs_ids=needs_ids, prefetch_list=True)
    try:
        return TitleList(
            context,
            await wait_for_source(account.source, owner, is_only_source=is_only_source),
            is_only_source,
        )
    except ProviderError as error:
        return error


def _get_status(account: AccountRef, result: TitleList | ProviderError) -> Status:
    error = result.error if isinstance(result, TitleList) else result
    if error is not None:
        return make_error_status(account.source, error)
    answers = result.answers if isinstance(result, TitleList) else []
    return make_status(account.source, answers)


async def get_total(
    context: ResolverContext, account: AccountRef, field: TotalName
) -> int | TrophyCounts | None:
    """One of a source's own counts; None where it does not count, or nobody has the account."""
    try:
        answer = await context.loaders.load_total(account.source, TotalKey(account.handle, field))
    except NotFound:
        return None
    return answer.value


async def first_non_null(
    context: ResolverContext, accounts: Sequence[AccountRef], attribute: str
) -> Any:
    """An attribute of the first profile that has it, asked for in the order of the accounts.

    A source that fails is passed over; its error is raised only when no other has an answer.
    """
    first_error: ProviderError | None = None
    for account in accounts:
        try:
            person = context.loaders.load_person(account.source, account.handle)
            found = (
                await wait_for_source(
                    account.source, person, is_only_source=account == accounts[-1]
                )
            ).value
        except NotFound:
            continue
        except ProviderError as error:
            first_error = first_error or error
            continue
        value = getattr(found, attribute)
        if value is not None:
            return value
    if first_error is not None:
        raise first_error
    return None


async def count_earned(
    context: ResolverContext, accounts: Sequence[AccountRef], state: AchievementState
) -> int | None:
    """How many are earned over all accounts; None when any source does not count them."""
    if state is not AchievementState.EARNED:
        return None
    supported = [
        each for each in accounts if context.loaders.has_capability(each.source, HasTotals)
    ]
    try:
        counts = await asyncio.gather(*(get_total(context, each, "earned") for each in supported))
    except ProviderError:
        return None
    known = [count for count in counts if isinstance(count, int)]
    return sum(known) if known and len(known) == len(counts) else None
