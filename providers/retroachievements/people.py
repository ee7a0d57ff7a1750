"""Accounts."""

from urllib.parse import quote

from providers.kit.caching.cached import Answer
from providers.kit.text import https
from providers.kit.upstream.decode import instant
from providers.records import RetroAchievementsPerson
from providers.retroachievements.api import WebApi
from providers.retroachievements.cache_policies import PERSON
from providers.retroachievements.cached_api import View
from providers.retroachievements.images import image
from providers.retroachievements.models import Profile

PROFILE_PAGE = "https://retroachievements.org/user/"


async def person(view: View, handle: str) -> Answer[RetroAchievementsPerson]:
    """The profile; `NotFound` also tells an account that nobody has from one with nothing."""

    async def load() -> RetroAchievementsPerson:
        found = await load_person(view.api, handle)
        for name in (found.native_id, found.handle):
            view.store(PERSON, (name.lower(),), found)
        return found

    return await view.remember(PERSON, (handle.lower(),), load)


async def load_person(api: WebApi, handle: str) -> RetroAchievementsPerson:
    """Ask for the profile."""
    reply = await api.ask("GetUserProfile", u=handle)
    return person_of(reply.decode(Profile), api.media_url)


def person_of(profile: Profile, media_url: str) -> RetroAchievementsPerson:
    """Names change; the ULID does not."""
    return RetroAchievementsPerson(
        native_id=profile.ulid,
        handle=profile.user,
        display_name=profile.user,
        avatar=image(media_url, profile.user_pic),
        profile_url=https(PROFILE_PAGE + quote(profile.user, safe="")),
        points=profile.total_points,
        softcore_points=profile.total_softcore_points,
        true_points=profile.total_true_points,
        member_since=instant(profile.member_since),
        motto=profile.motto,
        rich_presence=profile.rich_presence_msg,
    )
