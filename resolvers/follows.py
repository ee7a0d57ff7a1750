"""What RetroAchievements shows to the viewer's own account: whom it follows, and wanted titles."""

from providers.capabilities import FollowDirection, FollowKey, PageKey
from providers.errors import Forbidden
from providers.records import Title
from providers.retroachievements_records import RetroAchievementsFollow
from resolvers.context import AccountRef, ResolverContext
from resolvers.pagination import Page, RowPosition, paginate_offsets


async def get_follows(
    context: ResolverContext,
    account: AccountRef,
    direction: FollowDirection,
    first: int,
    after: RowPosition | None,
) -> Page[RetroAchievementsFollow]:
    """Return a page of the accounts that the account follows, or is followed by.

    Raises `Forbidden` if it is not the viewer's own.
    """
    await _require_own_account(context, account)
    paginator = paginate_offsets(
        account.source,
        context.loaders.load_follows,
        FollowKey(direction),
        lambda page: page.follows,
        lambda follow: follow.account_id,
    )
    return await paginator.try_read_page(first, after)


async def get_wanted_titles(
    context: ResolverContext, account: AccountRef, first: int, after: RowPosition | None
) -> Page[Title]:
    """Return a page of the titles that the account wants to play.

    Raises `Forbidden` without a credential of the viewer's own: the source shows more to the
    operator's than to everyone.
    """
    if not context.viewer.has_own_credential(account.source):
        message = "Lists of wanted titles are shown to viewers with an account of their own only."
        raise Forbidden(message, source=account.source.name)
    paginator = paginate_offsets(
        account.source,
        context.loaders.load_wanted_titles,
        PageKey(account.handle),
        lambda page: page.titles,
        lambda title: title.native_id,
    )
    return await paginator.try_read_page(first, after)


async def _require_own_account(context: ResolverContext, account: AccountRef) -> None:
    """Raise `Forbidden` if the account is not the one that the viewer's credential belongs to."""
    if not context.viewer.has_own_credential(account.source):
        raise _build_forbidden(account)
    own_handle = context.loaders.get_client(account.source).own_handle
    # Names are the same in every case of letters; only two different ones are looked up.
    if account.handle.lower() != own_handle.lower():
        account_id = await context.loaders.load_account_id(account.source, account.handle)
        if account_id != await context.get_own_account_id(account.source):
            raise _build_forbidden(account)


def _build_forbidden(account: AccountRef) -> Forbidden:
    message = "Whom an account follows, and who follows it, is visible to itself only."
    return Forbidden(message, source=account.source.name)
