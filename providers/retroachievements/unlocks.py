"""Loads and maps the unlocks of an account in a window of time."""

from providers.kit.upstream.decode import build_unreadable_error, parse_time
from providers.records import Achievement, Title, Unlock
from providers.retroachievements.api import RetroAchievementsApi
from providers.retroachievements.identifiers import SOURCE
from providers.retroachievements.images import map_badge, map_image
from providers.retroachievements.mapping import (
    CORE_GROUP_ID,
    map_platforms,
    map_points,
    map_unlock_mode,
)
from providers.retroachievements.models import EarnedAchievement

# The upstream sends this many of the oldest rows of a window, and nothing says that it cut.
MAX_ROWS = 500


async def load_unlocks(
    api: RetroAchievementsApi, handle: str, since: int, until: int
) -> tuple[Unlock, ...]:
    """Load all unlocks of a window (Unix seconds, both included), oldest first.

    While a response is full, the next call begins at the last second of the one before.
    """
    seen: dict[tuple[int | None, bool | None], Unlock] = {}
    while since <= until:
        rows = await _fetch_rows(api, handle, since, until)
        for row in rows:
            if _is_valid(row):
                unlock_key = (row.achievement_id, row.hardcore_mode)
                seen.setdefault(unlock_key, _map_unlock(row, api.media_url))
        if len(rows) < MAX_ROWS:
            break
        since = _find_next_start(rows, since)
    return tuple(seen.values())


async def load_window(
    api: RetroAchievementsApi, handle: str, since: int, until: int
) -> tuple[int, tuple[Unlock, ...]]:
    """Load one response: the number of its rows, and the unlocks among them."""
    rows = await _fetch_rows(api, handle, since, until)
    return len(rows), tuple(_map_unlock(row, api.media_url) for row in rows if _is_valid(row))


async def _fetch_rows(
    api: RetroAchievementsApi, handle: str, since: int, until: int
) -> list[EarnedAchievement]:
    reply = await api.get("GetAchievementsEarnedBetween", u=handle, f=since, t=until)
    return reply.decode(list[EarnedAchievement])


def _is_valid(row: EarnedAchievement) -> bool:
    return row.achievement_id is not None and row.game_id is not None


def _find_next_start(rows: list[EarnedAchievement], since: int) -> int:
    moments = [moment for row in rows if (moment := parse_time(row.date)) is not None]
    last = int(max(moments).timestamp()) if moments else since - 1
    if last < since:
        raise build_unreadable_error(SOURCE)
    # A window cannot be shorter than a second: of one that has more unlocks, the rest is lost.
    return max(last, since + 1)


def _map_unlock(row: EarnedAchievement, media_url: str) -> Unlock:
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
        unlock_mode=None if hardcore is None else map_unlock_mode(hardcore=hardcore),
        earned_at_softcore=earned_at if hardcore is False else None,
        points=map_points(row.points, row.true_ratio),
        kind=row.type,
    )
