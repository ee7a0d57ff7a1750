"""Loads and maps the games that an account wants to play."""

from functools import partial

from providers.capabilities import PageKey
from providers.kit.caching.cached import Cached
from providers.kit.request_context import bypass_cache
from providers.records import Title, TitlePage
from providers.retroachievements.cache_policies import WANTED_TITLES
from providers.retroachievements.cached_api import CachedApi
from providers.retroachievements.fact_mapping import map_points
from providers.retroachievements.images import map_image
from providers.retroachievements.learned_limits import WANTED_PAGE_SIZE
from providers.retroachievements.mapping import map_platforms
from providers.retroachievements.models import WantedGame, WantedGames, convert_to_list
from providers.retroachievements.pages import find_page_end


async def get_wanted_titles(cached_api: CachedApi, key: PageKey) -> Cached[TitlePage]:
    """Return a page of the games; `Private` if the credential may not see them."""

    async def load(size: int) -> TitlePage:
        reply = await cached_api.api.get(
            "GetUserWantToPlayList", u=key.handle, c=size, o=key.offset
        )
        return map_wanted_page(reply.decode(WantedGames), key.offset, cached_api.api.media_url)

    load_allowed = partial(WANTED_PAGE_SIZE.load_page, cached_api, load)
    cache_key = (key.handle.lower(), str(key.offset))
    with bypass_cache(enabled=key.bypass_cache):
        return await cached_api.get_or_load(WANTED_TITLES, cache_key, load_allowed)


def map_wanted_page(response: WantedGames, offset: int, media_url: str) -> TitlePage:
    """Map a page; the rows say nothing of the player's progress."""
    games = convert_to_list(response.results)
    end = find_page_end(response, offset, len(games), WANTED_PAGE_SIZE.default)
    return TitlePage(
        titles=tuple(_map_game(game, media_url) for game in games),
        total=response.total,
        next_offset=end.next_offset,
        unread_count=end.unread_count,
    )


def _map_game(game: WantedGame, media_url: str) -> Title:
    return Title(
        native_id=str(game.id),
        name=game.title,
        icon=map_image(media_url, game.image_icon),
        platforms=map_platforms(game.console_name),
        achievement_count=game.achievements_published,
        points=map_points(game.points_total),
    )
