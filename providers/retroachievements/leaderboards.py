"""Loads the leaderboards of games, and the places of players on them."""

from functools import partial

from providers.capabilities import LeaderboardEntriesKey, LeaderboardPageKey
from providers.errors import NotFound
from providers.kit.caching.cached import Cached
from providers.kit.request_context import bypass_cache
from providers.retroachievements.api import build_title_not_found
from providers.retroachievements.cache_policies import LEADERBOARD_ENTRIES, LEADERBOARDS
from providers.retroachievements.cached_api import CachedApi
from providers.retroachievements.leaderboard_mapping import (
    map_leaderboard_entries,
    map_leaderboard_page,
)
from providers.retroachievements.learned_limits import (
    LEADERBOARD_ENTRY_PAGE_SIZE,
    LEADERBOARD_PAGE_SIZE,
)
from providers.retroachievements.models import GameLeaderboards
from providers.retroachievements_records import LeaderboardEntry, LeaderboardPage

MAX_ENTRY_PAGES = 10


async def get_leaderboard_page(
    cached_api: CachedApi, key: LeaderboardPageKey
) -> Cached[LeaderboardPage]:
    """Return a page of a game's leaderboards; raise `NotFound` for an unknown game."""

    async def load(size: int) -> LeaderboardPage:
        try:
            reply = await cached_api.api.get(
                "GetGameLeaderboards", i=key.title_id, c=size, o=key.offset
            )
        except NotFound:
            raise build_title_not_found() from None
        return map_leaderboard_page(reply.decode(GameLeaderboards), key.offset)

    load_allowed = partial(LEADERBOARD_PAGE_SIZE.load_page, cached_api, load)
    cache_key = (key.title_id, str(key.offset))
    with bypass_cache(enabled=key.bypass_cache):
        return await cached_api.get_or_load(LEADERBOARDS, cache_key, load_allowed)


async def get_leaderboard_entries(
    cached_api: CachedApi, key: LeaderboardEntriesKey
) -> Cached[dict[str, LeaderboardEntry]]:
    """Return a player's places on all leaderboards of a game, by the leaderboards' ids."""

    async def load() -> dict[str, LeaderboardEntry]:
        entries: dict[str, LeaderboardEntry] = {}
        offset: int | None = 0
        for _ in range(MAX_ENTRY_PAGES):
            found, offset = await _load_entry_page(cached_api, key, offset)
            entries |= found
            if offset is None:
                break
        return entries

    cache_key = (key.handle.lower(), key.title_id)
    return await cached_api.get_or_load(LEADERBOARD_ENTRIES, cache_key, load)


async def _load_entry_page(
    cached_api: CachedApi, key: LeaderboardEntriesKey, offset: int
) -> tuple[dict[str, LeaderboardEntry], int | None]:
    async def load(size: int) -> tuple[dict[str, LeaderboardEntry], int | None]:
        reply = await cached_api.api.find(
            "GetUserGameLeaderboards", i=key.title_id, u=key.handle, c=size, o=offset
        )
        if reply is None:
            return {}, None
        return map_leaderboard_entries(reply.decode(GameLeaderboards), offset)

    return await LEADERBOARD_ENTRY_PAGE_SIZE.load_page(cached_api, load)
