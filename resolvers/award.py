"""A person's site awards over all sources that give any."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from providers.capabilities import HasAwards
from providers.errors import NotFound, ProviderError
from providers.kit.caching.cached import Cached
from providers.records import Award, Awards, AwardSummary
from providers.registry import SOURCE_ORDER
from resolvers.context import AccountRef, Owner, ResolverContext
from resolvers.status import Status, make_error_status, make_status
from resolvers.title import owner_of
from resolvers.title_list.title_list import get_sort_time

AwardKey = tuple[float, int, str]


@dataclass(frozen=True)
class AwardsPage:
    """A stretch of awards, newest first, and the counts of the sources that gave them."""

    rows: list[tuple[AwardKey, Owner, Award]]
    has_next: bool
    total: int | None
    summary: AwardSummary | None
    statuses: list[Status]


async def get_awards(
    context: ResolverContext, accounts: Sequence[AccountRef], first: int, after: AwardKey | None
) -> AwardsPage:
    """The next awards of all accounts."""
    supported = [
        each for each in accounts if context.loaders.has_capability(each.source, HasAwards)
    ]
    results = await asyncio.gather(*(_load_awards(context, account) for account in supported))
    keyed: list[tuple[AwardKey, Owner, Award]] = []
    summaries: list[AwardSummary] = []
    statuses: list[Status] = []
    for account, result in zip(supported, results, strict=True):
        if isinstance(result, ProviderError):
            statuses.append(make_error_status(account.source, result))
            continue
        owner, answer = result
        statuses.append(make_status(account.source, [answer]))
        keyed += [(_get_key(owner, award), owner, award) for award in answer.value.awards]
        summaries += [answer.value.summary] if answer.value.summary else []
    keyed.sort(key=lambda each: each[0])
    rest = [each for each in keyed if after is None or each[0] > after]
    is_complete = len(supported) == sum(not isinstance(result, ProviderError) for result in results)
    summary = summaries[0] if len(summaries) == 1 else None
    return AwardsPage(
        rest[:first],
        len(rest) > first,
        len(keyed) if supported and is_complete else None,
        summary,
        statuses,
    )


async def get_award(
    context: ResolverContext, account: AccountRef, native_id: str
) -> tuple[Owner, Award] | None:
    """One award of an account; None when it is not there or not visible."""
    if not context.loaders.has_capability(account.source, HasAwards):
        return None
    try:
        owner = await owner_of(context, account)
        answer = await context.loaders.load_awards(account.source, account.handle)
    except NotFound:
        return None
    found = (each for each in answer.value.awards if each.native_id == native_id)
    return next(((owner, each) for each in found), None)


async def _load_awards(
    context: ResolverContext, account: AccountRef
) -> tuple[Owner, Cached[Awards]] | ProviderError:
    try:
        owner = await owner_of(context, account)
        return owner, await context.loaders.load_awards(account.source, account.handle)
    except ProviderError as error:
        return error


def _get_key(owner: Owner, award: Award) -> AwardKey:
    return (get_sort_time(award.awarded_at), SOURCE_ORDER[owner.source], award.native_id)
