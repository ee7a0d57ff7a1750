"""For how long an answer of RetroAchievements is good."""

from dataclasses import replace

from providers.kit.caching.policy import CachePolicy
from providers.records import (
    Awards,
    Contents,
    RetroAchievementsProfile,
    Title,
    TitlePage,
    UnlockPage,
)
from providers.retroachievements.cached_records import UnlockWindow

MINUTE = 60.0
HOUR = 60 * MINUTE
DAY = 24 * HOUR

PROFILE = CachePolicy[RetroAchievementsProfile](
    "RETRO_ACHIEVEMENTS.person",
    RetroAchievementsProfile,
    max_age=5 * MINUTE,
    stale_while_revalidate=HOUR,
    stale_if_error=7 * DAY,
)
TITLES = CachePolicy[TitlePage](
    "RETRO_ACHIEVEMENTS.titles",
    TitlePage,
    max_age=MINUTE,
    stale_while_revalidate=5 * MINUTE,
    stale_if_error=DAY,
)
PROGRESS = CachePolicy[dict[str, Title]](
    "RETRO_ACHIEVEMENTS.progress",
    dict[str, Title],
    max_age=MINUTE,
    stale_while_revalidate=5 * MINUTE,
    stale_if_error=DAY,
)
SINGLE_GAME_PROGRESS = CachePolicy[Title | None](
    "RETRO_ACHIEVEMENTS.progress_of_one", Title | None, max_age=MINUTE
)
# Keyed by what the player has earned and by how many there are to earn; what is written of them
# may still be corrected.
CONTENTS = CachePolicy[Contents](
    "RETRO_ACHIEVEMENTS.contents",
    Contents,
    max_age=7 * DAY,
    stale_while_revalidate=30 * DAY,
    stale_if_error=30 * DAY,
    versioned=True,
)
# Rarity moves while nothing is earned.
CONTENTS_WITH_RARITY = replace(CONTENTS, max_age=HOUR, stale_while_revalidate=DAY, versioned=False)
# Reached by id alone: nothing says yet whether the player has earned more.
CONTENTS_BY_ID = CachePolicy[Contents](
    "RETRO_ACHIEVEMENTS.contents_by_id",
    Contents,
    max_age=MINUTE,
    stale_while_revalidate=5 * MINUTE,
    stale_if_error=DAY,
)
DEFINITIONS = CachePolicy[Contents](
    "RETRO_ACHIEVEMENTS.definitions",
    Contents,
    max_age=6 * HOUR,
    stale_while_revalidate=DAY,
    stale_if_error=7 * DAY,
    public=True,
)
AWARDS = CachePolicy[Awards](
    "RETRO_ACHIEVEMENTS.awards",
    Awards,
    max_age=5 * MINUTE,
    stale_while_revalidate=HOUR,
    stale_if_error=7 * DAY,
)
# That an account has more unlocks than one answer holds: it will not have fewer.
LONG_HISTORY = CachePolicy[bool](
    "RETRO_ACHIEVEMENTS.long_history", bool, max_age=30 * DAY, versioned=True
)
# None when it is longer than that.
WHOLE_HISTORY = CachePolicy[UnlockPage | None](
    "RETRO_ACHIEVEMENTS.whole_history",
    UnlockPage | None,
    max_age=MINUTE,
    stale_while_revalidate=5 * MINUTE,
    stale_if_error=DAY,
)
UNLOCK_PAGE = CachePolicy[UnlockPage](
    "RETRO_ACHIEVEMENTS.stretch",
    UnlockPage,
    max_age=MINUTE,
    stale_while_revalidate=5 * MINUTE,
    stale_if_error=DAY,
)
# What is past changes only when something is earned again in hardcore, which the list tells.
PAST_UNLOCK_PAGE = replace(UNLOCK_PAGE, max_age=HOUR, stale_while_revalidate=DAY)
# Where stretches begin and end: any will do, so they are never too old.
UNLOCK_WINDOWS = CachePolicy[tuple[UnlockWindow, ...]](
    "RETRO_ACHIEVEMENTS.windows", tuple[UnlockWindow, ...], max_age=30 * DAY, versioned=True
)
