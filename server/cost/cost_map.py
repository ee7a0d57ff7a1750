"""Cost map: the upstream calls that each field of the graph needs.

`FIELDS_BY_CALL` lists the calls that several fields share. Such a call is made once, by the nearest
field above that yields the user or the title. `COST_MAP` lists those fields, and every field that
makes calls of its own. All other fields are free.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import ceil

from schema.account_types import ACCOUNT_TYPES, PROFILE_FIELDS

PSN, RETRO_ACHIEVEMENTS, TROPHY_SO = "PSN", "RETRO_ACHIEVEMENTS", "TROPHY_SO"
STEAM, XBOX = "STEAM", "XBOX"

# Made once for each account of a user.
PROFILE, TITLES, COUNTS = "profile", "titles", "counts"
ACCOUNT_CALLS = frozenset({PROFILE, TITLES, COUNTS})

# Made once for a user, for the accounts on the sources that have the data.
SUMMARY, PRESENCE, STREAK, METRICS = "trophySummary", "presence", "streak", "metrics"
AWARDS, CAMPAIGNS, LEVEL, RANK = "awards", "campaigns", "level", "rank"
PLACES = "leaderboardPlaces"
LAST_PLAYED, PLAYED = "lastPlayed", "played"
USER_CALLS: Mapping[str, frozenset[str]] = {
    SUMMARY: frozenset({PSN}),
    PRESENCE: frozenset({PSN, STEAM, XBOX}),
    CAMPAIGNS: frozenset({PSN}),
    AWARDS: frozenset({RETRO_ACHIEVEMENTS}),
    STREAK: frozenset({TROPHY_SO}),
    METRICS: frozenset({TROPHY_SO}),
    LEVEL: frozenset({STEAM}),
    RANK: frozenset({RETRO_ACHIEVEMENTS}),
    # Made once for each title, by the list of its leaderboards.
    PLACES: frozenset({RETRO_ACHIEVEMENTS}),
    LAST_PLAYED: frozenset({RETRO_ACHIEVEMENTS}),
    PLAYED: frozenset({PSN, RETRO_ACHIEVEMENTS, STEAM, XBOX}),
}

# Where a source needs more than one: a list of games, one of borrowed games, and their counts; or
# pages of the games that were played.
CALLS_PER_ACCOUNT: Mapping[tuple[str, str], int] = {
    (TITLES, STEAM): 3,
    (LAST_PLAYED, RETRO_ACHIEVEMENTS): 4,
    (PLAYED, STEAM): 2,
}

# Made once for a title.
GROUPS, PROGRESS, DEFINITIONS, EARNED = "groups", "progress", "definitions", "earned"
TITLE_PARTS = frozenset({GROUPS, PROGRESS, DEFINITIONS, EARNED})
# Made for a title that comes from no list, whose row has both.
TITLE_DETAILS, TITLE_PROGRESS = "titleDetails", "titleProgress"
# Made for a title whose row lacks a fact, on the sources that have the fact elsewhere.
GAME, TITLE_AWARD, POINTS, DURATIONS = "game", "titleAward", "titlePoints", "playDurations"
SOURCES_BY_TITLE_CALL: Mapping[str, frozenset[str]] = {
    GAME: frozenset({RETRO_ACHIEVEMENTS}),
    TITLE_AWARD: frozenset({RETRO_ACHIEVEMENTS}),
    POINTS: frozenset({RETRO_ACHIEVEMENTS}),
    DURATIONS: frozenset({XBOX}),
}
TITLE_CALLS = TITLE_PARTS | {TITLE_DETAILS, TITLE_PROGRESS} | SOURCES_BY_TITLE_CALL.keys()
# Those of them that are about a player's own state.
PLAYER_CALLS = frozenset({PROGRESS, EARNED, TITLE_PROGRESS})
# The most calls that a title of a source takes; on other sources, one for each part.
MAX_CALLS_PER_TITLE: Mapping[str, int] = {RETRO_ACHIEVEMENTS: 1, TROPHY_SO: 0, STEAM: 2, XBOX: 2}
# The costliest first: a title whose source is not known is estimated as one of the first.
SOURCES_BY_COST = (PSN, STEAM, XBOX, RETRO_ACHIEVEMENTS)

# Types whose objects belong to one source, whichever sources the user has accounts on.
SOURCE_BY_TYPE: Mapping[str, str] = {
    account_type.__name__: source.name for source, account_type in ACCOUNT_TYPES.items()
}

# Made once for several played games.
MATCHES = "matches"
SOURCES_OF_MATCHES = frozenset({PSN})

FIELDS_BY_CALL: Mapping[str, str] = {
    PROFILE: " ".join({"User.displayName", "User.avatar", *PROFILE_FIELDS}),
    TITLES: """
        PlayedTitle.title User.trophyTitles User.trophyTitle User.achievements User.statistics
        User.rarest User.milestones SourceTotals.titles ComparisonConnection.edges
        ComparisonConnection.pageInfo ComparisonConnection.sources
        ComparisonConnection.totalCount ComparedPerson.sources""",
    COUNTS: """
        SourceTotals.earned SourceTotals.earnedCounts SourceTotals.points
        AchievementConnection.totalCount""",
    SUMMARY: "PsnAccount.trophySummary",
    PRESENCE: """
        PsnAccount.presence SteamAccount.presence XboxAccount.presence PlayedTitle.running""",
    LEVEL: "SteamAccount.level",
    RANK: "RetroAchievementsAccount.rank",
    PLACES: "TitleLeaderboard.entry",
    STREAK: "TrophySoAccount.streak",
    METRICS: "TrophySoAccount.metrics",
    AWARDS: "User.awards SourceTotals.awards",
    CAMPAIGNS: "User.campaigns",
    GROUPS: """
        TrophyTitle.groups TrophyTitle.group TrophyGroup.name TrophyGroup.detail TrophyGroup.icon
        TrophyGroup.definedCounts""",
    PROGRESS: "TrophyGroup.earnedCounts TrophyGroup.progress TrophyGroup.lastUpdatedAt",
    DEFINITIONS: """
        TrophyTitle.achievements TrophyGroup.achievements Achievement.name
        Achievement.description Achievement.icon Achievement.reward Achievement.progress
        Achievement.key Achievement.kind Achievement.triggerDetail Achievement.userAttributes
        Achievement.eventAttributes Achievement.group""",
    EARNED: """
        TrophyTitle.rarestAchievements Achievement.earned Achievement.earnedAt
        Achievement.unlockMode Achievement.earnedAtSoftcore Achievement.rarity
        Achievement.progress Achievement.name Achievement.description Achievement.icon
        Achievement.reward ComparedTitle.achievements ComparedProgress.firstCount""",
    TITLE_DETAILS: """
        TrophyTitle.name TrophyTitle.detail TrophyTitle.icon TrophyTitle.platforms
        TrophyTitle.serviceName TrophyTitle.setVersion TrophyTitle.hasGroups
        TrophyTitle.definedCounts TrophyTitle.achievementCount""",
    TITLE_PROGRESS: """
        TrophyTitle.earnedCounts TrophyTitle.earnedCount TrophyTitle.progress
        TrophyTitle.lastUpdatedAt""",
    GAME: """
        TrophyTitle.population TrophyTitle.info TrophyTitle.playDurationSeconds
        PlayedTitle.playDurationSeconds""",
    TITLE_AWARD: "TrophyTitle.highestAward",
    POINTS: "TrophyTitle.points TrophyTitle.earnedPoints",
    DURATIONS: "TrophyTitle.playDurationSeconds PlayedTitle.playDurationSeconds",
    LAST_PLAYED: "TrophyTitle.lastPlayedAt",
    PLAYED: "User.recentlyPlayed",
    MATCHES: "PsnPlayedGame.trophyTitles User.recentlyPlayed",
}


@dataclass(frozen=True)
class FieldCost:
    """The calls that a field makes each time it is resolved, its own and shared ones.

    The field makes the shared calls for the fields below it if it yields the user or the titles
    that they are about.
    """

    calls: int = 0
    # Entries of the page for each of which one more call is made; 0 for none.
    entries_per_call: int = 0
    # The source of the calls; None for a source of the user.
    source: str | None = None
    yields_user: bool = False
    # The titles that the field yields, and the entries of the page for each of which it yields
    # one more.
    titles: int = 0
    entries_per_title: int = 0
    # Shared calls that are made once for so many entries.
    batch_sizes: Mapping[str, int] = field(default_factory=dict[str, int])
    # Shared calls that the field's own response makes unnecessary.
    included: frozenset[str] = frozenset()
    # Shared calls that the list above makes for several entries at once.
    deferred: frozenset[str] = frozenset()
    # Values added per entry for the time that resolving it takes.
    extra_values: int = 0

    def count_own_calls(self, page_size: int) -> int:
        """Return the number of the field's own calls, for a page of this size."""
        return self.calls + count_batches(page_size, self.entries_per_call)

    def count_titles(self, page_size: int) -> int:
        """Return the number of titles that the field yields, for a page of this size."""
        return self.titles + count_batches(page_size, self.entries_per_title)


def count_batches(entries: int, size: int) -> int:
    """Return how many batches of a size the entries make; 0 for size 0."""
    return ceil(entries / size) if size else 0


FREE = FieldCost()
USER_LOOKUP = FieldCost(yields_user=True)
# A list has the title's row, and with it all of these.
LIST_ROW_CALLS = frozenset({TITLE_DETAILS, TITLE_PROGRESS, TITLE_AWARD})
FACT_CALLS = frozenset({*SOURCES_BY_TITLE_CALL, LAST_PLAYED})
FACT_BATCH_SIZES: Mapping[str, int] = {POINTS: 200, DURATIONS: 100}
NODE_LOOKUP = FieldCost(entries_per_call=1, yields_user=True, titles=1, included=LIST_ROW_CALLS)
# The titles of the page; those that are opened for the order are counted by `maxTitles`.
PAGE_OF_OPENED = FieldCost(entries_per_title=1, included=frozenset({EARNED, *LIST_ROW_CALLS}))

COST_MAP: Mapping[str, FieldCost] = {
    # One call finds out the account id of `me`.
    "Query.viewer": FieldCost(calls=1, source=PSN, yields_user=True),
    "Query.user": USER_LOOKUP,
    # For each of the people; the titles of the page are opened for what is selected of them.
    "Query.compare": FieldCost(yields_user=True, entries_per_title=1, included=LIST_ROW_CALLS),
    "ComparedPerson.user": USER_LOOKUP,
    # One call finds out the title's platform; without a player nothing is earned.
    "Query.trophyTitle": FieldCost(
        calls=2,
        titles=1,
        included=frozenset({GROUPS, PROGRESS, EARNED, *LIST_ROW_CALLS, *FACT_CALLS}),
    ),
    "Query.node": NODE_LOOKUP,
    "Query.nodes": NODE_LOOKUP,
    "Query._entities": replace(NODE_LOOKUP, extra_values=20),
    "Query.achievementOfTheWeek": FieldCost(calls=1, source=RETRO_ACHIEVEMENTS),
    # What is selected of it comes without a call, but for its group and its title.
    "AchievementOfTheWeek.achievement": FieldCost(titles=1, source=RETRO_ACHIEVEMENTS),
    "AchievementOfTheWeek.title": FieldCost(titles=1, source=RETRO_ACHIEVEMENTS),
    "Query.searchAccounts": FieldCost(calls=2, batch_sizes={PRESENCE: 100}),
    # A search result has the profile.
    "AccountEdge.node": FieldCost(
        yields_user=True, included=frozenset({PROFILE}), deferred=frozenset({PRESENCE})
    ),
    "Query.psnOperation": FieldCost(calls=1, source=PSN),
    "User.trophyTitle": FieldCost(titles=1, included=LIST_ROW_CALLS),
    "User.trophyTitles": FieldCost(batch_sizes=FACT_BATCH_SIZES),
    "User.recentlyPlayed": FieldCost(batch_sizes={**FACT_BATCH_SIZES, MATCHES: 5}),
    # What the list of played titles lacks of a title is in the list of titles.
    "PlayedTitleEdge.node": FieldCost(
        titles=1, included=LIST_ROW_CALLS, deferred=frozenset(FACT_BATCH_SIZES)
    ),
    "TrophyTitleEdge.node": FieldCost(
        titles=1, included=LIST_ROW_CALLS, deferred=frozenset(FACT_BATCH_SIZES)
    ),
    # The titles are read that may have an entry of the page.
    "User.achievements": FieldCost(titles=4, entries_per_title=2, included=LIST_ROW_CALLS),
    "User.rarest": PAGE_OF_OPENED,
    "User.milestones": PAGE_OF_OPENED,
    "User.awards": FieldCost(batch_sizes={TITLE_PROGRESS: 200, POINTS: 200}),
    "Award.title": FieldCost(
        titles=1, source=RETRO_ACHIEVEMENTS, deferred=frozenset({TITLE_PROGRESS, POINTS})
    ),
    "TrophyTitle.leaderboards": FieldCost(
        calls=1, source=RETRO_ACHIEVEMENTS, batch_sizes={PLACES: 100}
    ),
    # For each key.
    "TrophySoAccount.points": FieldCost(calls=1, source=TROPHY_SO),
    "TrophySoAccount.leaderboard": FieldCost(calls=1, source=TROPHY_SO),
    # The ids of the account and of the viewer's own, and a list.
    "RetroAchievementsAccount.following": FieldCost(calls=3, source=RETRO_ACHIEVEMENTS),
    "RetroAchievementsAccount.followers": FieldCost(calls=3, source=RETRO_ACHIEVEMENTS),
    "RetroAchievementsFollow.account": FieldCost(yields_user=True, source=RETRO_ACHIEVEMENTS),
    "RetroAchievementsAccount.wantToPlay": FieldCost(
        calls=2, source=RETRO_ACHIEVEMENTS, batch_sizes={TITLE_PROGRESS: 200, POINTS: 200}
    ),
    "RetroAchievementsWantedTitle.title": FieldCost(
        titles=1, source=RETRO_ACHIEVEMENTS, deferred=frozenset({TITLE_PROGRESS, POINTS})
    ),
    "Campaign.tasks": FieldCost(calls=1, source=PSN),
    "PsnAccount.friends": FieldCost(calls=1, source=PSN, batch_sizes={PROFILE: 100, PRESENCE: 100}),
    "PsnAccountEdge.node": FieldCost(
        yields_user=True, source=PSN, deferred=frozenset({PROFILE, PRESENCE})
    ),
    "PsnAccount.messageGroups": FieldCost(calls=2, entries_per_call=50, source=PSN),
    "PsnAccount.messageGroup": FieldCost(calls=2, source=PSN),
    "PsnMessageGroup.messages": FieldCost(calls=1, source=PSN),
    "PsnGroupMember.account": FieldCost(yields_user=True, source=PSN),
    "PsnAccount.playedGames": FieldCost(calls=1, source=PSN, batch_sizes={MATCHES: 5}),
    "PsnPlayedGame.trophyTitles": FieldCost(titles=1, source=PSN, included=LIST_ROW_CALLS),
    "SteamAccount.friends": FieldCost(
        calls=1, source=STEAM, batch_sizes={PROFILE: 100, PRESENCE: 100}
    ),
    "SteamAccountEdge.node": FieldCost(
        yields_user=True, source=STEAM, deferred=frozenset({PROFILE, PRESENCE})
    ),
    # As many as a list of titles, which the titles of the games come from.
    "SteamAccount.playedGames": FieldCost(calls=3, source=STEAM),
    "SteamPlayedGame.trophyTitle": FieldCost(titles=1, source=STEAM, included=LIST_ROW_CALLS),
    # The list has the most of the profiles.
    "XboxAccount.friends": FieldCost(calls=1, source=XBOX, batch_sizes={PROFILE: 20, PRESENCE: 20}),
    "XboxAccountEdge.node": FieldCost(
        yields_user=True, source=XBOX, deferred=frozenset({PROFILE, PRESENCE})
    ),
    # For one event: each is executed with limits of its own.
    "Subscription.achievementUnlocked": FieldCost(yields_user=True),
    "AchievementUnlocked.achievement": FieldCost(titles=1),
    "Mutation.removePsnFriend": FieldCost(calls=2, source=PSN),
    "RemovePsnFriendPayload.removed": FieldCost(yields_user=True, source=PSN),
    "Mutation.createPsnMessageGroup": FieldCost(calls=3, source=PSN),
    "Mutation.sendPsnMessage": FieldCost(calls=2, source=PSN),
    "Mutation.uploadPsnResource": FieldCost(calls=2, source=PSN),
    "Mutation.sendPsnResource": FieldCost(calls=2, source=PSN),
}
