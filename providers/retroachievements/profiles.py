"""Loads and maps profiles of accounts."""

from urllib.parse import quote

from providers.kit.caching.cached import Cached
from providers.kit.text import sanitize_url
from providers.kit.upstream.decode import build_unreadable_error, parse_time
from providers.retroachievements.api import RetroAchievementsApi
from providers.retroachievements.cache_policies import ACCOUNT_IDS, PROFILE
from providers.retroachievements.cached_api import CachedApi
from providers.retroachievements.identifiers import SOURCE, is_ulid
from providers.retroachievements.images import map_image
from providers.retroachievements.models import Profile
from providers.retroachievements_records import RetroAchievementsProfile

PROFILE_BASE_URL = "https://retroachievements.org/user/"


async def get_profile(cached_api: CachedApi, handle: str) -> Cached[RetroAchievementsProfile]:
    """Return the profile; raise `NotFound` for an unknown account.

    Other calls answer an unknown account like an empty one; this one tells the two apart.
    """

    async def load() -> RetroAchievementsProfile:
        profile = await load_profile(cached_api.api, handle)
        for name in filter(None, (profile.native_id, profile.handle)):
            cached_api.set_cached_nowait(PROFILE, profile, name.lower())
        # The newest profile decides whose the name is, so that ids and profiles agree.
        for name in {handle.lower(), profile.handle.lower()}:
            cached_api.set_cached_nowait(ACCOUNT_IDS, profile.native_id, name)
        return profile

    return await cached_api.get_or_load(PROFILE, (handle.lower(),), load)


async def get_account_id(cached_api: CachedApi, handle: str) -> str:
    """Return the account's ULID for its name or ULID; the name if the profile has none."""
    if is_ulid(handle):
        return handle.upper()

    async def load() -> str:
        return (await get_profile(cached_api, handle)).value.native_id

    return (await cached_api.get_or_load(ACCOUNT_IDS, (handle.lower(),), load)).value or handle


async def load_profile(api: RetroAchievementsApi, handle: str) -> RetroAchievementsProfile:
    """Load the profile, without the cache."""
    reply = await api.get("GetUserProfile", u=handle)
    return map_profile(reply.decode(Profile), api.media_url)


def map_profile(profile: Profile, media_url: str) -> RetroAchievementsProfile:
    """Map a profile. The native id is the ULID, because names change; empty without one."""
    name = profile.user or profile.ulid
    if not name:
        raise build_unreadable_error(SOURCE)
    return RetroAchievementsProfile(
        native_id=profile.ulid or "",
        handle=name,
        display_name=profile.user,
        avatar=map_image(media_url, profile.user_pic),
        profile_url=sanitize_url(PROFILE_BASE_URL + quote(name, safe="")),
        points=profile.total_points,
        softcore_points=profile.total_softcore_points,
        true_points=profile.total_true_points,
        member_since=parse_time(profile.member_since),
        motto=profile.motto,
        rich_presence=profile.rich_presence_msg,
    )
