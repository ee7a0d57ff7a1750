"""Scores are written as the site writes them."""

from dataclasses import replace

import pytest

from providers.retroachievements.sandbox.leaderboard_data import LEADERBOARDS, format_score


@pytest.mark.parametrize(
    ("format_name", "score", "text"),
    [
        ("MILLISECS", 4287, "0:42.87"),
        ("MILLISECS", 6001, "1:00.01"),
        ("TIMESECS", 7325, "2h02:05"),
        ("TIMESECS", 59, "0h00:59"),
        ("SCORE", 120_500, "120,500"),
        ("VALUE", 7, "7"),
    ],
)
def test_a_score_is_written_in_its_format(format_name: str, score: int, text: str) -> None:
    assert format_score(replace(LEADERBOARDS[0], format=format_name), score) == text
