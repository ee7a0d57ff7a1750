"""The cache policies of RetroAchievements, in seconds."""

from dataclasses import replace

from providers.kit.caching.policy import CachePolicy
from providers.records import Awards, Contents, PlayedTitlePage, Title, TitlePage, UnlockPage
from providers.retroachievements.cached_records import UnlockWindow
from providers.retroachievements_records import (
    AchievementOfTheWeek,
    LeaderboardEntry,
    LeaderboardPage,
    RetroAchievementsFollowPage,
    RetroAchievementsProfile,
    RetroAchievementsRank,
)

MINUTE = 60.0
HOUR = 60 * MINUTE
DAY = 24 * HOUR

PROFILE = CachePolicy[RetroAchievementsProfile](
    "RETRO_ACHIEVEMENTS.profile",
    RetroAchievementsProfile,
    max_age=5 * MINUTE,
    stale_while_revalidate=HOUR,
    stale_if_error=7 * DAY,
)
# A name may be given to somebody else.
ACCOUNT_IDS = CachePolicy[str](
    "RETRO_ACHIEVEMENTS.account_ids", str, max_age=HOUR, stale_if_error=7 * DAY
)
# Shown next to an unlock, which changes it; every other account's unlocks change it as well.
RANK = CachePolicy[RetroAchievementsRank | None](
    "RETRO_ACHIEVEMENTS.rank",
    RetroAchievementsRank | None,
    max_age=MINUTE,
    stale_while_revalidate=5 * MINUTE,
    stale_if_error=DAY,
)
# Of the credential's own account.
FOLLOWS = CachePolicy[RetroAchievementsFollowPage](
    "RETRO_ACHIEVEMENTS.follows",
    RetroAchievementsFollowPage,
    max_age=5 * MINUTE,
    stale_while_revalidate=HOUR,
    stale_if_error=DAY,
)
# The source shows it to the account itself and to those who follow each other with it.
WANTED_TITLES = CachePolicy[TitlePage](
    "RETRO_ACHIEVEMENTS.wanted_titles",
    TitlePage,
    max_age=5 * MINUTE,
    stale_while_revalidate=15 * MINUTE,
    stale_if_error=DAY,
)
TITLES = CachePolicy[TitlePage](
    "RETRO_ACHIEVEMENTS.titles",
    TitlePage,
    max_age=MINUTE,
    stale_while_revalidate=5 * MINUTE,
    stale_if_error=DAY,
)
PLAYED_TITLES = CachePolicy[PlayedTitlePage](
    "RETRO_ACHIEVEMENTS.played_titles",
    PlayedTitlePage,
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
    "RETRO_ACHIEVEMENTS.single_game_progress", Title | None, max_age=MINUTE
)
# The keys contain what the player has earned and how many achievements there are. A revision that
# rewords or exchanges achievements changes neither, so the values expire all the same.
CONTENTS = CachePolicy[Contents](
    "RETRO_ACHIEVEMENTS.contents", Contents, max_age=DAY, stale_if_error=30 * DAY
)
# Rarity changes although the key stays the same.
CONTENTS_WITH_RARITY = replace(CONTENTS, max_age=HOUR, stale_while_revalidate=6 * HOUR)
# For contents that contradict the title list: one of the two may be corrected at any time.
CONTRADICTED_CONTENTS = replace(CONTENTS, max_age=10 * MINUTE, stale_while_revalidate=HOUR)
# For a title that is reached by id there is no version to put into the key.
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
# The number of achievements that was loaded last; a list that was loaded later is newer.
SET_SIZE = CachePolicy[int](
    "RETRO_ACHIEVEMENTS.set_size", int, max_age=7 * DAY, public=True, versioned=True
)
# It changes once a week; its counts change all the time.
ACHIEVEMENT_OF_THE_WEEK = CachePolicy[AchievementOfTheWeek | None](
    "RETRO_ACHIEVEMENTS.achievement_of_the_week",
    AchievementOfTheWeek | None,
    max_age=15 * MINUTE,
    stale_while_revalidate=15 * MINUTE,
    stale_if_error=DAY,
    public=True,
)
# The first of each leaderboard changes with any player's score.
LEADERBOARDS = CachePolicy[LeaderboardPage](
    "RETRO_ACHIEVEMENTS.leaderboards",
    LeaderboardPage,
    max_age=15 * MINUTE,
    stale_while_revalidate=HOUR,
    stale_if_error=7 * DAY,
    public=True,
)
# By the id of the leaderboard.
LEADERBOARD_ENTRIES = CachePolicy[dict[str, LeaderboardEntry]](
    "RETRO_ACHIEVEMENTS.leaderboard_entries",
    dict[str, LeaderboardEntry],
    max_age=5 * MINUTE,
    stale_while_revalidate=HOUR,
    stale_if_error=DAY,
)
AWARDS = CachePolicy[Awards](
    "RETRO_ACHIEVEMENTS.awards",
    Awards,
    max_age=5 * MINUTE,
    stale_while_revalidate=HOUR,
    stale_if_error=7 * DAY,
)
# Whether an account has more unlocks than one response holds; it cannot lose them again.
LONG_HISTORY = CachePolicy[bool](
    "RETRO_ACHIEVEMENTS.long_history", bool, max_age=30 * DAY, versioned=True
)
# None when it is longer than one response.
WHOLE_HISTORY = CachePolicy[UnlockPage | None](
    "RETRO_ACHIEVEMENTS.whole_history",
    UnlockPage | None,
    max_age=MINUTE,
    stale_while_revalidate=5 * MINUTE,
    stale_if_error=DAY,
)
UNLOCK_PAGE = CachePolicy[UnlockPage](
    "RETRO_ACHIEVEMENTS.unlock_page",
    UnlockPage,
    max_age=MINUTE,
    stale_while_revalidate=5 * MINUTE,
    stale_if_error=DAY,
)
# A past window changes only with an unlock repeated in hardcore, which the title list shows.
PAST_UNLOCK_PAGE = replace(UNLOCK_PAGE, max_age=HOUR, stale_while_revalidate=DAY)
# The unlocks of a requested span; None where one response may not hold them.
UNLOCK_SPAN = CachePolicy[UnlockPage | None](
    "RETRO_ACHIEVEMENTS.unlock_span",
    UnlockPage | None,
    max_age=MINUTE,
    stale_while_revalidate=5 * MINUTE,
    stale_if_error=DAY,
)
# Any division of the history is valid, so the windows never become outdated.
UNLOCK_WINDOWS = CachePolicy[tuple[UnlockWindow, ...]](
    "RETRO_ACHIEVEMENTS.unlock_windows", tuple[UnlockWindow, ...], max_age=30 * DAY, versioned=True
)
# Facts about the upstream itself, whatever it is asked for.
LEARNED_LIMITS = CachePolicy[int](
    "RETRO_ACHIEVEMENTS.learned_limits", int, max_age=DAY, versioned=True
)
