"""The trophy service's rows of trophies as records."""

from providers.kit.upstream.decode import instant
from providers.psn.cached_records import Definition, Earning
from providers.psn.images import image
from providers.psn.trophies.grades import POINTS
from providers.psn.trophies.models import TrophyRow
from providers.records import (
    Achievement,
    AchievementPoints,
    AchievementReward,
    Rarity,
    RarityBand,
    TrophyGrade,
    rarity_band,
)

POINTS_UNIT = "TROPHY_POINTS"
BANDS = (RarityBand.ULTRA_RARE, RarityBand.VERY_RARE, RarityBand.RARE, RarityBand.COMMON)
WHOLE_PERCENT = 100


def definition(row: TrophyRow) -> Definition:
    """A trophy as its set defines it."""
    return Definition(achievement=_achievement(row), target=row.target)


def earning(row: TrophyRow) -> Earning:
    """What an account did about a trophy."""
    return Earning(
        achievement=_achievement(row),
        target=row.target,
        current=row.progress,
        percent=row.progress_rate,
        progressed_at=instant(row.progressed_at),
        rarity=_rarity(row),
    )


def _achievement(row: TrophyRow) -> Achievement:
    grade = _grade(row.grade)
    worth = None if grade is None else AchievementPoints(value=POINTS[grade], unit=POINTS_UNIT)
    prize = image(row.reward_icon)
    reward = AchievementReward(name=row.reward_name or None, image=prize)
    return Achievement(
        native_id=str(row.trophy_id),
        group_id=row.group_id or None,
        name=row.name or None,
        description=row.detail or None,
        icon=image(row.icon),
        hidden=row.hidden or False,
        earned=row.earned,
        earned_at=instant(row.earned_at) if row.earned else None,
        grade=grade,
        points=worth,
        reward=reward if reward.name or prize else None,
    )


def _rarity(row: TrophyRow) -> Rarity | None:
    percent = row.earned_rate
    if percent is None or not 0 <= percent <= WHOLE_PERCENT:
        return None
    known = row.rare is not None and 0 <= row.rare < len(BANDS)
    return Rarity(percent=percent, band=BANDS[row.rare or 0] if known else rarity_band(percent))


def _grade(text: str | None) -> TrophyGrade | None:
    name = (text or "").upper()
    return TrophyGrade[name] if name in TrophyGrade.__members__ else None
