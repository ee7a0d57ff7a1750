"""Loads the titles of an account, all in one response."""

from functools import partial

from providers.kit.caching.cached import Cached, replace_value
from providers.kit.upstream.decode import build_unreadable_error
from providers.xbox.cache_policies import FULL_PROFILE, LIBRARY
from providers.xbox.cached_api import CachedApi
from providers.xbox.cached_records import LibraryTitle
from providers.xbox.errors import RouteMissing, build_private_error, build_title_not_found
from providers.xbox.identifiers import SOURCE, is_title_id
from providers.xbox.models import Titles
from providers.xbox.profiles import get_profile
from providers.xbox.routes import TITLES
from providers.xbox.title_mapping import map_library_title

LibraryTitles = tuple[LibraryTitle, ...]


async def get_library(cached_api: CachedApi, xuid: str) -> Cached[LibraryTitles]:
    """Return the titles of an account, with or without achievements, in the upstream's order.

    Raise `Private` if its owner hides them, `NotFound` for an account that does not exist.
    """
    return await cached_api.get_or_load(LIBRARY, (xuid,), partial(_load, cached_api, xuid))


async def get_titles(cached_api: CachedApi, xuid: str) -> Cached[LibraryTitles]:
    """Return the titles with achievements, in the order of a title list.

    First come those of which it is not known when they were played, then the last played.
    """
    library = await get_library(cached_api, xuid)
    titles = [title for title in library.value if title.has_achievements]
    return replace_value(library, tuple(sorted(titles, key=_get_sort_key)))


async def get_listed_title(cached_api: CachedApi, xuid: str, title_id: str) -> Cached[LibraryTitle]:
    """Return one title of an account; raise `NotFound` if the account has not played it."""
    titles = await get_titles(cached_api, xuid)
    found = next((title for title in titles.value if title.title_id == title_id), None)
    if found is None:
        raise build_title_not_found()
    return replace_value(titles, found)


async def _load(cached_api: CachedApi, xuid: str) -> LibraryTitles:
    try:
        rows = (await cached_api.call(TITLES, Titles, xuid=xuid)).titles
    except RouteMissing:
        await get_profile(cached_api, xuid)
        raise
    if not rows:
        await _check_empty(cached_api, xuid)
    mapped = (map_library_title(row) for row in rows if is_title_id(row.title_id))
    return tuple({title.title_id: title for title in mapped}.values())


async def _check_empty(cached_api: CachedApi, xuid: str) -> None:
    """Raise the error that an empty list stands for, unless the account has played nothing.

    The upstream answers with an empty list for an account that does not exist, for one that hides
    its titles, and sometimes when it fails; the gamerscore tells them apart.
    """
    gamerscore = (await get_profile(cached_api, xuid, FULL_PROFILE)).value.gamerscore
    if gamerscore is None:
        raise build_unreadable_error(SOURCE)
    if gamerscore > 0:
        raise build_private_error()


def _get_sort_key(title: LibraryTitle) -> tuple[float, int]:
    moment = title.last_played_at
    return (float("-inf") if moment is None else -moment.timestamp(), int(title.title_id))
