"""The leaderboards of a title, and the player's places on them."""

from providers.capabilities import HasLeaderboards, LeaderboardEntriesKey, LeaderboardPageKey
from providers.errors import NotFound
from providers.retroachievements_records import Leaderboard, LeaderboardEntry
from resolvers.context import Owner, ResolverContext
from resolvers.pagination import Page, RowPosition, paginate_offsets


async def get_leaderboards(
    context: ResolverContext, owner: Owner, title_id: str, first: int, after: RowPosition | None
) -> Page[Leaderboard] | None:
    """Return a page of a title's leaderboards; None if the source has none of any title."""
    if not context.loaders.has_capability(owner.source, HasLeaderboards):
        return None
    paginator = paginate_offsets(
        owner.source,
        context.loaders.load_leaderboards,
        LeaderboardPageKey(title_id),
        lambda page: page.leaderboards,
        lambda leaderboard: leaderboard.native_id,
    )
    return await paginator.try_read_page(first, after)


async def get_leaderboard_entry(
    context: ResolverContext, owner: Owner, title_id: str, leaderboard_id: str
) -> LeaderboardEntry | None:
    """Return the player's place on a leaderboard; None without a player, and without a place."""
    if owner.handle is None:
        return None
    key = LeaderboardEntriesKey(owner.request_handle, title_id)
    try:
        entries = await context.loaders.load_leaderboard_entries(owner.source, key)
    except NotFound:
        return None
    return entries.value.get(leaderboard_id)
