"""Maps the achievements of both generations to records."""

import math
from collections.abc import Iterable

from msgspec.structs import replace

from providers.kit.text import MAX_DESCRIPTION_LENGTH, MAX_NAME_LENGTH, truncate
from providers.records import (
    Achievement,
    AchievementPoints,
    AchievementProgress,
    AchievementReward,
    Image,
    Rarity,
    get_rarity_band,
    round_percent,
)
from providers.xbox.cached_records import TitleSet
from providers.xbox.fact_mapping import GAMERSCORE
from providers.xbox.images import build_x360_icon, map_image
from providers.xbox.models import (
    ModernAchievement,
    ModernAchievements,
    PagingInfo,
    Requirement,
    Reward,
    X360Achievement,
    X360Achievements,
)
from providers.xbox.models import Rarity as RarityModel
from providers.xbox.title_mapping import parse_xbox_time

ICON_TYPE = "Icon"
REWARD_TYPES = frozenset({"InApp", "Art"})
EARNED_STATE, UNTOUCHED_STATE = "Achieved", "NotStarted"
UNSET_CATEGORY = "Unset"
PERCENT = 100
MAX_POINTS = 1_000_000


def map_modern_set(title_id: str, response: ModernAchievements, *, has_player: bool) -> TitleSet:
    """Map a modern title, in the upstream's order; without a player, no state is kept.

    Each id counts once.
    """
    mapped = [_map_modern(each, has_player=has_player) for each in response.achievements]
    names = (
        association.name
        for each in response.achievements
        for association in each.title_associations
        if association.id == title_id
    )
    return _build_set(mapped, response.paging_info, name=next(names, None))


def map_x360_set(title_id: str, response: X360Achievements, *, has_player: bool) -> TitleSet:
    """Map a title of Xbox 360; without a player nothing is known to be locked."""
    mapped = [_map_x360(title_id, each, has_player=has_player) for each in response.achievements]
    return _build_set(mapped, response.paging_info)


def merge_x360(whole: TitleSet, unlocked: TitleSet) -> TitleSet:
    """Return the whole set with a player's unlocks; what is not among these is locked."""
    unlocks = {each.native_id: each for each in unlocked.achievements}
    known = {each.native_id for each in whole.achievements}
    merged = [unlocks.get(each.native_id) or _lock(each) for each in whole.achievements]
    added = [each for each in unlocked.achievements if each.native_id not in known]
    return TitleSet(achievements=(*merged, *added), total=max(whole.total, len(merged + added)))


def _build_set(
    achievements: Iterable[Achievement], paging: PagingInfo | None, name: str | None = None
) -> TitleSet:
    unique = tuple({each.native_id: each for each in achievements}.values())
    total = paging.total_records if paging else None
    name = truncate(name, MAX_NAME_LENGTH)
    return TitleSet(name=name, achievements=unique, total=max(len(unique), total or 0))


def _map_modern(row: ModernAchievement, *, has_player: bool) -> Achievement:
    earned = None
    if has_player and row.progress_state is not None:
        earned = row.progress_state == EARNED_STATE and not row.is_revoked
    progression = row.progression
    return Achievement(
        native_id=row.id,
        name=truncate(row.name, MAX_NAME_LENGTH),
        description=_select_description(row.description, row.locked_description, earned=earned),
        icon=_find_icon(row),
        hidden=row.is_secret,
        earned=earned,
        earned_at=parse_xbox_time(progression.time_unlocked) if progression and earned else None,
        points=_find_points(row.rewards),
        rarity=_map_rarity(row.rarity),
        progress=None if earned or not has_player else _map_progress(row),
        raw_trigger=truncate(row.achievement_type, MAX_NAME_LENGTH),
        reward=_find_reward(row.rewards),
    )


def _map_x360(title_id: str, row: X360Achievement, *, has_player: bool) -> Achievement:
    # What was earned offline is not unlocked online.
    is_earned = (row.unlocked or row.unlocked_online) and not row.is_revoked
    earned = is_earned if has_player else None
    points = row.gamerscore
    return Achievement(
        native_id=str(row.id),
        name=truncate(row.name, MAX_NAME_LENGTH),
        description=_select_description(row.description, row.locked_description, earned=earned),
        icon=map_image(row.image_resolved) or build_x360_icon(title_id, row.image_id),
        hidden=row.is_secret,
        earned=earned,
        earned_at=parse_xbox_time(row.time_unlocked) if earned else None,
        points=None if points is None else AchievementPoints(value=points, unit=GAMERSCORE),
        rarity=_map_rarity(row.rarity),
    )


def _lock(achievement: Achievement) -> Achievement:
    return replace(achievement, earned=False)


def _select_description(
    after: str | None, before: str | None, *, earned: bool | None
) -> str | None:
    """Return the text of what was done or, while it is locked, of what there is to do."""
    texts = (after, before) if earned else (before, after)
    return truncate(next((text for text in texts if text), None), MAX_DESCRIPTION_LENGTH)


def _find_icon(row: ModernAchievement) -> Image | None:
    icons = (map_image(each.url) for each in row.media_assets if each.type == ICON_TYPE)
    return next((icon for icon in icons if icon is not None), None)


def _find_points(rewards: Iterable[Reward]) -> AchievementPoints | None:
    values = (_parse_number(each.value) for each in rewards if each.type == "Gamerscore")
    valid = (int(each) for each in values if each is not None and 0 <= each <= MAX_POINTS)
    value = next(valid, None)
    return None if value is None else AchievementPoints(value=value, unit=GAMERSCORE)


def _find_reward(rewards: Iterable[Reward]) -> AchievementReward | None:
    found = next((each for each in rewards if each.type in REWARD_TYPES), None)
    if found is None:
        return None
    image = map_image(found.media_asset.url if found.media_asset else None)
    return AchievementReward(name=truncate(found.name, MAX_NAME_LENGTH), image=image)


def _map_rarity(rarity: RarityModel | None) -> Rarity | None:
    percent = rarity.current_percentage if rarity else None
    if rarity is None or percent is None or rarity.current_category == UNSET_CATEGORY:
        return None
    if not 0 <= percent <= PERCENT:
        return None
    percent = round_percent(percent)
    return Rarity(percent=percent, band=get_rarity_band(percent))


def _map_progress(row: ModernAchievement) -> AchievementProgress | None:
    """Return the progress of the only requirement, or the mean of several in percent."""
    requirements = (row.progression.requirements if row.progression else None) or []
    is_untouched = row.progress_state == UNTOUCHED_STATE
    pairs = [_read_requirement(each, is_untouched=is_untouched) for each in requirements]
    known = [pair for pair in pairs if pair is not None]
    if not known or len(known) < len(pairs):
        return None
    if len(known) == 1:
        return _build_progress(*known[0])
    ratios = [current / target for current, target in known]
    return _build_progress(PERCENT * sum(ratios) / len(ratios), PERCENT)


def _read_requirement(
    requirement: Requirement, *, is_untouched: bool
) -> tuple[float, float] | None:
    """Return the current number, at most the target, and the target; None if one is unknown."""
    current, target = _parse_number(requirement.current), _parse_number(requirement.target)
    if current is None and is_untouched and not requirement.current:
        current = 0
    if current is None or target is None or target <= 0:
        return None
    return min(max(current, 0), target), target


def _build_progress(current: float, target: float) -> AchievementProgress:
    return AchievementProgress(current=current, target=target, percent=PERCENT * current / target)


def _parse_number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) else None
