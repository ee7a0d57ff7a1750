"""Leaderboards of two games, with the members' scores."""

from datetime import UTC, datetime

from providers.retroachievements.sandbox import game_data, member_data
from providers.retroachievements.sandbox.models import Leaderboard

LEADERBOARDS = (
    Leaderboard(
        9001,
        game_data.PUDDLE_RACERS.id,
        "Fast first lap",
        "The first lap of the garden path, with any duck",
        "MILLISECS",
        lower_is_better=True,
        scores={
            member_data.VEGA_ULID: (4321, datetime(2025, 10, 5, 16, 20, tzinfo=UTC)),
            member_data.SAM_ULID: (4287, datetime(2026, 2, 14, 9, 0, 30, tzinfo=UTC)),
            member_data.MAX_ULID: (5999, datetime(2024, 7, 1, 0, 0, 1, tzinfo=UTC)),
        },
    ),
    Leaderboard(
        9002,
        game_data.PUDDLE_RACERS.id,
        "Splash score",
        "The most points in one race",
        "SCORE",
        lower_is_better=False,
        scores={member_data.MAX_ULID: (120_500, datetime(2024, 7, 2, 12, 0, tzinfo=UTC))},
    ),
    Leaderboard(
        9003,
        game_data.PUDDLE_RACERS.id,
        "Dry feet",
        "The longest time without a puddle",
        "TIMESECS",
        lower_is_better=False,
    ),
    Leaderboard(
        9101,
        game_data.COMET_COURIER.id,
        "Express",
        "All routes in one sitting",
        "TIMESECS",
        lower_is_better=True,
        scores={member_data.VEGA_ULID: (7325, datetime(2024, 6, 1, 20, 0, tzinfo=UTC))},
    ),
)


def format_score(leaderboard: Leaderboard, score: int) -> str:
    """Format a score as the site does."""
    if leaderboard.format == "MILLISECS":
        return f"{score // 6000}:{score // 100 % 60:02}.{score % 100:02}"
    if leaderboard.format == "TIMESECS":
        return f"{score // 3600}h{score // 60 % 60:02}:{score % 60:02}"
    return f"{score:,}"
