"""PlayStation Stars: the campaigns of the viewer's own account."""

from collections.abc import Sequence

from providers.capabilities import HasCampaigns
from providers.errors import Forbidden, NotFound
from providers.kit.caching.cached import Cached
from providers.psn_records import Campaign
from providers.registry import Source
from resolvers.context import AccountRef, Owner, ResolverContext


async def require_campaign_owner(context: ResolverContext, accounts: Sequence[AccountRef]) -> Owner:
    """Return the account with campaigns; raise `Forbidden` if it is not the viewer's own."""
    for account in accounts:
        if not context.loaders.has_capability(account.source, HasCampaigns):
            continue
        account_id = await context.loaders.load_account_id(account.source, account.handle)
        if account_id != await context.get_own_account_id(account.source):
            message = "Campaigns are visible to their own account only."
            raise Forbidden(message, source=account.source.name)
        return Owner(account.source, account.handle, account_id)
    raise Forbidden("The user has no account with campaigns.")


async def get_campaigns(context: ResolverContext, owner: Owner) -> Cached[tuple[Campaign, ...]]:
    """Return the campaigns with the account's progress."""
    return await context.loaders.load_campaigns(owner.source)


async def get_listed_campaign(
    context: ResolverContext, source: Source, native_id: str
) -> Cached[Campaign] | None:
    """Return one campaign with its group, from the list; an unlisted one without its group."""
    campaigns = await context.loaders.load_campaigns(source)
    found = (each for each in campaigns.value if each.native_id == native_id)
    record = next(found, None)
    if record is None:
        return await get_campaign(context, source, native_id)
    return Cached(record, campaigns.fetched_at, campaigns.stale)


async def get_campaign(
    context: ResolverContext, source: Source, native_id: str
) -> Cached[Campaign] | None:
    """Return one campaign with its tasks; None if there is no campaign with that id."""
    try:
        return await context.loaders.load_campaign(source, native_id)
    except NotFound:
        return None
