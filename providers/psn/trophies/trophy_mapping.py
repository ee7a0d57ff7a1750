"""Maps the trophy service's rows of trophies to records."""

from providers.kit.upstream.decode import parse_time
from providers.psn.cached_records import TrophyDefinition, TrophyState
from providers.psn.images import map_image
from providers.psn.trophies.grades import POINTS_BY_GRADE
from providers.psn.trophies.models import TrophyRow
from providers.records import (
    Achievement,
    AchievementPoints,
    AchievementReward,
    Rarity,
    RarityBand,
    get_rarity_band,
)

POINTS_UNIT = "TROPHY_POINTS"
# Indexed by `trophyRare`.
RARITY_BANDS = (RarityBand.ULTRA_RARE, RarityBand.VERY_RARE, RarityBand.RARE, RarityBand.COMMON)
MAX_PERCENT = 100
# What a grade means, by its name: looking it up in the enumeration takes longer than all the rest.
GRADES_BY_NAME = {
    grade.name: (grade, AchievementPoints(value=points, unit=POINTS_UNIT))
    for grade, points in POINTS_BY_GRADE.items()
}
UNKNOWN_GRADE = (None, None)


def map_definition(row: TrophyRow) -> TrophyDefinition:
    """Map a trophy as its title defines it."""
    return TrophyDefinition(achievement=_map_achievement(row), target=row.target)


def map_state(row: TrophyRow) -> TrophyState:
    """Map an account's row of a trophy."""
    return TrophyState(
        achievement=_map_achievement(row),
        target=row.target,
        current=row.progress,
        percent=row.progress_rate,
        progressed_at=parse_time(row.progressed_at),
        rarity=_map_rarity(row),
    )


def _map_achievement(row: TrophyRow) -> Achievement:
    grade, points = GRADES_BY_NAME.get((row.grade or "").upper(), UNKNOWN_GRADE)
    return Achievement(
        native_id=str(row.trophy_id),
        group_id=row.group_id or None,
        name=row.name or None,
        description=row.detail or None,
        icon=map_image(row.icon) if row.icon else None,
        hidden=row.hidden or False,
        earned=row.earned,
        earned_at=parse_time(row.earned_at) if row.earned else None,
        grade=grade,
        points=points,
        reward=_map_reward(row) if row.reward_name or row.reward_icon else None,
    )


def _map_reward(row: TrophyRow) -> AchievementReward | None:
    image = map_image(row.reward_icon)
    if not row.reward_name and image is None:
        return None
    return AchievementReward(name=row.reward_name or None, image=image)


def _map_rarity(row: TrophyRow) -> Rarity | None:
    percent = row.earned_rate
    if percent is None or not 0 <= percent <= MAX_PERCENT:
        return None
    has_known_band = row.rare is not None and 0 <= row.rare < len(RARITY_BANDS)
    return Rarity(
        percent=percent,
        band=RARITY_BANDS[row.rare or 0] if has_known_band else get_rarity_band(percent),
    )
