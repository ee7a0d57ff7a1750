"""A person's site awards over all sources that give any."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from providers.capabilities import HasAwards
from providers.errors import NotFound, ProviderError
from providers.kit.caching.cached import Answer
from providers.records import Award, Awards, AwardSummary
from providers.registry import ORDER
from resolvers.context import Account, Context, Shelf
from resolvers.status import Status, answered, failed
from resolvers.title import shelf_of
from resolvers.title_list.title_list import moment

Key = tuple[float, int, str]


@dataclass(frozen=True)
class AwardsPage:
    """A stretch of awards, newest first, and the counts of the sources that gave them."""

    awards: list[tuple[Key, Shelf, Award]]
    has_next: bool
    total: int | None
    summary: AwardSummary | None
    statuses: list[Status]


async def awards(
    context: Context, accounts: Sequence[Account], first: int, after: Key | None
) -> AwardsPage:
    """The next awards of all accounts."""
    able = [each for each in accounts if context.loaders.can(each.source, HasAwards)]
    results = await asyncio.gather(*(_awards(context, account) for account in able))
    keyed: list[tuple[Key, Shelf, Award]] = []
    summaries: list[AwardSummary] = []
    statuses: list[Status] = []
    for account, result in zip(able, results, strict=True):
        if isinstance(result, ProviderError):
            statuses.append(failed(account.source, result))
            continue
        shelf, answer = result
        statuses.append(answered(account.source, [answer]))
        keyed += [(_key(shelf, award), shelf, award) for award in answer.value.awards]
        summaries += [answer.value.summary] if answer.value.summary else []
    keyed.sort(key=lambda each: each[0])
    rest = [each for each in keyed if after is None or each[0] > after]
    whole = len(able) == sum(not isinstance(result, ProviderError) for result in results)
    summary = summaries[0] if len(summaries) == 1 else None
    return AwardsPage(
        rest[:first], len(rest) > first, len(keyed) if able and whole else None, summary, statuses
    )


async def award(context: Context, account: Account, native_id: str) -> tuple[Shelf, Award] | None:
    """One award of an account; None when it is not there or not visible."""
    if not context.loaders.can(account.source, HasAwards):
        return None
    try:
        shelf = await shelf_of(context, account)
        answer = await context.loaders.awards(account.source, account.handle)
    except NotFound:
        return None
    found = (each for each in answer.value.awards if each.native_id == native_id)
    return next(((shelf, each) for each in found), None)


async def _awards(
    context: Context, account: Account
) -> tuple[Shelf, Answer[Awards]] | ProviderError:
    try:
        shelf = await shelf_of(context, account)
        return shelf, await context.loaders.awards(account.source, account.handle)
    except ProviderError as error:
        return error


def _key(shelf: Shelf, award: Award) -> Key:
    return (moment(award.awarded_at), ORDER[shelf.source], award.native_id)
