"""A game as records: itself, its one group, and its achievements."""

from datetime import datetime

from providers.records import Contents, Group, Title
from providers.retroachievements.achievement_mapping import (
    CORE_GROUP_ID,
    find_last_unlock_at,
    map_achievement,
)
from providers.retroachievements.images import map_image
from providers.retroachievements.models import Game, GameAchievement
from providers.retroachievements.title_lists import (
    compute_definition_version,
    compute_earned_version,
    compute_percent,
    map_platforms,
)


def map_contents(game: Game, *, has_progress: bool, media_url: str) -> Contents:
    """All parts at once: one answer holds them all."""
    achievements = _sort_achievements(game)
    last_updated_at = _find_last_updated_at(achievements)
    title = _map_title(game, last_updated_at, media_url)
    return Contents(
        title=title,
        groups=(_map_group(title),),
        achievements=tuple(
            map_achievement(
                achievement,
                player_count=game.num_distinct_players,
                has_progress=has_progress,
                media_url=media_url,
            )
            for achievement in achievements
        ),
    )


def _map_title(game: Game, last_updated_at: datetime | None, media_url: str) -> Title:
    earned = game.num_awarded_to_user
    return Title(
        native_id=str(game.id),
        name=game.title,
        icon=map_image(media_url, game.image_icon),
        platforms=map_platforms(game.console_name),
        achievement_count=game.num_achievements,
        earned_count=earned,
        progress=compute_percent(earned, game.num_achievements),
        last_updated_at=last_updated_at,
        definition_version=compute_definition_version(game.num_achievements),
        earned_version=compute_earned_version(
            earned, game.num_awarded_to_user_hardcore, last_updated_at
        ),
    )


def _map_group(title: Title) -> Group:
    return Group(
        native_id=CORE_GROUP_ID,
        name=title.name,
        icon=title.icon,
        progress=title.progress,
        last_updated_at=title.last_updated_at,
    )


def _sort_achievements(game: Game) -> list[GameAchievement]:
    achievements = game.achievements
    items = list(achievements.values()) if isinstance(achievements, dict) else achievements
    return sorted(items, key=_get_sort_key)


def _get_sort_key(achievement: GameAchievement) -> tuple[bool, int, int]:
    order = achievement.display_order
    return (order is None, order or 0, achievement.id)


def _find_last_updated_at(achievements: list[GameAchievement]) -> datetime | None:
    moments = (find_last_unlock_at(achievement) for achievement in achievements)
    return max((moment for moment in moments if moment is not None), default=None)
