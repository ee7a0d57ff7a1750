"""Cache policies of PSN's values; durations in seconds."""

from dataclasses import replace

from providers.kit.caching.policy import CachePolicy
from providers.psn.cached_records import (
    EarnedGroupStates,
    EarnedTrophyStates,
    GroupDefinitions,
    GroupListPage,
    SearchHits,
    SetSize,
    TrophyDefinitions,
)
from providers.psn.languages import LANGUAGES
from providers.psn_records import (
    Campaign,
    PsnMessageGroup,
    PsnMessagePage,
    PsnPlayedGamePage,
    PsnPresence,
    PsnProfile,
    PsnTrophySummary,
)
from providers.records import FriendPage, Title, TitlePage

MINUTE, HOUR, DAY = 60, 3600, 86_400
MONTH = 30 * DAY

OWN_ACCOUNT: CachePolicy[str] = CachePolicy(
    "PSN.own_account", str, max_age=7 * DAY, stale_if_error=MONTH, versioned=True
)
ACCOUNT_ID: CachePolicy[str] = CachePolicy("PSN.account_id", str, max_age=DAY, stale_if_error=MONTH)
# It contains the relation to the viewer, which removing a friend changes.
PROFILE_BY_ONLINE_ID: CachePolicy[PsnProfile] = CachePolicy(
    "PSN.named_profile",
    PsnProfile,
    max_age=HOUR,
    stale_while_revalidate=2 * HOUR,
    stale_if_error=7 * DAY,
    invalidated_by_writes=True,
)
# The online ids under which an account's profile may be cached, so that all can be invalidated;
# kept as long as the profile itself can be served.
ACCOUNT_NAMES: CachePolicy[tuple[str, ...]] = CachePolicy(
    "PSN.names", tuple[str, ...], max_age=7 * DAY, versioned=True
)
PROFILE_BY_ACCOUNT_ID: CachePolicy[PsnProfile] = CachePolicy(
    "PSN.numbered_profile",
    PsnProfile,
    max_age=HOUR,
    stale_while_revalidate=2 * HOUR,
    stale_if_error=7 * DAY,
)
# For single flight alone: each profile of the batch is cached on its own.
PROFILE_BATCH: CachePolicy[tuple[PsnProfile | None, ...]] = CachePolicy(
    "PSN.profiles", tuple[PsnProfile | None, ...], max_age=1
)
TROPHY_SUMMARY: CachePolicy[PsnTrophySummary] = CachePolicy(
    "PSN.summary",
    PsnTrophySummary,
    max_age=MINUTE,
    stale_while_revalidate=5 * MINUTE,
    stale_if_error=DAY,
)
TITLES: CachePolicy[TitlePage] = CachePolicy(
    "PSN.titles",
    TitlePage,
    max_age=MINUTE,
    stale_while_revalidate=5 * MINUTE,
    stale_if_error=DAY,
    languages=LANGUAGES,
)
PRODUCT_TITLES: CachePolicy[tuple[Title, ...]] = CachePolicy(
    "PSN.product", tuple[Title, ...], max_age=5 * MINUTE, stale_if_error=DAY, languages=LANGUAGES
)
PRODUCT_TITLES_BATCH: CachePolicy[dict[str, tuple[Title, ...]]] = CachePolicy(
    "PSN.products", dict[str, tuple[Title, ...]], max_age=1, languages=LANGUAGES
)
SERVICE_NAME: CachePolicy[str] = CachePolicy(
    "PSN.service_name",
    str,
    max_age=MONTH,
    stale_if_error=MONTH,
    negative_ttl=5 * MINUTE,
    public=True,
    versioned=True,
)

# The key contains `trophySetVersion` and the numbers of trophies, so that a change of them is seen
# at once; texts are corrected without either. Where neither is known, definitions are cached for as
# long as the service's own cache headers allow.
TROPHY_GROUPS: CachePolicy[GroupDefinitions] = CachePolicy(
    "PSN.groups",
    GroupDefinitions,
    max_age=DAY,
    stale_if_error=MONTH,
    public=True,
    languages=LANGUAGES,
)
TROPHY_GROUPS_ANY_VERSION = replace(TROPHY_GROUPS, max_age=5 * MINUTE)
DEFINITIONS: CachePolicy[TrophyDefinitions] = CachePolicy(
    "PSN.definitions",
    TrophyDefinitions,
    max_age=DAY,
    stale_if_error=MONTH,
    public=True,
    languages=LANGUAGES,
)
# The current `trophySetVersion` and numbers of trophies, for titles that were not read from an
# account's list.
SET_VERSION: CachePolicy[str] = CachePolicy("PSN.set_version", str, max_age=5 * MINUTE, public=True)
# The numbers of trophies that were loaded last. Only a later row or load corrects them, so that
# no-cache does not make the set smaller again for a player who has yet to sync.
SET_SIZE: CachePolicy[SetSize] = CachePolicy(
    "PSN.set_size", SetSize, max_age=7 * DAY, public=True, versioned=True
)
DEFINITIONS_ANY_VERSION = replace(DEFINITIONS, max_age=5 * MINUTE)

# An unlock changes the account's row of the title, whose `earned_version` is part of the key;
# counters and rarity change although the row does not.
EARNED: CachePolicy[EarnedTrophyStates] = CachePolicy(
    "PSN.earned", EarnedTrophyStates, max_age=HOUR, stale_if_error=7 * DAY
)
EARNED_ANY_VERSION = replace(EARNED, max_age=MINUTE, stale_if_error=DAY)
EARNED_GROUPS: CachePolicy[EarnedGroupStates] = CachePolicy(
    "PSN.earned_groups", EarnedGroupStates, max_age=HOUR, stale_if_error=7 * DAY
)
EARNED_GROUPS_ANY_VERSION = replace(EARNED_GROUPS, max_age=MINUTE, stale_if_error=DAY)

CAMPAIGNS: CachePolicy[tuple[Campaign, ...]] = CachePolicy(
    "PSN.campaigns",
    tuple[Campaign, ...],
    max_age=5 * MINUTE,
    stale_if_error=DAY,
    negative_ttl=HOUR,
    languages=LANGUAGES,
)
CAMPAIGN: CachePolicy[Campaign] = CachePolicy(
    "PSN.campaign",
    Campaign,
    max_age=5 * MINUTE,
    stale_if_error=DAY,
    negative_ttl=HOUR,
    languages=LANGUAGES,
)
STARS_ENDED: CachePolicy[bool] = CachePolicy("PSN.stars_ended", bool, max_age=HOUR)

PRESENCE: CachePolicy[PsnPresence | None] = CachePolicy(
    "PSN.presence",
    PsnPresence | None,
    max_age=30,
    stale_while_revalidate=MINUTE,
    stale_if_error=10 * MINUTE,
    process_local=True,
)
# For single flight alone: each presence of the batch is cached on its own.
PRESENCE_BATCH: CachePolicy[dict[str, PsnPresence]] = CachePolicy(
    "PSN.presences", dict[str, PsnPresence], max_age=1, process_local=True
)
FRIENDS: CachePolicy[FriendPage] = CachePolicy(
    "PSN.friends", FriendPage, max_age=MINUTE, stale_if_error=DAY, invalidated_by_writes=True
)
SEARCH_HITS: CachePolicy[SearchHits] = CachePolicy(
    "PSN.hits", SearchHits, max_age=5 * MINUTE, stale_if_error=HOUR
)
PLAYED_GAMES: CachePolicy[PsnPlayedGamePage] = CachePolicy(
    "PSN.played_games",
    PsnPlayedGamePage,
    max_age=MINUTE,
    stale_while_revalidate=5 * MINUTE,
    stale_if_error=DAY,
    languages=LANGUAGES,
)
LEARNED_LIMITS: CachePolicy[int] = CachePolicy(
    "PSN.learned_limits", int, max_age=DAY, public=True, versioned=True
)
# Private conversations stay in this process, only for as long as one page view needs them, and
# are never served stale after a failure.
MESSAGE_GROUPS: CachePolicy[GroupListPage] = CachePolicy(
    "PSN.groups_of_viewer",
    GroupListPage,
    max_age=15,
    process_local=True,
    invalidated_by_writes=True,
)
MESSAGE_GROUP: CachePolicy[PsnMessageGroup] = CachePolicy(
    "PSN.group", PsnMessageGroup, max_age=15, process_local=True, invalidated_by_writes=True
)
MESSAGES: CachePolicy[PsnMessagePage] = CachePolicy(
    "PSN.messages", PsnMessagePage, max_age=5, process_local=True, invalidated_by_writes=True
)
