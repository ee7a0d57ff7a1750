"""Loads profiles of users."""

from providers.kit.caching.cached import Cached
from providers.kit.upstream.decode import build_unreadable_error
from providers.records import Profile
from providers.trophy_so.api import TrophySoApi
from providers.trophy_so.cache_policies import PROFILE
from providers.trophy_so.cached_api import CachedApi
from providers.trophy_so.identifiers import SOURCE, check_user_id
from providers.trophy_so.mapping import map_profile
from providers.trophy_so.models import User


async def get_profile(cached_api: CachedApi, user_id: str) -> Cached[Profile]:
    """Return the profile; raise `NotFound` for an id that no user has."""
    check_user_id(user_id)

    async def load() -> Profile:
        return await load_profile(cached_api.api, user_id)

    return await cached_api.get_or_load(PROFILE, (user_id,), load)


async def load_profile(api: TrophySoApi, user_id: str) -> Profile:
    """Load the profile, without the cache."""
    user = await api.get_user_resource(user_id, "", User)
    if user == User():
        raise build_unreadable_error(SOURCE)
    return map_profile(user_id, user)
