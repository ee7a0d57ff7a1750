"""What the graph's fields cost in upstream calls, written down.

A call that several fields share is listed in `ASKED_BY`. It is made once by the nearest field
above that brings the person or the title along, and that field is listed in `PRICES`, as is every
field that makes calls of its own. The rest is free.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import ceil

PSN, RETRO_ACHIEVEMENTS, TROPHY_SO = "PSN", "RETRO_ACHIEVEMENTS", "TROPHY_SO"

# Made for each account of the person.
PROFILE, TITLES, COUNTS = "profile", "titles", "counts"
ACCOUNT_CALLS = frozenset({PROFILE, TITLES, COUNTS})

# Made once for the person, since only one source knows them.
SUMMARY, PRESENCE, STREAK, METRICS = "trophySummary", "presence", "streak", "metrics"
AWARDS, CAMPAIGNS = "awards", "campaigns"
USER_CALLS: Mapping[str, str] = {
    SUMMARY: PSN,
    PRESENCE: PSN,
    CAMPAIGNS: PSN,
    AWARDS: RETRO_ACHIEVEMENTS,
    STREAK: TROPHY_SO,
    METRICS: TROPHY_SO,
}

# Made once for the title.
GROUPS, PROGRESS, DEFINITIONS, EARNED = "groups", "progress", "definitions", "earned"
TITLE_PARTS = frozenset({GROUPS, PROGRESS, DEFINITIONS, EARNED})
# Asked of a title that no list has brought along: what it is called, and how far the player is.
TITLE_DETAILS, TITLE_PROGRESS = "named", "standing"
TITLE_CALLS = TITLE_PARTS | {TITLE_DETAILS, TITLE_PROGRESS}
# How many calls a title takes at most, where it is not one for each part.
MAX_CALLS_PER_TITLE: Mapping[str, int] = {RETRO_ACHIEVEMENTS: 1, TROPHY_SO: 0}
# Whose titles a person's are taken to be when several sources may have them: the dearest.
SOURCES_BY_COST = (PSN, RETRO_ACHIEVEMENTS)

# Accounts that are on one source alone, whoever else's were asked for beside them.
SOURCE_BY_TYPE: Mapping[str, str] = {
    "PsnAccount": PSN,
    "RetroAchievementsAccount": RETRO_ACHIEVEMENTS,
    "TrophySoAccount": TROPHY_SO,
}

# Made once for several games.
MATCHES = "matches"

FIELDS_BY_CALL: Mapping[str, str] = {
    PROFILE: """
        User.displayName User.avatar Account.id Account.nativeId Account.displayName
        Account.avatar Account.profileUrl Account.status PsnAccount.accountId PsnAccount.onlineId
        PsnAccount.npId PsnAccount.aboutMe PsnAccount.isPlus PsnAccount.country
        PsnAccount.languages PsnAccount.friendRelation RetroAchievementsAccount.ulid
        RetroAchievementsAccount.points RetroAchievementsAccount.softcorePoints
        RetroAchievementsAccount.truePoints RetroAchievementsAccount.memberSince
        RetroAchievementsAccount.motto RetroAchievementsAccount.richPresence
        TrophySoAccount.timeZone TrophySoAccount.createdAt""",
    TITLES: "User.trophyTitles User.trophyTitle User.achievements SourceTotals.titles",
    COUNTS: """
        SourceTotals.earned SourceTotals.earnedCounts SourceTotals.points
        AchievementConnection.totalCount""",
    SUMMARY: "PsnAccount.trophySummary",
    PRESENCE: "PsnAccount.presence",
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
        Achievement.reward""",
    TITLE_DETAILS: """
        TrophyTitle.name TrophyTitle.detail TrophyTitle.icon TrophyTitle.platforms
        TrophyTitle.serviceName TrophyTitle.setVersion TrophyTitle.hasGroups
        TrophyTitle.definedCounts TrophyTitle.achievementCount""",
    TITLE_PROGRESS: """
        TrophyTitle.earnedCounts TrophyTitle.earnedCount TrophyTitle.progress
        TrophyTitle.lastUpdatedAt""",
    MATCHES: "PsnPlayedGame.trophyTitles",
}


@dataclass(frozen=True)
class FieldCost:
    """What a field costs each time it is answered, and whose shared calls it makes."""

    calls: int = 0
    entries_per_call: int = 0  # one call more for every so many entries of the page
    source: str | None = None  # whose calls those are, where the person does not tell
    yields_user: bool = False  # brings a person along
    titles: int = 0  # brings so many titles along
    entries_per_title: int = 0  # and one more for every so many entries of the page
    batch_sizes: Mapping[str, int] = field(
        default_factory=dict[str, int]
    )  # one for so many entries
    included: frozenset[str] = frozenset()  # what has come along already
    deferred: frozenset[str] = frozenset()  # what the list makes for several at once
    extra_values: int = 0  # as many as each entry takes time for, besides those that are answered

    def count_own_calls(self, page_size: int) -> int:
        """Its own calls, for a page of so many entries."""
        return self.calls + count_batches(page_size, self.entries_per_call)

    def count_titles(self, page_size: int) -> int:
        """How many titles it brings along."""
        return self.titles + count_batches(page_size, self.entries_per_title)


def count_batches(entries: int, size: int) -> int:
    """How many calls of a size it takes; none without a size."""
    return ceil(entries / size) if size else 0


FREE = FieldCost()
USER_LOOKUP = FieldCost(yields_user=True)
LIST_ROW_CALLS = frozenset(
    {TITLE_DETAILS, TITLE_PROGRESS}
)  # a list has brought the title's row along
NODE_LOOKUP = FieldCost(entries_per_call=1, yields_user=True, titles=1, included=LIST_ROW_CALLS)

COST_MAP: Mapping[str, FieldCost] = {
    # PlayStation is asked who `me` is.
    "Query.viewer": FieldCost(calls=1, source=PSN, yields_user=True),
    "Query.user": USER_LOOKUP,
    # One to find out what kind of set it is; a definition is nobody's, so nothing is earned.
    "Query.trophyTitle": FieldCost(
        calls=2, titles=1, included=frozenset({GROUPS, PROGRESS, EARNED, *LIST_ROW_CALLS})
    ),
    "Query.node": NODE_LOOKUP,
    "Query.nodes": NODE_LOOKUP,
    "Query._entities": replace(NODE_LOOKUP, extra_values=20),
    "Query.searchAccounts": FieldCost(calls=2, batch_sizes={PRESENCE: 100}),
    # A search brings the profile along.
    "AccountEdge.node": FieldCost(
        yields_user=True, included=frozenset({PROFILE}), deferred=frozenset({PRESENCE})
    ),
    "Query.psnOperation": FieldCost(calls=1, source=PSN),
    "User.trophyTitle": FieldCost(titles=1, included=LIST_ROW_CALLS),
    "TrophyTitleEdge.node": FieldCost(titles=1, included=LIST_ROW_CALLS),
    # As many titles are opened as may hold an entry of the page.
    "User.achievements": FieldCost(titles=4, entries_per_title=2, included=LIST_ROW_CALLS),
    "User.awards": FieldCost(batch_sizes={TITLE_PROGRESS: 200}),
    "Award.title": FieldCost(
        titles=1, source=RETRO_ACHIEVEMENTS, deferred=frozenset({TITLE_PROGRESS})
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
    "Mutation.removePsnFriend": FieldCost(calls=2, source=PSN),
    "RemovePsnFriendPayload.removed": FieldCost(yields_user=True, source=PSN),
    "Mutation.createPsnMessageGroup": FieldCost(calls=3, source=PSN),
    "Mutation.sendPsnMessage": FieldCost(calls=2, source=PSN),
    "Mutation.uploadPsnResource": FieldCost(calls=2, source=PSN),
    "Mutation.sendPsnResource": FieldCost(calls=2, source=PSN),
}
