"""Loads and maps lists of the games that an account has played, last played first."""

from providers.capabilities import PageKey
from providers.kit.caching.cached import Cached
from providers.kit.request_context import bypass_cache
from providers.kit.upstream.decode import parse_time
from providers.records import PlayedTitle, PlayedTitlePage, Title
from providers.retroachievements.cache_policies import PLAYED_TITLES
from providers.retroachievements.cached_api import CachedApi
from providers.retroachievements.fact_mapping import map_points
from providers.retroachievements.images import map_image
from providers.retroachievements.mapping import compute_progress, map_platforms
from providers.retroachievements.models import PlayedGame
from providers.retroachievements.profiles import get_profile

PAGE_SIZE = 50  # more are cut without a word
# A limit that was lowered since is a round number, so such a number of rows may have been cut.
SUSPICIOUS_STEP = 10


async def get_played_page(cached_api: CachedApi, key: PageKey) -> Cached[PlayedTitlePage]:
    """Return the page at an offset; raise `NotFound` for an unknown account."""

    async def load() -> PlayedTitlePage:
        reply = await cached_api.api.get(
            "GetUserRecentlyPlayedGames", u=key.handle, c=PAGE_SIZE, o=key.offset
        )
        rows = reply.decode(list[PlayedGame])
        # An unknown account is answered like one that has played nothing.
        if not rows and not key.offset:
            await get_profile(cached_api, key.handle)
        return _map_page(rows, key.offset, cached_api.api.media_url)

    cache_key = (key.handle.lower(), str(key.offset))
    with bypass_cache(enabled=key.bypass_cache):
        return await cached_api.get_or_load(PLAYED_TITLES, cache_key, load)


def _map_page(rows: list[PlayedGame], offset: int, media_url: str) -> PlayedTitlePage:
    has_more = bool(rows) and len(rows) % SUSPICIOUS_STEP == 0
    return PlayedTitlePage(
        titles=tuple(PlayedTitle.from_title(_map_title(row, media_url)) for row in rows),
        next_offset=offset + len(rows) if has_more else None,
    )


def _map_title(row: PlayedGame, media_url: str) -> Title:
    return Title(
        native_id=str(row.game_id),
        name=row.title,
        icon=map_image(media_url, row.image_icon),
        platforms=map_platforms(row.console_name),
        achievement_count=row.num_possible_achievements,
        earned_count=row.num_achieved,
        progress=compute_progress(row.num_achieved, row.num_possible_achievements),
        points=map_points(row.possible_score),
        earned_points=map_points(row.score_achieved),
        last_played_at=parse_time(row.last_played),
    )
