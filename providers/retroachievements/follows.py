"""Loads and maps the accounts that the key's own account follows, and those that follow it."""

from collections.abc import Mapping
from functools import partial

from providers.capabilities import FollowDirection, FollowKey
from providers.kit.caching.cached import Cached
from providers.kit.request_context import bypass_cache
from providers.retroachievements.cache_policies import FOLLOWS
from providers.retroachievements.cached_api import CachedApi
from providers.retroachievements.learned_limits import FOLLOW_PAGE_SIZE
from providers.retroachievements.models import (
    FollowedAccount,
    FollowedAccounts,
    convert_to_list,
)
from providers.retroachievements.pages import find_page_end
from providers.retroachievements_records import (
    RetroAchievementsFollow,
    RetroAchievementsFollowPage,
)

# Both are about the key's owner, whatever the parameters say.
ENDPOINTS: Mapping[FollowDirection, str] = {
    FollowDirection.FOLLOWING: "GetUsersIFollow",
    FollowDirection.FOLLOWERS: "GetUsersFollowingMe",
}


async def get_follow_page(
    cached_api: CachedApi, key: FollowKey
) -> Cached[RetroAchievementsFollowPage]:
    """Return a page of the accounts that the own account follows, or is followed by."""

    async def load(size: int) -> RetroAchievementsFollowPage:
        reply = await cached_api.api.get(ENDPOINTS[key.direction], c=size, o=key.offset)
        return map_follow_page(reply.decode(FollowedAccounts), key.offset)

    load_allowed = partial(FOLLOW_PAGE_SIZE.load_page, cached_api, load)
    cache_key = (key.direction.name, str(key.offset))
    with bypass_cache(enabled=key.bypass_cache):
        return await cached_api.get_or_load(FOLLOWS, cache_key, load_allowed)


def map_follow_page(response: FollowedAccounts, offset: int) -> RetroAchievementsFollowPage:
    """Map a page; an account without a name and a ULID is left out."""
    rows = convert_to_list(response.results)
    follows = tuple(_map_follow(row) for row in rows if row.user or row.ulid)
    end = find_page_end(response, offset, len(follows), FOLLOW_PAGE_SIZE.default)
    return RetroAchievementsFollowPage(
        follows=follows,
        total=response.total,
        next_offset=end.next_offset,
        unread_count=end.unread_count,
    )


def _map_follow(row: FollowedAccount) -> RetroAchievementsFollow:
    is_mutual = row.am_i_following if row.is_following_me is None else row.is_following_me
    return RetroAchievementsFollow(
        account_id=row.ulid or row.user or "",
        ulid=row.ulid or None,
        display_name=row.user or None,
        points=row.points,
        softcore_points=row.points_softcore,
        is_mutual=is_mutual,
    )
