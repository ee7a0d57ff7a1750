"""The cache policies of Steam, in seconds."""

from dataclasses import replace

from providers.kit.caching.policy import CachePolicy
from providers.steam.cached_records import (
    Counts,
    Definitions,
    EarnedState,
    GameSchema,
    LibraryGame,
    Summary,
)
from providers.steam.languages import LANGUAGES
from providers.steam_records import SteamPresence, SteamProfile

MINUTE = 60.0
HOUR = 60 * MINUTE
DAY = 24 * HOUR

# A vanity name may be given to somebody else.
ACCOUNT_IDS = CachePolicy[str]("STEAM.account_ids", str, max_age=DAY, stale_if_error=30 * DAY)
PROFILE = CachePolicy[SteamProfile](
    "STEAM.profile",
    SteamProfile,
    max_age=10 * MINUTE,
    stale_while_revalidate=HOUR,
    stale_if_error=7 * DAY,
)
PRESENCE = CachePolicy[SteamPresence](
    "STEAM.presence",
    SteamPresence,
    max_age=30,
    stale_while_revalidate=MINUTE,
    stale_if_error=10 * MINUTE,
    process_local=True,
)
# For single flight: the profiles and presences of the same accounts share one call.
SUMMARIES = CachePolicy[dict[str, Summary]](
    "STEAM.summaries", dict[str, Summary], max_age=1, process_local=True
)
LEVEL = CachePolicy[int | None](
    "STEAM.level",
    int | None,
    max_age=10 * MINUTE,
    stale_while_revalidate=HOUR,
    stale_if_error=7 * DAY,
)
FRIENDS = CachePolicy[tuple[str, ...]](
    "STEAM.friends",
    tuple[str, ...],
    max_age=MINUTE,
    stale_while_revalidate=10 * MINUTE,
    stale_if_error=DAY,
)
# The names of games follow the language partly.
LIBRARY = CachePolicy[tuple[LibraryGame, ...]](
    "STEAM.library",
    tuple[LibraryGame, ...],
    max_age=MINUTE,
    stale_while_revalidate=5 * MINUTE,
    stale_if_error=DAY,
    languages=LANGUAGES,
)
RECENTLY_PLAYED = replace(LIBRARY, name="STEAM.recently_played")
COUNTS = CachePolicy[dict[str, Counts]](
    "STEAM.counts",
    dict[str, Counts],
    max_age=MINUTE,
    stale_while_revalidate=5 * MINUTE,
    stale_if_error=DAY,
)
# The keys contain when and how long the game was played. While it is being played, an unlock
# changes neither.
EARNED = CachePolicy[EarnedState](
    "STEAM.earned",
    EarnedState,
    max_age=HOUR,
    stale_while_revalidate=DAY,
    stale_if_error=30 * DAY,
)
RECENT_EARNED = replace(
    EARNED, max_age=MINUTE, stale_while_revalidate=5 * MINUTE, stale_if_error=DAY
)
# For an earned state that has another count than the batch of counts.
CONTRADICTED_EARNED = replace(EARNED, max_age=10 * MINUTE, stale_while_revalidate=HOUR)
# The schema's version comes only with the definitions themselves, and rarity has none.
DEFINITIONS = CachePolicy[Definitions](
    "STEAM.definitions",
    Definitions,
    max_age=6 * HOUR,
    stale_while_revalidate=DAY,
    stale_if_error=30 * DAY,
    public=True,
    languages=LANGUAGES,
)
# For definitions that lack an achievement which a player's list has; the key names the set.
CONTRADICTED_DEFINITIONS = replace(DEFINITIONS, max_age=10 * MINUTE, stale_while_revalidate=HOUR)
GAME_SCHEMA = CachePolicy[GameSchema](
    "STEAM.game_schema",
    GameSchema,
    max_age=6 * HOUR,
    stale_while_revalidate=DAY,
    stale_if_error=30 * DAY,
    public=True,
    languages=LANGUAGES,
)
# Undocumented methods that are gone, or that failed lately while the host did not.
REFUSED_METHODS = CachePolicy[bool](
    "STEAM.refused_methods", bool, max_age=DAY, versioned=True, process_local=True
)
FAILING_METHODS = CachePolicy[bool](
    "STEAM.failing_methods", bool, max_age=5 * MINUTE, versioned=True, process_local=True
)
LEARNED_LIMITS = CachePolicy[int]("STEAM.learned_limits", int, max_age=DAY, versioned=True)
