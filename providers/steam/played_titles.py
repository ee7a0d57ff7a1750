"""Lists the titles that an account has played, with achievements only."""

from providers.capabilities import PageKey
from providers.kit.caching.cached import Cached, replace_value
from providers.kit.request_context import bypass_cache
from providers.records import PlayedTitle, PlayedTitlePage
from providers.steam.accounts import get_steam_id
from providers.steam.cached_api import CachedApi
from providers.steam.library import get_title_games, is_played
from providers.steam.mapping import map_title


async def get_played_page(cached_api: CachedApi, key: PageKey) -> Cached[PlayedTitlePage]:
    """Return all played titles from an offset, last played first, unknown times last."""
    steam_id = await get_steam_id(cached_api, key.handle)
    with bypass_cache(enabled=key.bypass_cache):
        games = await get_title_games(cached_api, steam_id)
    # The list itself has those of unknown times first.
    played = sorted(
        (map_title(game, games.fetched_at) for game in games.value if is_played(game)),
        key=lambda title: title.last_played_at is None,
    )
    titles = tuple(map(PlayedTitle.from_title, played[key.offset :]))
    return replace_value(games, PlayedTitlePage(titles=titles, total=len(played)))
