"""One achievement of a game: what it is, who earned it, and what the player did."""

from datetime import datetime

from providers.kit.upstream.decode import parse_time
from providers.records import Achievement, AchievementPoints, Rarity, UnlockMode, get_rarity_band
from providers.retroachievements.images import map_badge
from providers.retroachievements.models import GameAchievement

# The achievements of a game are one set; a subset is a game of its own upstream.
CORE_GROUP_ID = "core"
POINTS_UNIT = "POINTS"


def map_achievement(
    row: GameAchievement, *, player_count: int | None, has_progress: bool, media_url: str
) -> Achievement:
    """The definition, joined with the player's unlocks where a player was asked about."""
    hardcore, softcore = row.date_earned_hardcore, row.date_earned
    mode = get_unlock_mode(hardcore=bool(hardcore)) if hardcore or softcore else None
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
        rarity=map_rarity(row.num_awarded, row.num_awarded_hardcore, player_count),
        kind=row.type or row.lower_type,
    )


def get_unlock_mode(*, hardcore: bool) -> UnlockMode:
    """How it was earned; what was earned in hardcore is not softcore any more."""
    return UnlockMode.HARDCORE if hardcore else UnlockMode.SOFTCORE


def map_points(value: int | None, weighted: int | None) -> AchievementPoints | None:
    """The points, and those weighted by rarity."""
    return (
        None
        if value is None
        else AchievementPoints(value=value, unit=POINTS_UNIT, weighted=weighted)
    )


def map_rarity(
    earners: int | None, hardcore_earners: int | None, player_count: int | None
) -> Rarity | None:
    """The upstream sends counters only; both shares are of all distinct players."""
    share = _compute_percent(earners, player_count)
    if share is None:
        return None
    return Rarity(
        percent=share,
        band=get_rarity_band(share),
        earners=earners,
        population=player_count,
        hardcore_percent=_compute_percent(hardcore_earners, player_count),
        hardcore_earners=hardcore_earners,
    )


def find_last_unlock_at(row: GameAchievement) -> datetime | None:
    """When the player last earned it: in hardcore after softcore, if both."""
    moments = (parse_time(row.date_earned), parse_time(row.date_earned_hardcore))
    return max((moment for moment in moments if moment is not None), default=None)


def _compute_percent(earners: int | None, player_count: int | None) -> float | None:
    if earners is None or not player_count:
        return None
    # The players are counted at another time than the earners, who may then be more.
    return min(100.0, 100 * earners / player_count)
