"""The network's rules for points, levels, progress and rarity."""

from collections.abc import Collection, Iterable

from providers.psn.sandbox.models import Json, Trophy, TrophySet, TrophySetProgress

POINTS_BY_GRADE = {"bronze": 15, "silver": 30, "gold": 90, "platinum": 300}
_LEVEL_COSTS = (60, 90, 450, 900, 1350, 1800, 2250, 2700, 3150, 3600)
_LAST_LEVEL = 999


def count_by_grade(trophies: Iterable[Trophy]) -> dict[str, int]:
    grades = [trophy.grade for trophy in trophies]
    return {grade: grades.count(grade) for grade in POINTS_BY_GRADE}


def sum_points(trophies: Iterable[Trophy]) -> int:
    return sum(POINTS_BY_GRADE[trophy.grade] for trophy in trophies)


def compute_progress(trophies: Iterable[Trophy], earned_ids: Collection[int]) -> int:
    """Return the percentage of the points, rounded down, without the platinum trophy."""
    counted = [trophy for trophy in trophies if trophy.grade != "platinum"]
    total = sum_points(counted)
    return 100 * sum_points(trophy for trophy in counted if trophy.trophy_id in earned_ids) // total


def compute_level(score: int) -> tuple[int, int, int]:
    """Return the level, its first point, and the first point of the next level."""
    number, base = 1, 0
    while number < _LAST_LEVEL and base + _get_level_cost(number) <= score:
        base += _get_level_cost(number)
        number += 1
    return number, base, base + _get_level_cost(number)


def _get_level_cost(number: int) -> int:
    return _LEVEL_COSTS[number // 100]


def compute_tier(number: int) -> int:
    if number == _LAST_LEVEL:
        return 10
    return min(number // 100 + 1, 9)


def compute_rarity(rate: float) -> int:
    return sum(rate > bound for bound in (5, 15, 50))


def find_rarest(trophies: Iterable[Trophy], progress: TrophySetProgress) -> list[Trophy]:
    """Return all earned trophies with the lowest rate."""
    earned = [trophy for trophy in trophies if trophy.trophy_id in progress.earned]
    lowest = min((trophy.earned_rate for trophy in earned), default=0)
    return [trophy for trophy in earned if trophy.earned_rate == lowest]


def filter_earned(trophies: Iterable[Trophy], progress: TrophySetProgress) -> list[Trophy]:
    return [trophy for trophy in trophies if trophy.trophy_id in progress.earned]


def build_summary(
    account_id: str, progress_list: Iterable[tuple[TrophySet, TrophySetProgress]]
) -> Json:
    earned = [
        trophy
        for trophy_set, progress in progress_list
        for trophy in filter_earned(trophy_set.trophies, progress)
    ]
    score = sum_points(earned)
    number, base, next_base = compute_level(score)
    return {
        "accountId": account_id,
        "trophyLevel": number,
        "trophyPoint": score,
        "trophyLevelBasePoint": base,
        "trophyLevelNextPoint": next_base,
        "progress": 100 * (score - base) // (next_base - base),
        "tier": compute_tier(number),
        "earnedTrophies": count_by_grade(earned),
    }
