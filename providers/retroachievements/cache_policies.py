"""For how long an answer of RetroAchievements is good."""

from dataclasses import replace

from providers.kit.caching.policy import Kind
from providers.records import (
    Awards,
    Contents,
    RetroAchievementsPerson,
    Title,
    TitlePage,
    UnlockStretch,
)
from providers.retroachievements.cached_records import Window

MINUTE = 60.0
HOUR = 60 * MINUTE
DAY = 24 * HOUR

PERSON = Kind[RetroAchievementsPerson](
    "RETRO_ACHIEVEMENTS.person",
    RetroAchievementsPerson,
    fresh=5 * MINUTE,
    stale=HOUR,
    rescue=7 * DAY,
)
TITLES = Kind[TitlePage](
    "RETRO_ACHIEVEMENTS.titles", TitlePage, fresh=MINUTE, stale=5 * MINUTE, rescue=DAY
)
PROGRESS = Kind[dict[str, Title]](
    "RETRO_ACHIEVEMENTS.progress", dict[str, Title], fresh=MINUTE, stale=5 * MINUTE, rescue=DAY
)
PROGRESS_OF_ONE = Kind[Title | None](
    "RETRO_ACHIEVEMENTS.progress_of_one", Title | None, fresh=MINUTE
)
# Keyed by what the player has earned and by how many there are to earn; what is written of them
# may still be corrected.
CONTENTS = Kind[Contents](
    "RETRO_ACHIEVEMENTS.contents",
    Contents,
    fresh=7 * DAY,
    stale=30 * DAY,
    rescue=30 * DAY,
    versioned=True,
)
# Rarity moves while nothing is earned.
CONTENTS_WITH_RARITY = replace(CONTENTS, fresh=HOUR, stale=DAY, versioned=False)
# Reached by id alone: nothing says yet whether the player has earned more.
CONTENTS_BY_ID = Kind[Contents](
    "RETRO_ACHIEVEMENTS.contents_by_id", Contents, fresh=MINUTE, stale=5 * MINUTE, rescue=DAY
)
DEFINITIONS = Kind[Contents](
    "RETRO_ACHIEVEMENTS.definitions",
    Contents,
    fresh=6 * HOUR,
    stale=DAY,
    rescue=7 * DAY,
    shared=True,
)
AWARDS = Kind[Awards](
    "RETRO_ACHIEVEMENTS.awards", Awards, fresh=5 * MINUTE, stale=HOUR, rescue=7 * DAY
)
# That an account has more unlocks than one answer holds: it will not have fewer.
LONG_HISTORY = Kind[bool]("RETRO_ACHIEVEMENTS.long_history", bool, fresh=30 * DAY, versioned=True)
# None when it is longer than that.
WHOLE_HISTORY = Kind[UnlockStretch | None](
    "RETRO_ACHIEVEMENTS.whole_history",
    UnlockStretch | None,
    fresh=MINUTE,
    stale=5 * MINUTE,
    rescue=DAY,
)
STRETCH = Kind[UnlockStretch](
    "RETRO_ACHIEVEMENTS.stretch", UnlockStretch, fresh=MINUTE, stale=5 * MINUTE, rescue=DAY
)
# What is past changes only when something is earned again in hardcore, which the list tells.
PAST_STRETCH = replace(STRETCH, fresh=HOUR, stale=DAY)
# Where stretches begin and end: any will do, so they are never too old.
WINDOWS = Kind[tuple[Window, ...]](
    "RETRO_ACHIEVEMENTS.windows", tuple[Window, ...], fresh=30 * DAY, versioned=True
)
