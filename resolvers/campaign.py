"""PlayStation Stars: the viewer's own campaigns."""

from collections.abc import Sequence

from providers.psn_records import Campaign

from providers.capabilities import HasCampaigns
from providers.errors import Forbidden, NotFound
from providers.kit.caching.cached import Cached
from providers.registry import Source
from resolvers.context import AccountRef, Owner, ResolverContext


async def require_campaign_owner(context: ResolverContext, accounts: Sequence[AccountRef]) -> Owner:
    """The account with campaigns; refused where there is none, or it is not the viewer's own."""
    for account in accounts:
        if not context.loaders.has_capability(account.source, HasCampaigns):
            continue
        account_id = await context.loaders.load_account_id(account.source, account.handle)
        if account_id != await context.get_own_account_id(account.source):
            message = "Campaigns are shown to their own account alone."
            raise Forbidden(message, source=account.source.name)
        return Owner(account.source, account.handle, account_id)
    raise Forbidden("The user has no account with campaigns.")


async def get_campaigns(context: ResolverContext, owner: Owner) -> Cached[tuple[Campaign, ...]]:
    """The campaigns and how far the account is."""
    return await context.loaders.load_campaigns(owner.source)


async def get_listed_campaign(
    context: ResolverContext, source: Source, native_id: str
) -> Cached[Campaign] | None:
    """One campaign with its group, as the list shows it; one that is not listed by itself."""
    answer = await context.loaders.load_campaigns(source)
    found = (each for each in answer.value if each.native_id == native_id)
    record = next(found, None)
    if record is None:
        return await get_campaign(context, source, native_id)
    return Cached(record, answer.fetched_at, answer.stale)


async def get_campaign(
    context: ResolverContext, source: Source, native_id: str
) -> Cached[Campaign] | None:
    """One campaign with its tasks; None when there is none of that id."""
    try:
        return await context.loaders.load_campaign(source, native_id)
    except NotFound:
        return None
