"""PlayStation Stars: the viewer's own campaigns."""

from collections.abc import Sequence

from providers.capabilities import HasCampaigns
from providers.errors import Forbidden, NotFound
from providers.kit.caching.cached import Answer
from providers.records import Campaign
from providers.registry import Source
from resolvers.context import Account, Context, Shelf


async def own_shelf(context: Context, accounts: Sequence[Account]) -> Shelf:
    """The account with campaigns; refused where there is none, or it is not the viewer's own."""
    for account in accounts:
        if not context.loaders.can(account.source, HasCampaigns):
            continue
        account_id = await context.loaders.account_id(account.source, account.handle)
        if account_id != await context.own_id(account.source):
            message = "Campaigns are shown to their own account alone."
            raise Forbidden(message, source=account.source.name)
        return Shelf(account.source, account.handle, account_id)
    raise Forbidden("The user has no account with campaigns.")


async def campaigns(context: Context, shelf: Shelf) -> Answer[tuple[Campaign, ...]]:
    """The campaigns and how far the account is."""
    return await context.loaders.campaigns(shelf.source)


async def listed(context: Context, source: Source, native_id: str) -> Answer[Campaign] | None:
    """One campaign with its group, as the list shows it; one that is not listed by itself."""
    answer = await context.loaders.campaigns(source)
    found = (each for each in answer.value if each.native_id == native_id)
    record = next(found, None)
    if record is None:
        return await campaign(context, source, native_id)
    return Answer(record, answer.fetched_at, answer.stale)


async def campaign(context: Context, source: Source, native_id: str) -> Answer[Campaign] | None:
    """One campaign with its tasks; None when there is none of that id."""
    try:
        return await context.loaders.campaign(source, native_id)
    except NotFound:
        return None
