"""What an account has earned in a stretch of time."""

from providers.kit.upstream.decode import build_unreadable_error, parse_time
from providers.records import Achievement, Title, Unlock
from providers.retroachievements.achievement_mapping import (
    CORE_GROUP_ID,
    get_unlock_mode,
    map_points,
)
from providers.retroachievements.api import RetroAchievementsApi
from providers.retroachievements.identifiers import SOURCE
from providers.retroachievements.images import map_badge, map_image
from providers.retroachievements.models import EarnedAchievement
from providers.retroachievements.title_lists import map_platforms

# The upstream answers the oldest so many of a window and says nothing of the rest.
MAX_ROWS = 500


async def load_unlocks(
    api: RetroAchievementsApi, handle: str, since: int, until: int
) -> tuple[Unlock, ...]:
    """Ask from the last second seen on until a window is not full any more, oldest first."""
    seen: dict[tuple[int, bool | None], Unlock] = {}
    while since <= until:
        window = await _fetch_rows(api, handle, since, until)
        for row in window:
            if row.achievement_id is not None and row.game_id is not None:
                unlock_key = (row.achievement_id, row.hardcore_mode)
                seen.setdefault(unlock_key, map_unlock(row, api.media_url))
        if len(window) < MAX_ROWS:
            break
        since = _find_next_start(window, since)
    return tuple(seen.values())


async def load_window(
    api: RetroAchievementsApi, handle: str, since: int, until: int
) -> tuple[int, tuple[Unlock, ...]]:
    """One window as it is answered: how many rows came, and the unlocks in them."""
    window = await _fetch_rows(api, handle, since, until)
    valid_rows = (
        row for row in window if row.achievement_id is not None and row.game_id is not None
    )
    return len(window), tuple(map_unlock(row, api.media_url) for row in valid_rows)


async def _fetch_rows(
    api: RetroAchievementsApi, handle: str, since: int, until: int
) -> list[EarnedAchievement]:
    reply = await api.get("GetAchievementsEarnedBetween", u=handle, f=since, t=until)
    return reply.decode(list[EarnedAchievement])


def _find_next_start(window: list[EarnedAchievement], since: int) -> int:
    moments = [moment for row in window if (moment := parse_time(row.date)) is not None]
    last = int(max(moments).timestamp()) if moments else since - 1
    if last < since:
        raise build_unreadable_error(SOURCE)
    # A second with more unlocks than one answer holds cannot be cut any finer.
    return max(last, since + 1)


def map_unlock(row: EarnedAchievement, media_url: str) -> Unlock:
    """The record of a row."""
    return Unlock(title=_map_title(row, media_url), achievement=_map_achievement(row, media_url))


def _map_title(row: EarnedAchievement, media_url: str) -> Title:
    return Title(
        native_id=str(row.game_id),
        name=row.game_title,
        icon=map_image(media_url, row.game_icon),
        platforms=map_platforms(row.console_name),
    )


def _map_achievement(row: EarnedAchievement, media_url: str) -> Achievement:
    earned_at = parse_time(row.date)
    hardcore = row.hardcore_mode
    return Achievement(
        native_id=str(row.achievement_id),
        group_id=CORE_GROUP_ID,
        name=row.title,
        description=row.description,
        icon=map_badge(media_url, row.badge_name),
        earned=True,
        earned_at=earned_at,
        unlock_mode=None if hardcore is None else get_unlock_mode(hardcore=hardcore),
        earned_at_softcore=earned_at if hardcore is False else None,
        points=map_points(row.points, row.true_ratio),
        kind=row.type,
    )
