"""Maps the upstream's games and achievements to records."""

import re
from datetime import datetime

from msgspec.structs import replace

from providers.kit.upstream.decode import parse_time
from providers.records import (
    Achievement,
    Contents,
    Group,
    Rarity,
    Title,
    UnlockMode,
    get_rarity_band,
    round_percent,
)
from providers.retroachievements.fact_mapping import (
    map_highest_award,
    map_info,
    map_points,
    sum_points,
)
from providers.retroachievements.images import map_badge, map_image
from providers.retroachievements.models import Game, GameAchievement, convert_to_list

# The achievements of a game are one set; a subset is a game of its own upstream.
CORE_GROUP_ID = "core"
ACHIEVEMENT_KEY = re.compile(r"[1-9][0-9]{0,8}")


def map_contents(title_id: str, game: Game, *, has_progress: bool, media_url: str) -> Contents:
    """Map a game that was requested by its id to its title, its one group and its achievements.

    `has_progress` tells whether the response is about a player, or about the game alone.
    """
    rows = sorted(_list_achievements(game), key=_get_display_order)
    title = _map_title(title_id, game, _find_last_updated_at(rows), media_url)
    achievements = tuple(
        _map_achievement(
            row,
            player_count=game.num_distinct_players,
            has_progress=has_progress,
            media_url=media_url,
        )
        for row in rows
    )
    # An empty list would otherwise say that the game has no achievements.
    is_unknown = game.achievements is None or bool(game.achievements and not rows)
    return Contents(
        title=_add_points(title, achievements, has_progress=has_progress),
        groups=(_map_group(title),),
        achievements=None if is_unknown else achievements,
    )


def map_definition(row: GameAchievement, media_url: str) -> Achievement:
    """Map an achievement without a player and without counters."""
    return _map_achievement(row, player_count=None, has_progress=False, media_url=media_url)


def map_platforms(console_name: str | None) -> tuple[str, ...] | None:
    """Map a game's only console; upstream, a port to another one is another game."""
    return (console_name,) if console_name else None


def map_unlock_mode(*, hardcore: bool) -> UnlockMode:
    """Map the mode; a hardcore unlock supersedes the softcore one."""
    return UnlockMode.HARDCORE if hardcore else UnlockMode.SOFTCORE


def compute_progress(earned_count: int | None, achievement_count: int | None) -> int | None:
    """Return whole percent, rounded down, so that 100 means all."""
    if earned_count is None or not achievement_count:
        return None
    return min(100, 100 * earned_count // achievement_count)


def compute_definition_version(achievement_count: int | None) -> str | None:
    """Return a value that changes when the number of the game's achievements does."""
    return None if achievement_count is None else str(achievement_count)


def compute_earned_version(
    earned_count: int | None, hardcore_count: int | None, last_updated_at: datetime | None
) -> str | None:
    """Return a value that changes with every unlock, also a repeated one in hardcore."""
    if earned_count is None and hardcore_count is None and last_updated_at is None:
        return None
    moment = last_updated_at.isoformat() if last_updated_at else None
    return f"{earned_count}/{hardcore_count}/{moment}"


def _list_achievements(game: Game) -> list[GameAchievement]:
    """Return the achievements with their ids; an id is also the key under which one is sent."""
    rows = game.achievements
    if isinstance(rows, dict):
        for key, row in rows.items():
            row.id = int(key) if row.id is None and ACHIEVEMENT_KEY.fullmatch(key) else row.id
    return [row for row in convert_to_list(rows) if row.id is not None]


def _map_title(
    title_id: str, game: Game, last_updated_at: datetime | None, media_url: str
) -> Title:
    earned = game.num_awarded_to_user
    return Title(
        native_id=title_id if game.id is None else str(game.id),
        name=game.title,
        icon=map_image(media_url, game.image_icon),
        platforms=map_platforms(game.console_name),
        achievement_count=game.num_achievements,
        earned_count=earned,
        progress=compute_progress(earned, game.num_achievements),
        last_updated_at=last_updated_at,
        play_duration_seconds=game.user_total_playtime,
        population=game.num_distinct_players,
        highest_award=map_highest_award(game.highest_award_kind, game.highest_award_date),
        info=map_info(game, media_url),
        definition_version=compute_definition_version(game.num_achievements),
        earned_version=compute_earned_version(
            earned, game.num_awarded_to_user_hardcore, last_updated_at
        ),
        unlock_version=compute_earned_version(earned, game.num_awarded_to_user_hardcore, None),
    )


def _add_points(
    title: Title, achievements: tuple[Achievement, ...], *, has_progress: bool
) -> Title:
    if title.achievement_count != len(achievements):
        return title
    earned = (each.points for each in achievements if each.earned)
    return replace(
        title,
        points=sum_points(each.points for each in achievements),
        earned_points=sum_points(earned) if has_progress else None,
    )


def _map_group(title: Title) -> Group:
    return Group(
        native_id=CORE_GROUP_ID,
        name=title.name,
        icon=title.icon,
        progress=title.progress,
        last_updated_at=title.last_updated_at,
    )


def _map_achievement(
    row: GameAchievement, *, player_count: int | None, has_progress: bool, media_url: str
) -> Achievement:
    hardcore, softcore = row.date_earned_hardcore, row.date_earned
    mode = map_unlock_mode(hardcore=bool(hardcore)) if hardcore or softcore else None
    return Achievement(
        native_id=str(row.id),
        group_id=CORE_GROUP_ID,
        name=row.title,
        description=row.description,
        icon=map_badge(media_url, row.badge_name),
        earned=mode is not None if has_progress else None,
        earned_at=parse_time(hardcore or softcore),
        unlock_mode=mode,
        earned_at_softcore=parse_time(softcore),
        points=map_points(row.points, row.true_ratio),
        rarity=_map_rarity(row.num_awarded, row.num_awarded_hardcore, player_count),
        kind=row.type or row.lower_type,
    )


def _map_rarity(
    earners: int | None, hardcore_earners: int | None, player_count: int | None
) -> Rarity | None:
    # The upstream sends counters only; both percentages are of all distinct players.
    percent = _compute_percent(earners, player_count)
    if percent is None:
        return None
    return Rarity(
        percent=percent,
        band=get_rarity_band(percent),
        earners=earners,
        population=player_count,
        hardcore_percent=_compute_percent(hardcore_earners, player_count),
        hardcore_earners=hardcore_earners,
    )


def _compute_percent(earners: int | None, player_count: int | None) -> float | None:
    if earners is None or not player_count:
        return None
    # The players are counted at another time than the earners, who may then be more.
    return round_percent(min(100.0, 100 * earners / player_count))


def _get_display_order(achievement: GameAchievement) -> tuple[bool, int, int]:
    order = achievement.display_order
    return (order is None, order or 0, achievement.id or 0)


def _find_last_updated_at(achievements: list[GameAchievement]) -> datetime | None:
    texts = (text for row in achievements for text in (row.date_earned, row.date_earned_hardcore))
    moments = map(parse_time, texts)
    return max((moment for moment in moments if moment is not None), default=None)
