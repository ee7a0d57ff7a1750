"""What an account has earned in a stretch of time."""

from providers.kit.upstream.decode import instant, unreadable
from providers.records import Achievement, Title, Unlock
from providers.retroachievements.achievement_mapping import CORE, points_of, unlock_mode
from providers.retroachievements.api import WebApi
from providers.retroachievements.identifiers import SOURCE
from providers.retroachievements.images import badge, image
from providers.retroachievements.models import EarnedAchievement
from providers.retroachievements.titles import platforms

# The upstream answers the oldest so many of a window and says nothing of the rest.
MOST_ROWS = 500


async def load_unlocks(api: WebApi, handle: str, since: int, until: int) -> tuple[Unlock, ...]:
    """Ask from the last second seen on until a window is not full any more, oldest first."""
    seen: dict[tuple[int, bool | None], Unlock] = {}
    while since <= until:
        window = await _ask(api, handle, since, until)
        for row in window:
            if row.achievement_id is not None and row.game_id is not None:
                mark = (row.achievement_id, row.hardcore_mode)
                seen.setdefault(mark, unlock_of(row, api.media_url))
        if len(window) < MOST_ROWS:
            break
        since = _next_start(window, since)
    return tuple(seen.values())


async def load_window(
    api: WebApi, handle: str, since: int, until: int
) -> tuple[int, tuple[Unlock, ...]]:
    """One window as it is answered: how many rows came, and the unlocks in them."""
    window = await _ask(api, handle, since, until)
    sound = (row for row in window if row.achievement_id is not None and row.game_id is not None)
    return len(window), tuple(unlock_of(row, api.media_url) for row in sound)


async def _ask(api: WebApi, handle: str, since: int, until: int) -> list[EarnedAchievement]:
    reply = await api.ask("GetAchievementsEarnedBetween", u=handle, f=since, t=until)
    return reply.decode(list[EarnedAchievement])


def _next_start(window: list[EarnedAchievement], since: int) -> int:
    moments = [moment for row in window if (moment := instant(row.date)) is not None]
    last = int(max(moments).timestamp()) if moments else since - 1
    if last < since:
        raise unreadable(SOURCE)
    # A second with more unlocks than one answer holds cannot be cut any finer.
    return max(last, since + 1)


def unlock_of(row: EarnedAchievement, media_url: str) -> Unlock:
    """The record of a row."""
    return Unlock(title=_title(row, media_url), achievement=_achievement(row, media_url))


def _title(row: EarnedAchievement, media_url: str) -> Title:
    return Title(
        native_id=str(row.game_id),
        name=row.game_title,
        icon=image(media_url, row.game_icon),
        platforms=platforms(row.console_name),
    )


def _achievement(row: EarnedAchievement, media_url: str) -> Achievement:
    earned_at = instant(row.date)
    hardcore = row.hardcore_mode
    return Achievement(
        native_id=str(row.achievement_id),
        group_id=CORE,
        name=row.title,
        description=row.description,
        icon=badge(media_url, row.badge_name),
        earned=True,
        earned_at=earned_at,
        unlock_mode=None if hardcore is None else unlock_mode(hardcore=hardcore),
        earned_at_softcore=earned_at if hardcore is False else None,
        points=points_of(row.points, row.true_ratio),
        kind=row.type,
    )
