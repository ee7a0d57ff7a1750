"""Loads friend lists: ids alone, in one response; profiles are loaded in batches."""

from providers.capabilities import PageKey
from providers.kit.caching.cached import Cached, replace_value
from providers.kit.request_context import bypass_cache
from providers.records import FriendPage
from providers.steam import methods
from providers.steam.accounts import get_steam_id
from providers.steam.cache_policies import FRIENDS
from providers.steam.cached_api import CachedApi
from providers.steam.errors import RequestRejected
from providers.steam.identifiers import is_steam_id
from providers.steam.models import FriendListResponse
from providers.steam.profiles import get_profile


async def get_friends(cached_api: CachedApi, key: PageKey) -> Cached[FriendPage]:
    """Return all friends from an offset; raise `Private` if they are hidden."""
    steam_id = await get_steam_id(cached_api, key.handle)

    async def load() -> tuple[str, ...]:
        try:
            reply = await cached_api.api.get(
                methods.FRIEND_LIST, steamid=steam_id, relationship="friend"
            )
        except RequestRejected:
            await get_profile(cached_api, steam_id)
            raise
        friends = reply.decode(FriendListResponse).friendslist.friends
        return tuple(each.steamid for each in friends if is_steam_id(each.steamid))

    with bypass_cache(enabled=key.bypass_cache):
        friends = await cached_api.get_or_load(FRIENDS, (steam_id,), load)
    page = FriendPage(account_ids=friends.value[key.offset :], total=len(friends.value))
    return replace_value(friends, page)
