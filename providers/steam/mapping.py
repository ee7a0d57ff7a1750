"""Maps games and what a player has earned in them to titles, groups and achievements."""

from collections.abc import Iterable
from datetime import datetime

from msgspec.structs import replace

from providers.kit.caching.cached import Cached
from providers.kit.upstream.decode import convert_minutes
from providers.records import Achievement, Contents, Group, Title
from providers.steam.cached_records import Counts, Definitions, EarnedState, LibraryGame
from providers.steam.images import build_header_image
from providers.steam.library import compute_earned_until


def map_title(game: LibraryGame, fetched_at: datetime) -> Title:
    """Map a game of a list; its counts come from another call.

    `last_updated_at` stays unknown: when the game was last played is only a bound on it.
    """
    played = game.last_played_at
    moment = "" if played is None else int(played.timestamp())
    return Title(
        native_id=game.app_id,
        name=game.name,
        icon=game.icon or build_header_image(game.app_id),
        play_duration_seconds=convert_minutes(game.playtime_minutes),
        last_played_at=game.last_played_at,
        earned_until=compute_earned_until(game, fetched_at),
        earned_version=f"{moment}/{game.playtime_minutes}",
    )


def add_counts(title: Title, counts: Counts | None) -> Title:
    """Return a title with its counts, if they are known."""
    if counts is None:
        return title
    return replace(
        title,
        achievement_count=counts.total,
        earned_count=counts.earned,
        progress=compute_progress(counts.earned, counts.total),
        unlock_version=str(counts.earned),
    )


def map_contents(
    title: Title, definitions: Cached[Definitions] | None, earned: Cached[EarnedState] | None
) -> Contents:
    """Map a title to its contents; `earned` is None without a player."""
    achievements = _merge(definitions and definitions.value, earned and earned.value)
    return Contents(
        title=_map_whole_title(title, achievements, definitions, earned),
        groups=None if definitions is None else _map_groups(definitions.value, achievements),
        achievements=achievements,
    )


def compute_progress(earned: int, total: int) -> int | None:
    """Return whole percent, rounded down, so that 100 means all; None without achievements."""
    return min(100, 100 * earned // total) if total else None


def _merge(definitions: Definitions | None, state: EarnedState | None) -> tuple[Achievement, ...]:
    """Return all achievements that either side has, those with a definition first."""
    known = definitions.achievements if definitions else ()
    if state is None:
        return known
    names = {each.native_id for each in known}
    unknown = (Achievement(native_id=name, key=name) for name in state.names if name not in names)
    return tuple(
        replace(
            each,
            earned=each.native_id in state.unlocks,
            earned_at=state.unlocks.get(each.native_id),
        )
        for each in (*known, *unknown)
    )


def _map_whole_title(
    title: Title,
    achievements: tuple[Achievement, ...],
    definitions: Cached[Definitions] | None,
    earned: Cached[EarnedState] | None,
) -> Title:
    names = [title.name, earned.value.game_name if earned else None]
    whole = replace(
        title,
        name=next((name for name in names if name), None),
        icon=title.icon or build_header_image(title.native_id),
        set_version=definitions.value.schema_version if definitions else None,
        has_groups=bool(definitions.value.groups) if definitions else None,
        achievement_count=len(achievements),
    )
    if earned is None:
        return whole
    earned_count = sum(bool(each.earned) for each in achievements)
    return replace(
        whole,
        earned_count=earned_count,
        progress=compute_progress(earned_count, len(achievements)),
        last_updated_at=_find_newest(achievements),
    )


def _map_groups(
    definitions: Definitions, achievements: tuple[Achievement, ...]
) -> tuple[Group, ...]:
    return tuple(
        _add_group_progress(
            group, [each for each in achievements if each.group_id == group.native_id]
        )
        for group in definitions.groups
    )


def _add_group_progress(group: Group, achievements: list[Achievement]) -> Group:
    if any(each.earned is None for each in achievements):
        return group
    earned = sum(bool(each.earned) for each in achievements)
    return replace(
        group,
        progress=compute_progress(earned, len(achievements)),
        last_updated_at=_find_newest(achievements),
    )


def _find_newest(achievements: Iterable[Achievement]) -> datetime | None:
    moments = (each.earned_at for each in achievements)
    return max((moment for moment in moments if moment is not None), default=None)
