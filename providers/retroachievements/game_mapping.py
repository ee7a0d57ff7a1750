"""A game as records: itself, its one group, and its achievements."""

from datetime import datetime

from providers.records import Contents, Group, Title
from providers.retroachievements.achievement_mapping import CORE, achievement_of, last_unlock
from providers.retroachievements.images import image
from providers.retroachievements.models import Game, GameAchievement
from providers.retroachievements.titles import (
    definition_version,
    earned_version,
    percent,
    platforms,
)


def contents_of(game: Game, *, is_played: bool, media_url: str) -> Contents:
    """All parts at once: one answer holds them all."""
    sent = _in_order(game)
    updated = _last_updated(sent)
    title = _title(game, updated, media_url)
    return Contents(
        title=title,
        groups=(_group(title),),
        achievements=tuple(
            achievement_of(
                achievement,
                players=game.num_distinct_players,
                is_played=is_played,
                media_url=media_url,
            )
            for achievement in sent
        ),
    )


def _title(game: Game, updated: datetime | None, media_url: str) -> Title:
    earned = game.num_awarded_to_user
    return Title(
        native_id=str(game.id),
        name=game.title,
        icon=image(media_url, game.image_icon),
        platforms=platforms(game.console_name),
        achievement_count=game.num_achievements,
        earned_count=earned,
        progress=percent(earned, game.num_achievements),
        last_updated_at=updated,
        definition_version=definition_version(game.num_achievements),
        earned_version=earned_version(earned, game.num_awarded_to_user_hardcore, updated),
    )


def _group(title: Title) -> Group:
    return Group(
        native_id=CORE,
        name=title.name,
        icon=title.icon,
        progress=title.progress,
        last_updated_at=title.last_updated_at,
    )


def _in_order(game: Game) -> list[GameAchievement]:
    sent = game.achievements
    items = list(sent.values()) if isinstance(sent, dict) else sent
    return sorted(items, key=_place)


def _place(achievement: GameAchievement) -> tuple[bool, int, int]:
    order = achievement.display_order
    return (order is None, order or 0, achievement.id)


def _last_updated(sent: list[GameAchievement]) -> datetime | None:
    moments = (last_unlock(achievement) for achievement in sent)
    return max((moment for moment in moments if moment is not None), default=None)
