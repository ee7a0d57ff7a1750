"""An account's games, last played first."""

from datetime import datetime

from providers.capabilities import TitlesKey
from providers.kit.caching.cached import Answer
from providers.kit.request_context import asking
from providers.kit.upstream.decode import instant
from providers.records import Title, TitlePage
from providers.retroachievements.api import WebApi
from providers.retroachievements.cache_policies import TITLES
from providers.retroachievements.cached_api import View
from providers.retroachievements.images import image
from providers.retroachievements.models import CompletedGame, CompletionProgress, rows
from providers.retroachievements.people import person

LARGEST_PAGE = 500


async def title_page(view: View, key: TitlesKey) -> Answer[TitlePage]:
    """The page; an unknown account is answered like one that has played nothing."""

    async def load() -> TitlePage:
        page = await load_titles(view.api, key.handle, key.offset)
        if not page.titles and not page.total:
            await person(view, key.handle)
        return page

    place = (key.handle.lower(), str(key.offset), key.behind)
    with asking(anew=key.anew):
        return await view.remember(TITLES, place, load)


async def load_titles(api: WebApi, handle: str, offset: int) -> TitlePage:
    """Ask for the games from an offset on."""
    reply = await api.ask("GetUserCompletionProgress", u=handle, c=LARGEST_PAGE, o=offset)
    return page_of(reply.decode(CompletionProgress), offset, api.media_url)


def page_of(sent: CompletionProgress, offset: int, media_url: str) -> TitlePage:
    """The page and where the next one begins."""
    games = rows(sent.results)
    # A row that could not be read counts as well, or the next page would begin too early.
    step = max(len(games), min(sent.count or 0, LARGEST_PAGE))
    is_last = step < LARGEST_PAGE if sent.total is None else offset + step >= sent.total
    return TitlePage(
        titles=tuple(title_of(game, media_url) for game in games),
        total=sent.total,
        next_offset=None if is_last or not step else offset + step,
    )


def title_of(game: CompletedGame, media_url: str) -> Title:
    """A row of the list."""
    updated = instant(game.most_recent_awarded_date)
    return Title(
        native_id=str(game.game_id),
        name=game.title,
        icon=image(media_url, game.image_icon),
        platforms=platforms(game.console_name),
        achievement_count=game.max_possible,
        earned_count=game.num_awarded,
        progress=percent(game.num_awarded, game.max_possible),
        last_updated_at=updated,
        definition_version=definition_version(game.max_possible),
        earned_version=earned_version(game.num_awarded, game.num_awarded_hardcore, updated),
    )


def platforms(console_name: str | None) -> tuple[str, ...] | None:
    """A game here runs on one console; the same game on another is another game."""
    return (console_name,) if console_name else None


def percent(earned: int | None, possible: int | None) -> int | None:
    """Whole percent, rounded down, so that only all is 100."""
    if earned is None or not possible:
        return None
    return min(100, 100 * earned // possible)


def definition_version(possible: int | None) -> str | None:
    """What tells that the game's achievements have changed."""
    return None if possible is None else str(possible)


def earned_version(
    earned: int | None, hardcore: int | None, updated: datetime | None
) -> str | None:
    """What tells that the player has earned more: also a softcore one again in hardcore."""
    if earned is None and hardcore is None and updated is None:
        return None
    return f"{earned}/{hardcore}/{updated.isoformat() if updated else None}"
