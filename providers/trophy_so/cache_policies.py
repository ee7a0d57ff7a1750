"""The cache policies of Trophy.so, in seconds."""

from providers.kit.caching.policy import CachePolicy
from providers.records import Achievement, Profile
from providers.trophy_so_records import TrophySoMetric, TrophySoProfile, TrophySoStreak

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
