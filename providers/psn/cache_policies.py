"""How long each kind of PSN fact is good, in seconds."""

from dataclasses import replace

from providers.kit.caching.policy import UNTIL_CHANGED, Kind
from providers.psn.cached_records import (
    DefinedGroups,
    DefinedTrophies,
    EarnedGroups,
    EarnedTrophies,
    Hits,
    Stretch,
)
from providers.records import (
    Campaign,
    FriendPage,
    PsnMessageGroup,
    PsnMessagePage,
    PsnPerson,
    PsnPlayedGamePage,
    PsnPresence,
    PsnTrophySummary,
    Title,
    TitlePage,
)

MINUTE, HOUR, DAY = 60, 3600, 86_400
LONG = 30 * DAY

OWN_ACCOUNT: Kind[str] = Kind("PSN.own_account", str, fresh=7 * DAY, rescue=LONG, versioned=True)
ACCOUNT_ID: Kind[str] = Kind("PSN.account_id", str, fresh=DAY, rescue=LONG)
# How we stand to each other is in it, which ending a friendship changes.
NAMED_PROFILE: Kind[PsnPerson] = Kind(
    "PSN.named_profile", PsnPerson, fresh=HOUR, stale=2 * HOUR, rescue=7 * DAY, written=True
)
# By which names an account's profile was asked for, as long as that may be remembered.
NAMES: Kind[tuple[str, ...]] = Kind("PSN.names", tuple[str, ...], fresh=7 * DAY, versioned=True)
NUMBERED_PROFILE: Kind[PsnPerson] = Kind(
    "PSN.numbered_profile", PsnPerson, fresh=HOUR, stale=2 * HOUR, rescue=7 * DAY
)
# Only joins those who ask for the same rows at once: each row is remembered on its own.
PROFILES: Kind[tuple[PsnPerson | None, ...]] = Kind(
    "PSN.profiles", tuple[PsnPerson | None, ...], fresh=1
)
SUMMARY: Kind[PsnTrophySummary] = Kind(
    "PSN.summary", PsnTrophySummary, fresh=MINUTE, stale=5 * MINUTE, rescue=DAY
)
TITLES: Kind[TitlePage] = Kind(
    "PSN.titles", TitlePage, fresh=MINUTE, stale=5 * MINUTE, rescue=DAY, localized=True
)
PRODUCT: Kind[tuple[Title, ...]] = Kind(
    "PSN.product", tuple[Title, ...], fresh=5 * MINUTE, rescue=DAY, localized=True
)
PRODUCTS: Kind[dict[str, tuple[Title, ...]]] = Kind(
    "PSN.products", dict[str, tuple[Title, ...]], fresh=1, localized=True
)
SERVICE_NAME: Kind[str] = Kind(
    "PSN.service_name",
    str,
    fresh=LONG,
    rescue=LONG,
    missing=5 * MINUTE,
    shared=True,
    versioned=True,
)

# Definitions change with the set's version, which is part of the key; without one they are good
# for as long as the service itself says.
GROUPS: Kind[DefinedGroups] = Kind(
    "PSN.groups",
    DefinedGroups,
    fresh=UNTIL_CHANGED,
    rescue=LONG,
    shared=True,
    localized=True,
    versioned=True,
)
GROUPS_ANY_VERSION = replace(GROUPS, fresh=5 * MINUTE, versioned=False)
DEFINITIONS: Kind[DefinedTrophies] = Kind(
    "PSN.definitions",
    DefinedTrophies,
    fresh=UNTIL_CHANGED,
    rescue=LONG,
    shared=True,
    localized=True,
    versioned=True,
)
# What version a set has, for those who come to it by a way that does not tell.
SET_VERSION: Kind[str] = Kind("PSN.set_version", str, fresh=5 * MINUTE, shared=True)
DEFINITIONS_ANY_VERSION = replace(DEFINITIONS, fresh=5 * MINUTE, versioned=False)

# What was earned changes with the title's own row, which is part of the key.
EARNED: Kind[EarnedTrophies] = Kind(
    "PSN.earned", EarnedTrophies, fresh=UNTIL_CHANGED, rescue=7 * DAY, versioned=True
)
EARNED_ANY_VERSION = replace(EARNED, fresh=MINUTE, rescue=DAY, versioned=False)
# Rarity moves while nothing is earned.
EARNED_WITH_RARITY = replace(EARNED, fresh=6 * HOUR, versioned=False)
EARNED_GROUPS: Kind[EarnedGroups] = Kind(
    "PSN.earned_groups", EarnedGroups, fresh=UNTIL_CHANGED, rescue=7 * DAY, versioned=True
)
EARNED_GROUPS_ANY_VERSION = replace(EARNED_GROUPS, fresh=MINUTE, rescue=DAY, versioned=False)

CAMPAIGNS: Kind[tuple[Campaign, ...]] = Kind(
    "PSN.campaigns",
    tuple[Campaign, ...],
    fresh=5 * MINUTE,
    rescue=DAY,
    missing=HOUR,
    localized=True,
)
CAMPAIGN: Kind[Campaign] = Kind(
    "PSN.campaign", Campaign, fresh=5 * MINUTE, rescue=DAY, missing=HOUR, localized=True
)
STARS_ENDED: Kind[bool] = Kind("PSN.stars_ended", bool, fresh=HOUR)


PRESENCE: Kind[PsnPresence | None] = Kind(
    "PSN.presence", PsnPresence | None, fresh=30, stale=MINUTE, rescue=10 * MINUTE
)
# Only joins those who ask for the same rows at once: each row is remembered on its own.
PRESENCES: Kind[dict[str, PsnPresence]] = Kind("PSN.presences", dict[str, PsnPresence], fresh=1)
FRIENDS: Kind[FriendPage] = Kind("PSN.friends", FriendPage, fresh=MINUTE, rescue=DAY, written=True)
HITS: Kind[Hits] = Kind("PSN.hits", Hits, fresh=5 * MINUTE, rescue=HOUR)
PLAYED_GAMES: Kind[PsnPlayedGamePage] = Kind(
    "PSN.played_games",
    PsnPlayedGamePage,
    fresh=MINUTE,
    stale=5 * MINUTE,
    rescue=DAY,
    localized=True,
)
GAME_LIST_LIMIT: Kind[int] = Kind("PSN.game_list_limit", int, fresh=DAY, shared=True)
# Private talk is kept only as long as one look at it takes, and never stands in for a failure.
MESSAGE_GROUPS: Kind[Stretch] = Kind(
    "PSN.groups_of_viewer", Stretch, fresh=15, local=True, written=True
)
MESSAGE_GROUP: Kind[PsnMessageGroup] = Kind(
    "PSN.group", PsnMessageGroup, fresh=15, local=True, written=True
)
MESSAGES: Kind[PsnMessagePage] = Kind(
    "PSN.messages", PsnMessagePage, fresh=5, local=True, written=True
)
