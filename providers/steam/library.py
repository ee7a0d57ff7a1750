"""Loads the games of an account: its library, and what it has borrowed and played lately."""

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta

from providers.errors import Missing, ProviderError, UpstreamFailed
from providers.kit.caching.cached import Cached, replace_value
from providers.kit.request_context import get_current
from providers.kit.text import MAX_NAME_LENGTH, truncate
from providers.kit.upstream.decode import parse_time
from providers.steam import methods
from providers.steam.cache_policies import LIBRARY, RECENTLY_PLAYED
from providers.steam.cached_api import CachedApi
from providers.steam.cached_records import LibraryGame
from providers.steam.definitions import get_definitions
from providers.steam.errors import build_private_error
from providers.steam.identifiers import MAX_APP_ID
from providers.steam.images import map_game_icon
from providers.steam.languages import get_language_name
from providers.steam.models import Game, GamesResponse
from providers.steam.profiles import get_profile

Games = tuple[LibraryGame, ...]

# Borrowed games beyond these are not looked up: no player plays so many in two weeks.
MAX_BORROWED = 20
# A client that was offline sends its unlocks, and when the game was played, later.
UNLOCK_TOLERANCE = timedelta(days=1)


async def get_library(cached_api: CachedApi, steam_id: str) -> Cached[Games]:
    """Return the games of an account's library, with or without achievements.

    Raise `Private` if its owner hides them, `NotFound` for an account that does not exist.
    """

    async def load() -> Games:
        reply = await cached_api.api.get(
            methods.OWNED_GAMES,
            steamid=steam_id,
            include_appinfo=1,
            include_played_free_games=1,
            # By default the upstream leaves out games of a limited profile.
            skip_unvetted_apps=0,
            language=get_language_name(),
        )
        games = reply.decode(GamesResponse).response
        if games.is_hidden:
            # An unknown account is answered like one that hides its games.
            await get_profile(cached_api, steam_id)
            raise build_private_error()
        return _map_games(games.games or (), is_borrowed=False)

    return await cached_api.get_or_load(LIBRARY, (steam_id,), load)


async def get_all_games(cached_api: CachedApi, steam_id: str) -> Cached[Games]:
    """Return the library and, before it, the games that were borrowed and played lately.

    The library lacks games that are borrowed from the family. Without them the list is still of
    use, so a failure of their list alone is no error.
    """
    library, recent = await asyncio.gather(
        get_library(cached_api, steam_id), _find_recent(cached_api, steam_id)
    )
    owned_ids = {game.app_id for game in library.value}
    borrowed = tuple(game for game in recent if game.app_id not in owned_ids)[:MAX_BORROWED]
    return replace_value(library, (*borrowed, *library.value))


async def get_title_games(cached_api: CachedApi, steam_id: str) -> Cached[Games]:
    """Return the games with achievements, as far as it is known, in the order of a title list.

    First come those of which no bound on their unlocks is known, then the last played.
    """
    games = await get_all_games(cached_api, steam_id)
    has_achievements = await asyncio.gather(
        *(_has_achievements(cached_api, game) for game in games.value)
    )
    titles = [game for game, has in zip(games.value, has_achievements, strict=True) if has]
    return replace_value(games, tuple(sorted(titles, key=_get_sort_key)))


def compute_earned_until(game: LibraryGame, fetched_at: datetime) -> datetime | None:
    """Return the latest time that an unlock in a game can have; None if it was never played."""
    if game.last_played_at is None:
        latest = None if game.is_never_played else fetched_at
    else:
        latest = min(game.last_played_at + UNLOCK_TOLERANCE, fetched_at)
    if latest == fetched_at:
        get_current().note_fetch_time()
    return latest


async def _find_recent(cached_api: CachedApi, steam_id: str) -> Games:
    async def load() -> Games:
        reply = await cached_api.api.get(methods.RECENTLY_PLAYED_GAMES, steamid=steam_id, count=0)
        return _map_games(reply.decode(GamesResponse).response.games or (), is_borrowed=True)

    try:
        return (await cached_api.get_or_load(RECENTLY_PLAYED, (steam_id,), load)).value
    except (Missing, UpstreamFailed):
        return ()


async def _has_achievements(cached_api: CachedApi, game: LibraryGame) -> bool:
    """Return whether a game has achievements; the definitions tell it for a borrowed one."""
    if game.has_stats is not None:
        return game.has_stats
    try:
        return bool((await get_definitions(cached_api, game.app_id)).value.achievements)
    except ProviderError:
        return True


def _map_games(games: Iterable[Game], *, is_borrowed: bool) -> Games:
    mapped = (
        _map_game(game, is_borrowed=is_borrowed) for game in games if 0 < game.appid <= MAX_APP_ID
    )
    return tuple({game.app_id: game for game in mapped}.values())


def _map_game(game: Game, *, is_borrowed: bool) -> LibraryGame:
    app_id = str(game.appid)
    return LibraryGame(
        app_id=app_id,
        name=truncate(game.name, MAX_NAME_LENGTH),
        icon=map_game_icon(app_id, game.img_icon_url),
        playtime_minutes=game.playtime_forever,
        # Left out for a game that was not played in the last two weeks.
        recent_playtime_minutes=game.playtime_2weeks or 0,
        last_played_at=parse_time(game.rtime_last_played),
        is_never_played=game.rtime_last_played == 0,
        has_stats=None if is_borrowed else game.has_community_visible_stats,
    )


def is_played(game: LibraryGame) -> bool:
    """Return whether a game is known to have been played."""
    return game.last_played_at is not None or bool(game.playtime_minutes)


def _get_sort_key(game: LibraryGame) -> tuple[int, float, int]:
    moment = game.last_played_at
    if moment is not None:
        return (1, -moment.timestamp(), int(game.app_id))
    return (2 if game.is_never_played else 0, 0, int(game.app_id))
