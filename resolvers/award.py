"""A user's site awards, over all sources that have awards."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from providers.capabilities import HasAwards
from providers.errors import NotFound, ProviderError
from providers.kit.caching.cached import Cached
from providers.records import Award, Awards, AwardSummary
from providers.registry import SOURCE_ORDER
from resolvers.context import AccountRef, Owner, ResolverContext
from resolvers.pagination import Page
from resolvers.status import Status, make_error_status, make_status, mark_incomplete
from resolvers.title import owner_of
from resolvers.title_list.title_list import get_sort_time

AwardKey = tuple[float, int, str]
OwnedAward = tuple[Owner, Award]


@dataclass(frozen=True)
class AwardsPage(Page[OwnedAward]):
    """A page of awards, newest first, with the counts of the source if only one has any."""

    summary: AwardSummary | None = None


async def get_awards(
    context: ResolverContext,
    accounts: Sequence[AccountRef],
    first: int,
    after: AwardKey | None,
    *,
    needs_ids: bool,
) -> AwardsPage:
    """Return a page of the awards of all accounts; `needs_ids` means that an id is selected."""
    supported = [
        each for each in accounts if context.loaders.has_capability(each.source, HasAwards)
    ]
    results = await asyncio.gather(
        *(_load_awards(context, account, needs_ids=needs_ids) for account in supported)
    )
    loaded = [each for each in results if not isinstance(each, ProviderError)]
    rows = sorted(
        (
            (_get_key(owner, award), (owner, award))
            for owner, found in loaded
            for award in found.value.awards
        ),
        key=lambda row: row[0],
    )
    summaries = [found.value.summary for _, found in loaded if found.value.summary]
    remaining = [row for row in rows if after is None or row[0] > after]
    return AwardsPage(
        remaining[:first],
        len(remaining) > first,
        len(rows) if supported and len(loaded) == len(supported) else None,
        [_make_status(account, each) for account, each in zip(supported, results, strict=True)],
        summary=summaries[0] if len(summaries) == 1 else None,
    )


async def get_award(
    context: ResolverContext, account: AccountRef, native_id: str
) -> OwnedAward | None:
    """Return one award of an account; None if it does not exist or is not visible."""
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
    context: ResolverContext, account: AccountRef, *, needs_ids: bool
) -> tuple[Owner, Cached[Awards]] | ProviderError:
    try:
        owner = await owner_of(context, account, needs_ids=needs_ids)
        return owner, await context.loaders.load_awards(account.source, owner.request_handle)
    except ProviderError as error:
        return error


def _make_status(
    account: AccountRef, result: tuple[Owner, Cached[Awards]] | ProviderError
) -> Status:
    if isinstance(result, ProviderError):
        return make_error_status(account.source, result)
    status = make_status(account.source, [result[1]])
    return status if _is_complete(result[1].value) else mark_incomplete(status)


def _is_complete(awards: Awards) -> bool:
    summary = awards.summary
    return summary is None or len(awards.awards) >= summary.total - summary.hidden


def _get_key(owner: Owner, award: Award) -> AwardKey:
    return (get_sort_time(award.awarded_at), SOURCE_ORDER[owner.source], award.native_id)
