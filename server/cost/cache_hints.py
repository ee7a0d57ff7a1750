"""The `@cacheControl` directives by which a gateway may store what the subgraph returns.

A field that makes calls has the shortest max-age of the cache policies that its values come from,
in seconds. Policies that keep their values in one process have 0 here: a gateway must not keep them
either. What a type has applies wherever it is returned: unlike a field's it cannot be hidden from a
gateway by an alias.
"""

from collections.abc import Mapping
from itertools import chain
from typing import Any

from providers.kit.caching.policy import CachePolicy
from providers.psn import cache_policies as psn
from providers.retroachievements import cache_policies as retro
from providers.steam import cache_policies as steam
from providers.trophy_so import cache_policies as trophy_so
from providers.xbox import cache_policies as xbox
from server.cost import cost_map
from server.cost.pending_calls import CALLS_BY_FIELD

# Composers know no such directive. One with a specification of its own is taken by all of them, and
# kept in the supergraph by those that keep such directives; this is the one that Hive's gateway
# documents.
LINK = (
    ' @link(url: "https://the-guild.dev/mesh/v1.0", import: ["@cacheControl"])'
    ' @composeDirective(name: "@cacheControl")'
)
DEFINITIONS = """
enum CacheControlScope {
  PUBLIC
  PRIVATE
}

directive @cacheControl(
  maxAge: Int
  scope: CacheControlScope
  inheritMaxAge: Boolean
) on FIELD_DEFINITION | OBJECT | INTERFACE | UNION
"""

Policies = tuple[CachePolicy[Any], ...]

PROFILES: Policies = (
    psn.PROFILE_BY_ONLINE_ID,
    psn.PROFILE_BY_ACCOUNT_ID,
    retro.PROFILE,
    trophy_so.PROFILE,
    steam.PROFILE,
    xbox.PROFILE,
    xbox.FULL_PROFILE,
)
ACCOUNT_IDS: Policies = (
    psn.OWN_ACCOUNT,
    psn.ACCOUNT_ID,
    retro.ACCOUNT_IDS,
    steam.ACCOUNT_IDS,
    xbox.ACCOUNT_IDS,
)
TITLES: Policies = (
    psn.TITLES,
    retro.TITLES,
    trophy_so.ACHIEVEMENTS,
    steam.LIBRARY,
    steam.RECENTLY_PLAYED,
    steam.COUNTS,
    xbox.LIBRARY,
)
# Without any player.
DEFINITIONS_OF_TITLES: Policies = (
    psn.SERVICE_NAME,
    psn.TROPHY_GROUPS_ANY_VERSION,
    psn.DEFINITIONS_ANY_VERSION,
    retro.DEFINITIONS,
    trophy_so.ACHIEVEMENTS,
    steam.CONTRADICTED_DEFINITIONS,
    xbox.X360_SET,
    xbox.DEFINITIONS,
)
EARNED_IN_TITLES: Policies = (
    psn.EARNED_GROUPS_ANY_VERSION,
    psn.EARNED_ANY_VERSION,
    retro.CONTENTS_BY_ID,
    trophy_so.ACHIEVEMENTS,
    steam.RECENT_EARNED,
    xbox.TITLE_SET,
    xbox.X360_UNLOCKED,
)
FRIENDS: Policies = (psn.FRIENDS, steam.FRIENDS, xbox.FRIENDS)

POLICIES_BY_CALL: Mapping[str, Policies] = {
    cost_map.PROFILE: PROFILES,
    cost_map.TITLES: TITLES,
    cost_map.COUNTS: (*TITLES, psn.TROPHY_SUMMARY, retro.PROFILE),
    cost_map.SUMMARY: (psn.TROPHY_SUMMARY,),
    cost_map.PRESENCE: (psn.PRESENCE, steam.PRESENCE, xbox.PRESENCE),
    cost_map.LEVEL: (steam.LEVEL,),
    cost_map.STREAK: (trophy_so.STREAK, trophy_so.STREAK_LENGTH),
    cost_map.METRICS: (trophy_so.METRICS,),
    cost_map.AWARDS: (retro.AWARDS,),
    cost_map.CAMPAIGNS: (psn.CAMPAIGNS,),
    cost_map.RANK: (retro.RANK,),
    cost_map.PLACES: (retro.LEADERBOARD_ENTRIES,),
    cost_map.GROUPS: DEFINITIONS_OF_TITLES,
    cost_map.PROGRESS: EARNED_IN_TITLES,
    cost_map.DEFINITIONS: DEFINITIONS_OF_TITLES,
    cost_map.EARNED: EARNED_IN_TITLES,
    cost_map.TITLE_DETAILS: DEFINITIONS_OF_TITLES,
    cost_map.TITLE_PROGRESS: TITLES,
    cost_map.GAME: (*TITLES, retro.CONTENTS_WITH_RARITY, retro.DEFINITIONS),
    cost_map.TITLE_AWARD: (*TITLES, retro.CONTENTS_WITH_RARITY),
    cost_map.POINTS: (*TITLES, retro.PROGRESS, retro.CONTENTS_WITH_RARITY, retro.DEFINITIONS),
    cost_map.DURATIONS: (*TITLES, xbox.PLAY_DURATIONS),
    cost_map.LAST_PLAYED: (*TITLES, retro.PLAYED_TITLES),
    cost_map.PLAYED: (
        psn.PLAYED_GAMES,
        retro.PLAYED_TITLES,
        steam.LIBRARY,
        steam.RECENTLY_PLAYED,
        xbox.LIBRARY,
    ),
    cost_map.MATCHES: (psn.PRODUCT_TITLES,),
}
POLICIES_BY_FIELD: Mapping[str, Policies] = {
    "Query.viewer": ACCOUNT_IDS,
    "Query.user": ACCOUNT_IDS,
    "Query.compare": (*ACCOUNT_IDS, *EARNED_IN_TITLES),
    "ComparedPerson.user": ACCOUNT_IDS,
    "Query.trophyTitle": DEFINITIONS_OF_TITLES,
    "Query.achievementOfTheWeek": (retro.ACHIEVEMENT_OF_THE_WEEK,),
    "AchievementOfTheWeek.achievement": DEFINITIONS_OF_TITLES,
    "AchievementOfTheWeek.title": DEFINITIONS_OF_TITLES,
    "Query.node": ACCOUNT_IDS,
    "Query.nodes": ACCOUNT_IDS,
    "Query.searchAccounts": (psn.SEARCH_HITS, xbox.SEARCH),
    "User.statistics": EARNED_IN_TITLES,
    "User.rarest": EARNED_IN_TITLES,
    "User.milestones": EARNED_IN_TITLES,
    "Award.title": (retro.TITLES,),
    "Campaign.tasks": (psn.CAMPAIGN,),
    "PsnAccount.friends": FRIENDS,
    "SteamAccount.friends": FRIENDS,
    "XboxAccount.friends": FRIENDS,
    "PsnAccount.playedGames": (psn.PLAYED_GAMES,),
    "SteamAccount.playedGames": (steam.LIBRARY, steam.RECENTLY_PLAYED),
    "SteamPlayedGame.trophyTitle": TITLES,
    "PsnAccount.messageGroups": (psn.MESSAGE_GROUPS,),
    "PsnAccount.messageGroup": (psn.MESSAGE_GROUP,),
    "PsnMessageGroup.messages": (psn.MESSAGES,),
    "RetroAchievementsAccount.following": (retro.FOLLOWS,),
    "RetroAchievementsAccount.followers": (retro.FOLLOWS,),
    "RetroAchievementsFollow.account": (retro.PROFILE,),
    "RetroAchievementsAccount.wantToPlay": (retro.WANTED_TITLES,),
    "RetroAchievementsWantedTitle.title": (retro.TITLES,),
    "TrophyTitle.leaderboards": (retro.LEADERBOARDS, retro.LEADERBOARD_ENTRIES),
    "TrophySoAccount.points": (trophy_so.POINTS,),
    "TrophySoAccount.leaderboard": (trophy_so.LEADERBOARD_PLACE,),
}
NOT_STORED = frozenset({"Query.psnOperation"})
# The state of a source is that of this moment.
TYPES_NOT_STORED = frozenset({"SourceStatus", "SourceInfo"})


def describe_type(name: str, *, shared: bool) -> str:
    """Return the directive of a type; `shared` if other subgraphs may have the same type.

    Objects are a viewer's, down to their ids. A type that is shared says nothing of its viewer,
    because the values of other subgraphs may be public.
    """
    age = "maxAge: 0" if name in TYPES_NOT_STORED else "inheritMaxAge: true"
    return f" @cacheControl({age})" if shared else f" @cacheControl({age}, scope: PRIVATE)"


def describe_field(name: str, type_name: str) -> str:
    """Return the directive of a field that returns this type; empty for one without calls.

    The scope is always private: on some source, what the field returns depends on the credential,
    or it is an object of a type that is private elsewhere.
    """
    policies = list_policies(name)
    if type_name in TYPES_NOT_STORED or name in NOT_STORED:
        max_age = 0
    elif policies:
        max_age = min(map(_get_max_age, policies))
    else:
        return ""
    return f" @cacheControl(maxAge: {max_age}, scope: PRIVATE)"


def list_policies(name: str) -> Policies:
    """Return the policies of all values that a field may return."""
    shared = (POLICIES_BY_CALL[call] for call in CALLS_BY_FIELD.get(name, ()))
    return (*POLICIES_BY_FIELD.get(name, ()), *chain.from_iterable(shared))


def _get_max_age(policy: CachePolicy[Any]) -> int:
    return 0 if policy.process_local else int(policy.max_age)
