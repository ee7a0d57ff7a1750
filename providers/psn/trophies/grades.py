"""Small readings that several records share."""

import math

from providers.psn.trophies.models import Counts
from providers.records import TrophyCounts, TrophyGrade

POINTS = {
    TrophyGrade.BRONZE: 15,
    TrophyGrade.SILVER: 30,
    TrophyGrade.GOLD: 90,
    TrophyGrade.PLATINUM: 300,
}


def counts(row: Counts | None) -> TrophyCounts | None:
    """The counts; unknown when one of them is."""
    if row is None or None in (row.bronze, row.silver, row.gold, row.platinum):
        return None
    return TrophyCounts(
        bronze=row.bronze or 0,
        silver=row.silver or 0,
        gold=row.gold or 0,
        platinum=row.platinum or 0,
    )


def total(known: TrophyCounts | None) -> int | None:
    """All grades together, where they are known."""
    return None if known is None else known.total


def tally(grades: list[TrophyGrade]) -> TrophyCounts:
    """How many of each grade."""
    return TrophyCounts(
        bronze=grades.count(TrophyGrade.BRONZE),
        silver=grades.count(TrophyGrade.SILVER),
        gold=grades.count(TrophyGrade.GOLD),
        platinum=grades.count(TrophyGrade.PLATINUM),
    )


def completion(earned: TrophyCounts, defined: TrophyCounts) -> int | None:
    """PSN's own percentage: of points, the platinum left out."""
    whole = _points(defined)
    return math.floor(100 * _points(earned) / whole) if whole else None


def _points(known: TrophyCounts) -> int:
    return 15 * known.bronze + 30 * known.silver + 90 * known.gold
