"""Loads friend lists, in one response that has the friends' names too."""

from functools import partial

from providers.capabilities import PageKey
from providers.kit.caching.cached import Cached, replace_value
from providers.kit.request_context import bypass_cache
from providers.records import FriendPage
from providers.xbox.accounts import get_xuid, is_own_xuid
from providers.xbox.cache_policies import FRIENDS, PROFILE
from providers.xbox.cached_api import CachedApi
from providers.xbox.errors import RouteMissing
from providers.xbox.models import Accounts
from providers.xbox.profile_mapping import map_accounts
from providers.xbox.profiles import get_profile
from providers.xbox.routes import FRIENDS as FRIENDS_ROUTES
from providers.xbox.routes import OWN_FRIENDS


async def get_friends(cached_api: CachedApi, key: PageKey) -> Cached[FriendPage]:
    """Return all friends from an offset; raise `Private` if they are hidden."""
    xuid = await get_xuid(cached_api, key.handle)
    with bypass_cache(enabled=key.bypass_cache):
        friends = await cached_api.get_or_load(FRIENDS, (xuid,), partial(_load, cached_api, xuid))
    page = FriendPage(account_ids=friends.value[key.offset :], total=len(friends.value))
    return replace_value(friends, page)


async def _load(cached_api: CachedApi, xuid: str) -> tuple[str, ...]:
    purpose = OWN_FRIENDS if await is_own_xuid(cached_api, xuid) else FRIENDS_ROUTES
    try:
        found = await cached_api.call(purpose, Accounts, map_accounts, xuid=xuid)
    except RouteMissing:
        await get_profile(cached_api, xuid)
        raise
    profiles = map_accounts(found)
    for profile in profiles:
        cached_api.set_cached_nowait(PROFILE, profile, profile.native_id)
    return tuple(profile.native_id for profile in profiles)
