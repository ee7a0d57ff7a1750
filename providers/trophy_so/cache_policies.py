"""The cache policies of Trophy.so, in seconds."""

from dataclasses import replace

from providers.kit.caching.policy import CachePolicy
from providers.records import Achievement, Profile
from providers.trophy_so_records import (
    TrophySoLeaderboardPlace,
    TrophySoMetric,
    TrophySoPoints,
    TrophySoProfile,
    TrophySoStreak,
)

DAY = 86_400

PROFILE: CachePolicy[Profile] = CachePolicy(
    "TROPHY_SO.profile",
    TrophySoProfile,
    max_age=600,
    stale_while_revalidate=3600,
    stale_if_error=DAY,
)
ACHIEVEMENTS: CachePolicy[tuple[Achievement, ...]] = CachePolicy(
    "TROPHY_SO.achievements",
    tuple[Achievement, ...],
    max_age=60,
    stale_while_revalidate=300,
    stale_if_error=DAY,
    invalidated_by_writes=True,
)
# An application reports events all the time, and each may change these two. Its webhook tells of
# some; no mutation changes them, but they are invalidated in the same way.
METRICS: CachePolicy[tuple[TrophySoMetric, ...]] = CachePolicy(
    "TROPHY_SO.metrics",
    tuple[TrophySoMetric, ...],
    max_age=30,
    stale_while_revalidate=120,
    stale_if_error=DAY,
    invalidated_by_writes=True,
)
STREAK: CachePolicy[TrophySoStreak] = CachePolicy(
    "TROPHY_SO.streak",
    TrophySoStreak,
    max_age=30,
    stale_while_revalidate=120,
    stale_if_error=DAY,
    invalidated_by_writes=True,
)
# Of many users, from one call; a user's own streak has it as well.
STREAK_LENGTH: CachePolicy[TrophySoStreak] = replace(STREAK, name="TROPHY_SO.streak_length")
# For single flight: the lengths of the same users share one call.
STREAK_BATCH: CachePolicy[dict[str, TrophySoStreak]] = CachePolicy(
    "TROPHY_SO.streak_batch", dict[str, TrophySoStreak], max_age=0, process_local=True
)
# Their keys are unknown where a write invalidates, so they expire soon.
POINTS: CachePolicy[TrophySoPoints] = CachePolicy(
    "TROPHY_SO.points",
    TrophySoPoints,
    max_age=30,
    stale_while_revalidate=60,
    stale_if_error=DAY,
)
LEADERBOARD_PLACE: CachePolicy[TrophySoLeaderboardPlace] = CachePolicy(
    "TROPHY_SO.leaderboard_place",
    TrophySoLeaderboardPlace,
    max_age=30,
    stale_while_revalidate=60,
    stale_if_error=DAY,
)
