"""Levels and tiers."""

import pytest

from providers.psn.sandbox import trophy_scoring


@pytest.mark.parametrize(
    ("score", "level", "base", "following"),
    [
        (0, 1, 0, 60),
        (59, 1, 0, 60),
        (60, 2, 60, 120),
        (5940, 100, 5940, 6030),
        (149940, 400, 149940, 151290),
        (200430, 437, 199890, 201240),
    ],
)
def test_levels_cost_the_published_points(
    score: int, level: int, base: int, following: int
) -> None:
    assert trophy_scoring.compute_level(score) == (level, base, following)


def test_tiers_change_with_the_hundreds() -> None:
    tiers = [trophy_scoring.compute_tier(level) for level in (1, 99, 100, 437, 799, 800, 998, 999)]
    assert tiers == [1, 1, 2, 5, 8, 9, 9, 10]
