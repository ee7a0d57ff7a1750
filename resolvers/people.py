"""Presence, friends and played games of an account, and the search for accounts."""

from typing import Any

from providers.capabilities import PageKey, SearchKey
from providers.errors import NotFound
from providers.kit.caching.cached import Cached
from providers.records import Profile, ProfilePage, Record, Title
from providers.registry import Source
from resolvers.context import AccountRef, Owner, ResolverContext
from resolvers.pagination import Page, Paginator, RowPosition, paginate_offsets
from resolvers.title import find_title


async def get_presence(context: ResolverContext, account: AccountRef) -> Record | None:
    """Return whether an account is online; None if the source hides it."""
    try:
        return (await context.loaders.load_presence(account.source, account.handle)).value
    except NotFound:
        return None


async def get_friends(
    context: ResolverContext, account: AccountRef, first: int, after: RowPosition | None
) -> Page[str]:
    """Return a page of the friends' account ids."""
    paginator = paginate_offsets(
        account.source,
        context.loaders.load_friends,
        PageKey(account.handle),
        lambda page: page.account_ids,
        str,
    )
    return await paginator.try_read_page(first, after)


async def get_played_games(
    context: ResolverContext, account: AccountRef, first: int, after: RowPosition | None
) -> Page[Any]:
    """Return a page of the played games, records of the source's own type, last played first."""
    paginator = paginate_offsets(
        account.source,
        context.loaders.load_played_games,
        PageKey(account.handle),
        lambda page: page.games,
        lambda game: game.native_id,
    )
    return await paginator.try_read_page(first, after)


async def get_game_titles(
    context: ResolverContext, account: AccountRef, np_title_id: str
) -> tuple[Title, ...] | None:
    """Return the trophy sets of a played game; several games share one call."""
    key = (account.handle, np_title_id)
    try:
        return (await context.loaders.load_product_titles(account.source, key)).value
    except NotFound:
        return ()


async def get_played_title(
    context: ResolverContext, owner: Owner, native_id: str, *, with_counts: bool
) -> Title | None:
    """Return the title of a played game from the account's list; None without achievements."""
    found = await find_title(context, owner, native_id, with_counts=with_counts)
    return found and found.record


async def find_accounts(
    context: ResolverContext, source: Source, term: str, first: int, after: RowPosition | None
) -> Page[Profile]:
    """Return a page of the accounts whose name contains the term, an exact match first."""

    async def fetch_page(cursor: str) -> Cached[ProfilePage]:
        return await context.loaders.load_search_page(source, SearchKey(term, cursor or None))

    paginator = Paginator(
        source,
        "",
        fetch_page,
        lambda page: page.profiles,
        lambda page: page.next_cursor,
        lambda profile: profile.native_id,
    )
    return await paginator.read_page(first, after)
