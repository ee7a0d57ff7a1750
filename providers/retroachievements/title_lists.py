"""Loads and maps lists of an account's games, last played first."""

from providers.capabilities import TitlePageKey
from providers.kit.caching.cached import Cached
from providers.kit.request_context import bypass_cache
from providers.kit.upstream.decode import parse_time
from providers.records import Title, TitlePage
from providers.retroachievements.api import RetroAchievementsApi
from providers.retroachievements.cache_policies import TITLES
from providers.retroachievements.cached_api import CachedApi
from providers.retroachievements.fact_mapping import map_highest_award
from providers.retroachievements.images import map_image
from providers.retroachievements.learned_limits import TITLE_PAGE_SIZE
from providers.retroachievements.mapping import (
    compute_definition_version,
    compute_earned_version,
    compute_progress,
    map_platforms,
)
from providers.retroachievements.models import CompletedGame, CompletionProgress, convert_to_list
from providers.retroachievements.pages import find_page_end
from providers.retroachievements.profiles import get_profile
from providers.retroachievements.set_sizes import update_sizes


async def get_title_page(cached_api: CachedApi, key: TitlePageKey) -> Cached[TitlePage]:
    """Return the page; raise `NotFound` for an unknown account."""

    async def load() -> TitlePage:
        page = await _load_allowed_page(cached_api, key)
        # An unknown account is answered like one without games.
        if not page.titles and not page.total:
            await get_profile(cached_api, key.handle)
        return page

    cache_key = (key.handle.lower(), str(key.offset), key.previous_page_digest)
    with bypass_cache(enabled=key.bypass_cache):
        page = await cached_api.get_or_load(TITLES, cache_key, load)
    return update_sizes(cached_api, page)


async def _load_allowed_page(cached_api: CachedApi, key: TitlePageKey) -> TitlePage:
    """Load a page of as many games as the upstream allows."""

    async def load(size: int) -> TitlePage:
        page = await load_titles(cached_api.api, key.handle, key.offset, size)
        # The total alone may be wrong, so that a first page does not show that more are to come.
        if key.offset:
            TITLE_PAGE_SIZE.learn_from_page(cached_api, size, key.offset, page.next_offset)
        return page

    return await TITLE_PAGE_SIZE.load_page(cached_api, load)


async def load_titles(
    api: RetroAchievementsApi, handle: str, offset: int, size: int = TITLE_PAGE_SIZE.default
) -> TitlePage:
    """Load the page at an offset, without the cache."""
    reply = await api.get("GetUserCompletionProgress", u=handle, c=size, o=offset)
    return map_title_page(reply.decode(CompletionProgress), offset, api.media_url)


def map_title_page(response: CompletionProgress, offset: int, media_url: str) -> TitlePage:
    """Map a page, and compute the offset of the next one."""
    games = convert_to_list(response.results)
    end = find_page_end(response, offset, len(games), TITLE_PAGE_SIZE.default)
    return TitlePage(
        titles=tuple(_map_title(game, media_url) for game in games),
        total=response.total,
        next_offset=end.next_offset,
        unread_count=end.unread_count,
    )


def _map_title(game: CompletedGame, media_url: str) -> Title:
    last_updated_at = parse_time(game.most_recent_awarded_date)
    return Title(
        native_id=str(game.game_id),
        name=game.title,
        icon=map_image(media_url, game.image_icon),
        platforms=map_platforms(game.console_name),
        achievement_count=game.max_possible,
        earned_count=game.num_awarded,
        progress=compute_progress(game.num_awarded, game.max_possible),
        last_updated_at=last_updated_at,
        highest_award=map_highest_award(game.highest_award_kind, game.highest_award_date),
        definition_version=compute_definition_version(game.max_possible),
        earned_version=compute_earned_version(
            game.num_awarded, game.num_awarded_hardcore, last_updated_at
        ),
        unlock_version=compute_earned_version(game.num_awarded, game.num_awarded_hardcore, None),
    )
