"""Counts of trophies by grade, their points, and PSN's percentage."""

import math
from collections.abc import Sequence

from providers.psn.trophies.models import Counts
from providers.records import TrophyCounts, TrophyGrade

POINTS_BY_GRADE = {
    TrophyGrade.BRONZE: 15,
    TrophyGrade.SILVER: 30,
    TrophyGrade.GOLD: 90,
    TrophyGrade.PLATINUM: 300,
}


def map_counts(row: Counts | None) -> TrophyCounts | None:
    """Return the counts of all four grades, or None if one of them is missing."""
    if row is None or None in (row.bronze, row.silver, row.gold, row.platinum):
        return None
    return TrophyCounts(
        bronze=row.bronze or 0,
        silver=row.silver or 0,
        gold=row.gold or 0,
        platinum=row.platinum or 0,
    )


def get_total(counts: TrophyCounts | None) -> int | None:
    """Return the number of trophies of all grades, or None if the counts are unknown."""
    return None if counts is None else counts.total


def count_grades(grades: Sequence[TrophyGrade | None]) -> TrophyCounts:
    """Count how often each grade occurs; unknown ones are left out."""
    return TrophyCounts(
        bronze=grades.count(TrophyGrade.BRONZE),
        silver=grades.count(TrophyGrade.SILVER),
        gold=grades.count(TrophyGrade.GOLD),
        platinum=grades.count(TrophyGrade.PLATINUM),
    )


def count_known_grades(grades: Sequence[TrophyGrade | None]) -> TrophyCounts | None:
    """Count how often each grade occurs; None if one of them is unknown."""
    return None if None in grades else count_grades(grades)


def compute_completion(earned: TrophyCounts, defined: TrophyCounts) -> int | None:
    """Return PSN's percentage, 0 to 100: earned points of all points, without the platinum.

    None for a group that consists of a platinum alone.
    """
    defined_points = _compute_points_without_platinum(defined)
    return (
        math.floor(100 * _compute_points_without_platinum(earned) / defined_points)
        if defined_points
        else None
    )


def _compute_points_without_platinum(counts: TrophyCounts) -> int:
    return 15 * counts.bronze + 30 * counts.silver + 90 * counts.gold
