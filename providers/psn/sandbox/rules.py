"""How the network counts: points, levels, progress and rarity."""

from collections.abc import Collection, Iterable

from providers.psn.sandbox.model import Json, Standing, Trophy, TrophySet

POINTS = {"bronze": 15, "silver": 30, "gold": 90, "platinum": 300}
_LEVEL_COSTS = (60, 90, 450, 900, 1350, 1800, 2250, 2700, 3150, 3600)
_LAST_LEVEL = 999


def counts(trophies: Iterable[Trophy]) -> dict[str, int]:
    grades = [trophy.grade for trophy in trophies]
    return {grade: grades.count(grade) for grade in POINTS}


def points(trophies: Iterable[Trophy]) -> int:
    return sum(POINTS[trophy.grade] for trophy in trophies)


def progress(defined: Iterable[Trophy], earned: Collection[int]) -> int:
    """Per cent of the points; the platinum trophy is left out on both sides."""
    counted = [trophy for trophy in defined if trophy.grade != "platinum"]
    total = points(counted)
    return 100 * points(trophy for trophy in counted if trophy.trophy_id in earned) // total


def level(score: int) -> tuple[int, int, int]:
    """The level, the points where it starts, and the points where the next one starts."""
    number, base = 1, 0
    while number < _LAST_LEVEL and base + _level_cost(number) <= score:
        base += _level_cost(number)
        number += 1
    return number, base, base + _level_cost(number)


def _level_cost(number: int) -> int:
    return _LEVEL_COSTS[number // 100]


def tier(number: int) -> int:
    if number == _LAST_LEVEL:
        return 10
    return min(number // 100 + 1, 9)


def rarity(rate: float) -> int:
    return sum(rate > bound for bound in (5, 15, 50))


def rarest(trophies: Iterable[Trophy], standing: Standing) -> list[Trophy]:
    """All earned trophies that share the lowest rate."""
    earned = [trophy for trophy in trophies if trophy.trophy_id in standing.earned]
    lowest = min((trophy.rate for trophy in earned), default=0)
    return [trophy for trophy in earned if trophy.rate == lowest]


def earned_in(trophies: Iterable[Trophy], standing: Standing) -> list[Trophy]:
    return [trophy for trophy in trophies if trophy.trophy_id in standing.earned]


def summary(account_id: str, standings: Iterable[tuple[TrophySet, Standing]]) -> Json:
    earned = [one for known, standing in standings for one in earned_in(known.trophies, standing)]
    score = points(earned)
    number, base, following = level(score)
    return {
        "accountId": account_id,
        "trophyLevel": number,
        "trophyPoint": score,
        "trophyLevelBasePoint": base,
        "trophyLevelNextPoint": following,
        "progress": 100 * (score - base) // (following - base),
        "tier": tier(number),
        "earnedTrophies": counts(earned),
    }
