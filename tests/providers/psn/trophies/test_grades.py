"""Counts by grade, and PSN's percentage."""

import pytest

from providers.psn.trophies.grades import compute_completion, count_grades, get_total, map_counts
from providers.psn.trophies.models import Counts
from providers.records import TrophyCounts, TrophyGrade

DEFINED = TrophyCounts(bronze=4, silver=2, gold=1, platinum=1)


@pytest.mark.parametrize("grade", ["bronze", "silver", "gold", "platinum"])
def test_counts_are_unknown_if_one_grade_is_missing(grade: str) -> None:
    counts = {"bronze": 1, "silver": 0, "gold": 0, "platinum": 0}
    assert map_counts(Counts(**counts)) == TrophyCounts(bronze=1)
    assert map_counts(Counts(**{**counts, grade: None})) is None


def test_without_a_row_there_are_no_counts() -> None:
    assert map_counts(None) is None
    assert get_total(None) is None
    assert get_total(DEFINED) == 8


def test_grades_are_counted() -> None:
    grades = [TrophyGrade.GOLD, TrophyGrade.BRONZE, TrophyGrade.GOLD]
    assert count_grades(grades) == TrophyCounts(bronze=1, gold=2)


@pytest.mark.parametrize(
    ("earned", "percent"),
    [
        (TrophyCounts(), 0),
        (TrophyCounts(bronze=2, gold=1), 57),
        (TrophyCounts(bronze=4, silver=2, gold=1), 100),
        (DEFINED, 100),
        (TrophyCounts(platinum=1), 0),
    ],
)
def test_the_percentage_is_of_points_without_the_platinum_and_rounded_down(
    earned: TrophyCounts, percent: int
) -> None:
    assert compute_completion(earned, DEFINED) == percent


def test_a_platinum_alone_has_no_percentage() -> None:
    assert compute_completion(TrophyCounts(), TrophyCounts(platinum=1)) is None
