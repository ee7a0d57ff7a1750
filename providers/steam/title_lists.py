"""Pages of an account's titles, last played first.

An achievement cannot be earned after its game was last played, so that this time is a bound on the
unlocks of a title (`earned_until`), and a timeline that opens the titles in this order may stop at
the first one whose bound is older than what it has. A day is added for clients that were offline;
the bound is never later than the list itself, which is also the bound of a borrowed game, of which
the time is not known. Games that were never played come last.
"""

from providers.capabilities import TitlePageKey
from providers.kit.caching.cached import Cached, replace_value
from providers.kit.request_context import bypass_cache
from providers.records import TitlePage
from providers.steam.accounts import get_steam_id
from providers.steam.cached_api import CachedApi
from providers.steam.counts import get_counts, get_page_size
from providers.steam.library import get_library, get_title_games
from providers.steam.mapping import add_counts, map_title


async def get_title_page(
    cached_api: CachedApi, key: TitlePageKey, *, with_counts: bool
) -> Cached[TitlePage]:
    """Return the page; raise `NotFound` for an unknown account, `Private` for hidden games."""
    steam_id = await get_steam_id(cached_api, key.handle)
    with bypass_cache(enabled=key.bypass_cache):
        games = await get_title_games(cached_api, steam_id)
        end = key.offset + await get_page_size(cached_api)
        titles = [map_title(game, games.fetched_at) for game in games.value[key.offset : end]]
        counts = await get_counts(cached_api, steam_id, titles) if with_counts else None
    if counts is not None:
        titles = [add_counts(title, counts.value.get(title.native_id)) for title in titles]
    total = len(games.value)
    page = TitlePage(titles=tuple(titles), total=total, next_offset=end if end < total else None)
    parts = [part for part in (games, counts) if part is not None]
    return Cached(page, min(part.fetched_at for part in parts), any(part.stale for part in parts))


async def count_titles(cached_api: CachedApi, handle: str) -> Cached[int]:
    """Return the number of games in the library that have achievements."""
    library = await get_library(cached_api, await get_steam_id(cached_api, handle))
    return replace_value(library, sum(bool(game.has_stats) for game in library.value))
