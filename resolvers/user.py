"""A person: accounts by name, and the titles of all of them as one list."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from providers.capabilities import HasTitles, HasTotals, TotalKey
from providers.errors import BadInput, NotFound, ProviderError
from providers.records import (
    AchievementState,
    Counted,
    Title,
    TitleCompletion,
    TitleOrder,
    TrophyCounts,
)
from providers.registry import Source
from resolvers.context import ME, Account, Context
from resolvers.soft_timeout import in_time
from resolvers.status import Status, answered, failed, not_linked
from resolvers.title import shelf_of
from resolvers.title_list.scan import START, Reached, Walk
from resolvers.title_list.title_list import UNKNOWN, Row, TitleList


def checked(context: Context, accounts: Sequence[Account]) -> tuple[Account, ...]:
    """The accounts, if they can be one person: at least one, one a source, handles well formed."""
    if not accounts:
        raise BadInput("accounts: name at least one.", argument="accounts")
    sources = [account.source for account in accounts]
    if len(set(sources)) != len(sources):
        raise BadInput("accounts: at most one of each source.", argument="accounts")
    return tuple(context.named(account.source, account.handle) for account in accounts)


def narrowed(
    accounts: Sequence[Account], sources: Sequence[Source] | None
) -> tuple[list[Account], list[Status]]:
    """The accounts on the named sources, and the state of those named in vain."""
    if sources is None:
        return list(accounts), []
    if not sources:
        raise BadInput("sources: name at least one, or leave it out.", argument="sources")
    linked = {account.source for account in accounts}
    wanted = [account for account in accounts if account.source in sources]
    return wanted, [not_linked(each) for each in dict.fromkeys(sources) if each not in linked]


async def named_in_ids(context: Context, account: Account) -> str:
    """The handle as a user's id keeps it: `me` becomes the account it stands for."""
    client = context.viewer.clients.get(account.source)
    if client is None or account.handle != ME or client.own_handle != ME:
        return account.handle
    try:
        return await context.loaders.account_id(account.source, account.handle)
    except ProviderError:
        return account.handle


@dataclass(frozen=True)
class TitlesPage:
    """A stretch of titles in the order asked for."""

    rows: list[tuple[Reached, Row]]
    has_next: bool
    total: int | None
    statuses: list[Status]


@dataclass(frozen=True)
class TitlesQuestion:
    """Which titles, in which order, from where on."""

    first: int
    after: Reached = START
    order: TitleOrder = TitleOrder.LAST_UPDATED
    completion: TitleCompletion = TitleCompletion.ANY
    named: bool = True  # whether any id is selected


async def trophy_titles(
    context: Context, accounts: Sequence[Account], question: TitlesQuestion
) -> TitlesPage:
    """The next titles of all accounts."""
    able = [each for each in accounts if context.loaders.can(each.source, HasTitles)]
    alone = len(able) == 1
    opened = await asyncio.gather(
        *(_opened(context, account, named=question.named, alone=alone) for account in able)
    )
    lists = [each for each in opened if isinstance(each, TitleList)]
    rows = await _rows(Walk(lists, question.after, RANKS.get(question.order)), question)
    statuses = [_status(account, each) for account, each in zip(able, opened, strict=True)]
    total = _total(opened) if question.completion is TitleCompletion.ANY else None
    return TitlesPage(rows[: question.first], len(rows) > question.first, total, statuses)


async def _rows(walk: Walk, question: TitlesQuestion) -> list[tuple[Reached, Row]]:
    """The rows of a page and one more, if there is one."""
    rows: list[tuple[Reached, Row]] = []
    await walk.begin()
    while len(rows) <= question.first and (row := await walk.next()) is not None:
        if completion(row.title, question.completion):
            rows.append((walk.reached, row))
    return rows


def _highest_progress(title: Title) -> float:
    return UNKNOWN if title.progress is None else -title.progress


def _fewest_left(title: Title) -> float:
    if title.achievement_count is None or title.earned_count is None:
        return UNKNOWN
    return title.achievement_count - title.earned_count


# Smaller is earlier, unknown last.
RANKS: Mapping[TitleOrder, Callable[[Title], float]] = {
    TitleOrder.HIGHEST_PROGRESS: _highest_progress,
    TitleOrder.FEWEST_LEFT: _fewest_left,
}


def completion(title: Title, wanted: TitleCompletion) -> bool:
    """Whether a title is as far as is asked for; one whose counts are unknown is at no stage."""
    if wanted is TitleCompletion.ANY:
        return True
    if title.achievement_count is None or title.earned_count is None:
        return False
    stage = TitleCompletion.IN_PROGRESS
    if title.earned_count == 0:
        stage = TitleCompletion.NOT_STARTED
    elif title.earned_count >= title.achievement_count:
        stage = TitleCompletion.COMPLETED
    return stage is wanted


def _total(opened: Sequence[TitleList | ProviderError]) -> int | None:
    totals = [each.total if isinstance(each, TitleList) else None for each in opened]
    if not totals or None in totals:
        return None
    return sum(each for each in totals if each is not None)


async def _opened(
    context: Context, account: Account, *, named: bool, alone: bool
) -> TitleList | ProviderError:
    shelf = shelf_of(context, account, named=named, listed=True)
    try:
        return TitleList(context, await in_time(account.source, shelf, alone=alone), alone)
    except ProviderError as error:
        return error


def _status(account: Account, opened: TitleList | ProviderError) -> Status:
    error = opened.error if isinstance(opened, TitleList) else opened
    if error is not None:
        return failed(account.source, error)
    answers = opened.answers if isinstance(opened, TitleList) else []
    return answered(account.source, answers)


async def total(context: Context, account: Account, field: Counted) -> int | TrophyCounts | None:
    """One of a source's own counts; None where it does not count, or nobody has the account."""
    try:
        answer = await context.loaders.total(account.source, TotalKey(account.handle, field))
    except NotFound:
        return None
    return answer.value


async def first_known(context: Context, accounts: Sequence[Account], attribute: str) -> Any:
    """An attribute of the first profile that has it, asked for in the order of the accounts.

    A source that fails is passed over; its error is raised only when no other has an answer.
    """
    failure: ProviderError | None = None
    for account in accounts:
        try:
            person = context.loaders.person(account.source, account.handle)
            found = (await in_time(account.source, person, alone=account == accounts[-1])).value
        except NotFound:
            continue
        except ProviderError as error:
            failure = failure or error
            continue
        value = getattr(found, attribute)
        if value is not None:
            return value
    if failure is not None:
        raise failure
    return None


async def earned_in_all(
    context: Context, accounts: Sequence[Account], state: AchievementState
) -> int | None:
    """How many are earned over all accounts; None when any source does not count them."""
    if state is not AchievementState.EARNED:
        return None
    able = [each for each in accounts if context.loaders.can(each.source, HasTotals)]
    try:
        counts = await asyncio.gather(*(total(context, each, "earned") for each in able))
    except ProviderError:
        return None
    known = [count for count in counts if isinstance(count, int)]
    return sum(known) if known and len(known) == len(counts) else None
