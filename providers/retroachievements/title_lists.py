"""An account's games, last played first."""

from datetime import datetime

from providers.capabilities import TitlePageKey
from providers.kit.caching.cached import Cached
from providers.kit.request_context import bypass_cache
from providers.kit.upstream.decode import parse_time
from providers.records import Title, TitlePage
from providers.retroachievements.api import RetroAchievementsApi
from providers.retroachievements.cache_policies import TITLES
from providers.retroachievements.cached_api import CachedApi
from providers.retroachievements.images import map_image
from providers.retroachievements.models import CompletedGame, CompletionProgress, convert_to_list
from providers.retroachievements.profiles import get_profile

MAX_PAGE_SIZE = 500


async def get_title_page(cached_api: CachedApi, key: TitlePageKey) -> Cached[TitlePage]:
    """The page; an unknown account is answered like one that has played nothing."""

    async def load() -> TitlePage:
        page = await load_titles(cached_api.api, key.handle, key.offset)
        if not page.titles and not page.total:
            await get_profile(cached_api, key.handle)
        return page

    cache_key = (key.handle.lower(), str(key.offset), key.previous_page_digest)
    with bypass_cache(enabled=key.bypass_cache):
        return await cached_api.get_or_load(TITLES, cache_key, load)


async def load_titles(api: RetroAchievementsApi, handle: str, offset: int) -> TitlePage:
    """Ask for the games from an offset on."""
    reply = await api.get("GetUserCompletionProgress", u=handle, c=MAX_PAGE_SIZE, o=offset)
    return map_title_page(reply.decode(CompletionProgress), offset, api.media_url)


def map_title_page(response: CompletionProgress, offset: int, media_url: str) -> TitlePage:
    """The page and where the next one begins."""
    games = convert_to_list(response.results)
    # A row that could not be read counts as well, or the next page would begin too early.
    step = max(len(games), min(response.count or 0, MAX_PAGE_SIZE))
    is_last = step < MAX_PAGE_SIZE if response.total is None else offset + step >= response.total
    return TitlePage(
        titles=tuple(map_title(game, media_url) for game in games),
        total=response.total,
        next_offset=None if is_last or not step else offset + step,
    )


def map_title(game: CompletedGame, media_url: str) -> Title:
    """A row of the list."""
    last_updated_at = parse_time(game.most_recent_awarded_date)
    return Title(
        native_id=str(game.game_id),
        name=game.title,
        icon=map_image(media_url, game.image_icon),
        platforms=map_platforms(game.console_name),
        achievement_count=game.max_possible,
        earned_count=game.num_awarded,
        progress=compute_percent(game.num_awarded, game.max_possible),
        last_updated_at=last_updated_at,
        definition_version=compute_definition_version(game.max_possible),
        earned_version=compute_earned_version(
            game.num_awarded, game.num_awarded_hardcore, last_updated_at
        ),
    )


def map_platforms(console_name: str | None) -> tuple[str, ...] | None:
    """A game here runs on one console; the same game on another is another game."""
    return (console_name,) if console_name else None


def compute_percent(earned_count: int | None, achievement_count: int | None) -> int | None:
    """Whole percent, rounded down, so that only all is 100."""
    if earned_count is None or not achievement_count:
        return None
    return min(100, 100 * earned_count // achievement_count)


def compute_definition_version(achievement_count: int | None) -> str | None:
    """What tells that the game's achievements have changed."""
    return None if achievement_count is None else str(achievement_count)


def compute_earned_version(
    earned_count: int | None, hardcore_count: int | None, last_updated_at: datetime | None
) -> str | None:
    """What tells that the player has earned more: also a softcore one again in hardcore."""
    if earned_count is None and hardcore_count is None and last_updated_at is None:
        return None
    return f"{earned_count}/{hardcore_count}/{last_updated_at.isoformat() if last_updated_at else None}"
