"""Loads the achievements of titles: one call for a modern title, two for one of Xbox 360.

A modern title comes with the player's state. Of a title of Xbox 360 one call has the whole set
without a player, which is the same for everybody, and another what the player has unlocked. Each
generation answers for a title of the other with an empty list, which is never taken for a title
without achievements while the account's list counts some.
"""

import asyncio
from functools import partial

from providers.errors import BadResponse, UpstreamFailed
from providers.kit.caching.cached import Cached
from providers.kit.caching.policy import CachePolicy
from providers.kit.upstream.decode import build_unreadable_error
from providers.xbox.accounts import get_own_xuid, is_own_xuid
from providers.xbox.cache_policies import (
    DEFINITIONS,
    LAST_VERSIONS,
    TITLE_SET,
    X360_SET,
    X360_UNLOCKED,
)
from providers.xbox.cached_api import CachedApi
from providers.xbox.cached_records import LibraryTitle, TitleSet
from providers.xbox.errors import (
    EmptyAnswer,
    RouteMissing,
    build_empty_answer,
    build_title_not_found,
)
from providers.xbox.identifiers import SOURCE
from providers.xbox.mapping import map_modern_set, map_x360_set, merge_x360
from providers.xbox.models import ModernAchievements, X360Achievements
from providers.xbox.routes import MODERN_TITLE, OWN_MODERN_PAGE, OWN_MODERN_TITLE
from providers.xbox.routes import X360_SET as X360_SET_ROUTES
from providers.xbox.routes import X360_UNLOCKED as X360_UNLOCKED_ROUTES
from providers.xbox.true_totals import learn_true_total

EMPTY_SET = TitleSet()
MAX_PAGES = 20  # of a title


async def get_title_set(cached_api: CachedApi, xuid: str, title: LibraryTitle) -> Cached[TitleSet]:
    """Return the achievements of a title of an account's list, with the account's state."""
    if title.is_x360:
        return await _get_x360_set(cached_api, xuid, title)
    try:
        return await _get_versioned(cached_api, TITLE_SET, xuid, title)
    except BadResponse:
        if title.is_x360 is False:
            raise
    return await _get_x360_set(cached_api, xuid, title)


async def get_definitions(cached_api: CachedApi, title_id: str) -> Cached[TitleSet]:
    """Return the achievements of a title without a player; raise `NotFound` for an unknown one.

    The upstream needs some player, so it is asked with the key's owner, whose state is dropped.
    """
    load = partial(_load_definitions, cached_api, title_id)
    return await cached_api.get_or_load(DEFINITIONS, (title_id,), load)


async def _get_x360_set(cached_api: CachedApi, xuid: str, title: LibraryTitle) -> Cached[TitleSet]:
    whole, unlocked = await asyncio.gather(
        _get_whole_x360_set(cached_api, xuid, title.title_id),
        _get_x360_unlocked(cached_api, xuid, title),
    )
    return Cached(
        merge_x360(whole.value, unlocked.value),
        min(whole.fetched_at, unlocked.fetched_at),
        whole.stale or unlocked.stale,
    )


async def _get_whole_x360_set(cached_api: CachedApi, xuid: str, title_id: str) -> Cached[TitleSet]:
    async def load() -> TitleSet:
        response = await cached_api.call(
            X360_SET_ROUTES, X360Achievements, _check_not_empty, xuid=xuid, title_id=title_id
        )
        return map_x360_set(title_id, response, has_player=False)

    return await cached_api.get_or_load(X360_SET, (title_id,), load)


async def _get_x360_unlocked(
    cached_api: CachedApi, xuid: str, title: LibraryTitle
) -> Cached[TitleSet]:
    if title.earned_count == 0:  # the list counts them rightly for this generation
        whole = await _get_whole_x360_set(cached_api, xuid, title.title_id)
        return Cached(EMPTY_SET, whole.fetched_at, whole.stale)
    return await _get_versioned(cached_api, X360_UNLOCKED, xuid, title)


async def _get_versioned(
    cached_api: CachedApi, policy: CachePolicy[TitleSet], xuid: str, title: LibraryTitle
) -> Cached[TitleSet]:
    """Return a title's achievements for what the list says of it; the last known if that fails."""
    key = (xuid, title.title_id)
    load = partial(_load_set, cached_api, policy, xuid, title)
    try:
        return await cached_api.get_or_load(policy, (*key, title.version), load)
    except UpstreamFailed as error:
        failure = error
    last_version = await cached_api.get_cached(LAST_VERSIONS, policy.name, *key)
    if last_version is None or last_version.value == title.version:
        raise failure
    cached = await cached_api.get_or_load(
        policy, (*key, last_version.value), partial(_raise, failure)
    )
    return Cached(cached.value, cached.fetched_at, stale=True)


async def _raise(error: UpstreamFailed) -> TitleSet:
    raise error


async def _load_set(
    cached_api: CachedApi, policy: CachePolicy[TitleSet], xuid: str, title: LibraryTitle
) -> TitleSet:
    if policy is TITLE_SET:
        title_set = await _fetch_modern(cached_api, xuid, title)
        await learn_true_total(cached_api, title, title_set)
    else:
        response = await cached_api.call(
            X360_UNLOCKED_ROUTES,
            X360Achievements,
            _check_not_empty,
            xuid=xuid,
            title_id=title.title_id,
        )
        title_set = map_x360_set(title.title_id, response, has_player=True)
    key = (policy.name, xuid, title.title_id)
    cached_api.set_cached_nowait(LAST_VERSIONS, title.version, *key)
    return title_set


async def _fetch_modern(cached_api: CachedApi, xuid: str, title: LibraryTitle) -> TitleSet:
    may_be_empty = not title.earned_count and not title.total_gamerscore
    is_own = await is_own_xuid(cached_api, xuid)
    response = await cached_api.call(
        OWN_MODERN_TITLE if is_own else MODERN_TITLE,
        ModernAchievements,
        _check_modern if may_be_empty else _check_filled_modern,
        xuid=xuid,
        title_id=title.title_id,
    )
    if is_own:
        response = await _add_pages(cached_api, title.title_id, response)
    return map_modern_set(title.title_id, response, has_player=True)


async def _add_pages(
    cached_api: CachedApi, title_id: str, first: ModernAchievements
) -> ModernAchievements:
    """Return a list with the pages after the first, which have a route for the owner alone."""
    rows, page = list(first.achievements), first
    for _ in range(MAX_PAGES):
        token = page.paging_info.continuation_token if page.paging_info else None
        if not token:
            break
        page = await cached_api.call(
            OWN_MODERN_PAGE,
            ModernAchievements,
            _check_filled_modern,
            title_id=title_id,
            token=token,
        )
        rows += page.achievements
    return ModernAchievements(achievements=rows, paging_info=first.paging_info)


def _check_filled_modern(response: ModernAchievements) -> None:
    _check_not_empty(response)
    _check_modern(response)


def _check_modern(response: ModernAchievements) -> None:
    """Raise `BadResponse` for the rows of Xbox 360, which do not have this state."""
    rows = response.achievements
    if rows and all(each.progress_state is None for each in rows):
        raise build_unreadable_error(SOURCE)


def _check_not_empty(response: ModernAchievements | X360Achievements) -> None:
    if not response.achievements:
        raise build_empty_answer()


async def _load_definitions(cached_api: CachedApi, title_id: str) -> TitleSet:
    xuid = await get_own_xuid(cached_api)
    try:
        response = await cached_api.call(
            OWN_MODERN_TITLE, ModernAchievements, _check_modern, xuid=xuid, title_id=title_id
        )
    except RouteMissing:
        response = ModernAchievements(achievements=[])
    if response.achievements:
        response = await _add_pages(cached_api, title_id, response)
        return map_modern_set(title_id, response, has_player=False)
    try:
        return (await _get_whole_x360_set(cached_api, xuid, title_id)).value
    except (EmptyAnswer, RouteMissing):
        raise build_title_not_found() from None
