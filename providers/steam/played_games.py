"""Lists the games that an account has played, with or without achievements."""

from providers.capabilities import PageKey
from providers.kit.caching.cached import Cached, replace_value
from providers.kit.request_context import bypass_cache
from providers.kit.upstream.decode import convert_minutes
from providers.steam.accounts import get_steam_id
from providers.steam.cached_api import CachedApi
from providers.steam.cached_records import LibraryGame
from providers.steam.library import get_all_games, is_played
from providers.steam_records import SteamPlayedGame, SteamPlayedGamePage


async def get_played_games(cached_api: CachedApi, key: PageKey) -> Cached[SteamPlayedGamePage]:
    """Return all played games from an offset, last played first, unknown times before these."""
    steam_id = await get_steam_id(cached_api, key.handle)
    with bypass_cache(enabled=key.bypass_cache):
        games = await get_all_games(cached_api, steam_id)
    played = sorted(filter(is_played, games.value), key=_get_sort_key)
    page = SteamPlayedGamePage(games=tuple(map(_map_game, played[key.offset :])), total=len(played))
    return replace_value(games, page)


def _get_sort_key(game: LibraryGame) -> tuple[float, int]:
    moment = game.last_played_at
    return (float("-inf") if moment is None else -moment.timestamp(), int(game.app_id))


def _map_game(game: LibraryGame) -> SteamPlayedGame:
    return SteamPlayedGame(
        app_id=game.app_id,
        name=game.name,
        image=game.icon,
        play_duration_seconds=convert_minutes(game.playtime_minutes),
        recent_play_duration_seconds=convert_minutes(game.recent_playtime_minutes),
        last_played_at=game.last_played_at,
    )
