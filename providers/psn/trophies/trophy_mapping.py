"""Maps the trophy service's rows of trophies to records."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from providers.kit.text import SHARED_TEXTS
from providers.kit.upstream.decode import parse_iso_time
from providers.psn.cached_records import TrophyCounter, TrophyDefinition, TrophyState
from providers.psn.images import map_image, map_images
from providers.psn.trophies.models import TrophyRow
from providers.records import (
    AchievementReward,
    Rarity,
    RarityBand,
    TrophyGrade,
    get_rarity_band,
    round_percent,
)

# Indexed by `trophyRare`.
RARITY_BANDS = (RarityBand.ULTRA_RARE, RarityBand.VERY_RARE, RarityBand.RARE, RarityBand.COMMON)
MAX_PERCENT = 100
# Equal values are the same objects in all records: most of a set's rows have them.
MAX_SHARED_IDS, MAX_SHARED_RARITIES = 1_000, 5_000


class GradesByName(dict[str | None, TrophyGrade | None]):
    """The grades by `trophyType`; None for others. One in PSN's usual spelling takes no call."""

    def __missing__(self, name: str | None) -> TrophyGrade | None:
        """Return the grade of a name in another spelling."""
        return self.get(name.lower()) if name else None


GRADES_BY_NAME = GradesByName({grade.name.lower(): grade for grade in TrophyGrade})


def map_definitions(rows: Sequence[TrophyRow]) -> tuple[TrophyDefinition, ...]:
    """Map trophies as their title defines them."""
    icons = map_images([row.icon for row in rows])
    definitions = [
        TrophyDefinition(
            native_id=_format_id(row.trophy_id),
            group_id=SHARED_TEXTS[row.group_id] if row.group_id else None,
            name=row.name or None,
            description=row.detail or None,
            icon=icon,
            hidden=row.hidden or False,
            grade=GRADES_BY_NAME[row.grade],
            reward=_map_reward(row) if row.reward_name or row.reward_icon else None,
            target=row.target,
        )
        for row, icon in zip(rows, icons, strict=True)
    ]
    return tuple(definitions)


def map_states(rows: Iterable[TrophyRow]) -> tuple[TrophyState, ...]:
    """Map an account's rows of trophies."""
    states = [
        TrophyState(
            native_id=_format_id(row.trophy_id),
            group_id=SHARED_TEXTS[row.group_id] if row.group_id else None,
            hidden=row.hidden or False,
            grade=GRADES_BY_NAME[row.grade],
            earned=row.earned,
            earned_at=parse_iso_time(row.earned_at) if row.earned else None,
            counter=(
                None
                if row.target is None and row.progress is None and row.progressed_at is None
                else _map_counter(row)
            ),
            rarity=None if row.earned_rate is None else _map_rarity(row.earned_rate, row.rare),
        )
        for row in rows
    ]
    return tuple(states)


@lru_cache(MAX_SHARED_IDS)
def _format_id(trophy_id: int) -> str:
    return str(trophy_id)


def _map_counter(row: TrophyRow) -> TrophyCounter:
    return TrophyCounter(
        target=row.target,
        current=row.progress,
        percent=row.progress_rate,
        progressed_at=parse_iso_time(row.progressed_at),
    )


def _map_reward(row: TrophyRow) -> AchievementReward | None:
    image = map_image(row.reward_icon)
    if not row.reward_name and image is None:
        return None
    return AchievementReward(name=row.reward_name or None, image=image)


@lru_cache(MAX_SHARED_RARITIES)
def _map_rarity(percent: float, rare: int | None) -> Rarity | None:
    if not 0 <= percent <= MAX_PERCENT:
        return None
    percent = round_percent(percent)
    has_known_band = rare is not None and 0 <= rare < len(RARITY_BANDS)
    return Rarity(
        percent=abs(percent),  # negative zero equals zero
        band=RARITY_BANDS[rare or 0] if has_known_band else get_rarity_band(percent),
    )
