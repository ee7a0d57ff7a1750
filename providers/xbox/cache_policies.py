"""The cache policies of Xbox, in seconds: an hour has 150 calls."""

from providers.kit.caching.policy import NEVER_EXPIRES, CachePolicy
from providers.xbox.cached_records import LibraryTitle, TitleSet
from providers.xbox.languages import LANGUAGES
from providers.xbox_records import XboxPresence, XboxProfile

MINUTE = 60.0
HOUR = 60 * MINUTE
DAY = 24 * HOUR

# A key's owner never changes.
OWN_XUID = CachePolicy[str]("XBOX.own_xuid", str, max_age=NEVER_EXPIRES, versioned=True)
# A gamertag may be given to somebody else.
ACCOUNT_IDS = CachePolicy[str](
    "XBOX.account_ids", str, max_age=DAY, stale_if_error=30 * DAY, negative_ttl=10 * MINUTE
)
# As far as the lists of people tell them, too.
PROFILE = CachePolicy[XboxProfile](
    "XBOX.profile",
    XboxProfile,
    max_age=30 * MINUTE,
    stale_while_revalidate=6 * HOUR,
    stale_if_error=7 * DAY,
    negative_ttl=10 * MINUTE,
)
FULL_PROFILE = CachePolicy[XboxProfile](
    "XBOX.full_profile",
    XboxProfile,
    max_age=30 * MINUTE,
    stale_while_revalidate=6 * HOUR,
    stale_if_error=7 * DAY,
    negative_ttl=10 * MINUTE,
)
PRESENCE = CachePolicy[XboxPresence | None](
    "XBOX.presence",
    XboxPresence | None,
    max_age=2 * MINUTE,
    stale_while_revalidate=3 * MINUTE,
    stale_if_error=10 * MINUTE,
    process_local=True,
)
# For single flight: several accounts of a batch share one call.
PROFILE_BATCH = CachePolicy[dict[str, XboxProfile]](
    "XBOX.profile_batch", dict[str, XboxProfile], max_age=1
)
PRESENCE_BATCH = CachePolicy[dict[str, XboxPresence]](
    "XBOX.presence_batch", dict[str, XboxPresence], max_age=1, process_local=True
)
FRIENDS = CachePolicy[tuple[str, ...]](
    "XBOX.friends",
    tuple[str, ...],
    max_age=10 * MINUTE,
    stale_while_revalidate=HOUR,
    stale_if_error=DAY,
    negative_ttl=5 * MINUTE,
)
SEARCH = CachePolicy[tuple[XboxProfile, ...]](
    "XBOX.search",
    tuple[XboxProfile, ...],
    max_age=10 * MINUTE,
    stale_while_revalidate=HOUR,
    stale_if_error=DAY,
)
LIBRARY = CachePolicy[tuple[LibraryTitle, ...]](
    "XBOX.library",
    tuple[LibraryTitle, ...],
    max_age=5 * MINUTE,
    stale_while_revalidate=30 * MINUTE,
    stale_if_error=7 * DAY,
    negative_ttl=5 * MINUTE,
    languages=LANGUAGES,
)
# Seconds by title. The keys contain when each was last played.
PLAY_DURATIONS = CachePolicy[dict[str, int]](
    "XBOX.play_durations",
    dict[str, int],
    max_age=HOUR,
    stale_while_revalidate=DAY,
    stale_if_error=30 * DAY,
)
# The keys contain what the list says of the title; a day later its rarity is loaded again.
TITLE_SET = CachePolicy[TitleSet](
    "XBOX.title_set",
    TitleSet,
    max_age=DAY,
    stale_while_revalidate=7 * DAY,
    stale_if_error=30 * DAY,
    languages=LANGUAGES,
    versioned=True,
)
X360_UNLOCKED = CachePolicy[TitleSet](
    "XBOX.x360_unlocked",
    TitleSet,
    max_age=DAY,
    stale_while_revalidate=7 * DAY,
    stale_if_error=30 * DAY,
    languages=LANGUAGES,
    versioned=True,
)
# Without any player's state. Sets of Xbox 360 do not change any more, their rarity does.
X360_SET = CachePolicy[TitleSet](
    "XBOX.x360_set",
    TitleSet,
    max_age=7 * DAY,
    stale_while_revalidate=30 * DAY,
    stale_if_error=30 * DAY,
    public=True,
    languages=LANGUAGES,
    versioned=True,
)
DEFINITIONS = CachePolicy[TitleSet](
    "XBOX.definitions",
    TitleSet,
    max_age=DAY,
    stale_while_revalidate=7 * DAY,
    stale_if_error=30 * DAY,
    public=True,
    languages=LANGUAGES,
)
# The last versions of title sets, for the time when the calls of an hour are used up.
LAST_VERSIONS = CachePolicy[str]("XBOX.last_versions", str, max_age=30 * DAY, versioned=True)
# How many achievements titles have, by id, with the gamerscore that belongs to that number.
TRUE_TOTALS = CachePolicy[dict[str, tuple[int, int]]](
    "XBOX.true_totals", dict[str, tuple[int, int]], max_age=NEVER_EXPIRES, versioned=True
)
# The route of a purpose that answered last, where it is not the first.
ROUTES = CachePolicy[int]("XBOX.routes", int, max_age=DAY, versioned=True)
