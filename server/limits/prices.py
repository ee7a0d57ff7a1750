"""What the graph's fields cost in upstream calls, written down.

A call that several fields share is listed in `ASKED_BY`. It is made once by the nearest field
above that brings the person or the title along, and that field is listed in `PRICES`, as is every
field that makes calls of its own. The rest is free. The figures are those of PlayStation, whose
calls are the most: a title has four parts that are asked for one by one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil

ACCOUNTS = 3  # of a person: at most one on each source

# Made for each account of the person.
PROFILE, TITLES, COUNTS = "profile", "titles", "counts"
OF_ACCOUNTS = frozenset({PROFILE, TITLES, COUNTS})

# Made once for the person, since only one source knows them.
SUMMARY, PRESENCE, STREAK, METRICS = "trophySummary", "presence", "streak", "metrics"
AWARDS, CAMPAIGNS = "awards", "campaigns"
OF_PERSON = frozenset({SUMMARY, PRESENCE, STREAK, METRICS, AWARDS, CAMPAIGNS})

# Made once for the title.
GROUPS, PROGRESS, DEFINITIONS, EARNED = "groups", "progress", "definitions", "earned"
OF_TITLE = frozenset({GROUPS, PROGRESS, DEFINITIONS, EARNED})

# Made once for several games.
MATCHES = "matches"

ASKED_BY: Mapping[str, str] = {
    PROFILE: """
        User.displayName User.avatar Account.id Account.nativeId Account.displayName
        Account.avatar Account.profileUrl Account.status PsnAccount.accountId PsnAccount.onlineId
        PsnAccount.npId PsnAccount.aboutMe PsnAccount.isPlus PsnAccount.country
        PsnAccount.languages PsnAccount.friendRelation RetroAchievementsAccount.ulid
        RetroAchievementsAccount.points RetroAchievementsAccount.softcorePoints
        RetroAchievementsAccount.truePoints RetroAchievementsAccount.memberSince
        RetroAchievementsAccount.motto RetroAchievementsAccount.richPresence
        TrophySoAccount.timeZone TrophySoAccount.createdAt PsnAccount.presence""",
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
    MATCHES: "PsnPlayedGame.trophyTitles",
}


@dataclass(frozen=True)
class Price:
    """What a field costs each time it is answered, and whose shared calls it makes."""

    calls: int = 0
    per: int = 0  # one call more for every so many entries of the page
    accounts: int | str = 0  # brings a person along: his accounts, or the argument that has them
    titles: int = 0  # brings so many titles along
    titles_per: int = 0  # and one more for every so many entries of the page
    shared: Mapping[str, int] = field(default_factory=dict[str, int])  # one for so many entries
    free: frozenset[str] = frozenset()  # what has come along already

    def own(self, page: int) -> int:
        """Its own calls, for a page of so many entries."""
        return self.calls + batches(page, self.per)

    def brought(self, page: int) -> int:
        """How many titles it brings along."""
        return self.titles + batches(page, self.titles_per)


def batches(entries: int, size: int) -> int:
    """How many calls of a size it takes; none without a size."""
    return ceil(entries / size) if size else 0


FREE = Price()
PERSON = Price(accounts=1)
SEEN = Price(accounts=1, free=frozenset({PROFILE}))  # a list has brought the profile along
FOUND = Price(per=1, accounts=1, titles=1)

PRICES: Mapping[str, Price] = {
    # PlayStation is asked who `me` is.
    "Query.viewer": Price(calls=1, accounts=ACCOUNTS),
    "Query.user": Price(accounts="accounts"),
    # One to find out what kind of set it is; a definition is nobody's, so nothing is earned.
    "Query.trophyTitle": Price(calls=2, titles=1, free=frozenset({GROUPS, PROGRESS, EARNED})),
    "Query.node": FOUND,
    "Query.nodes": FOUND,
    "Query._entities": FOUND,
    "Query.searchAccounts": Price(calls=2),
    "AccountEdge.node": SEEN,
    "Query.psnOperation": Price(calls=1),
    "User.trophyTitle": Price(titles=1),
    "TrophyTitleEdge.node": Price(titles=1),
    # As many titles are opened as may hold an entry of the page.
    "User.achievements": Price(titles=4, titles_per=10),
    # RetroAchievements tells all of a game in one call.
    "Award.title": Price(calls=1, free=OF_TITLE),
    "Campaign.tasks": Price(calls=1),
    "PsnAccount.friends": Price(calls=1, per=50),
    "PsnAccountEdge.node": SEEN,
    "PsnAccount.messageGroups": Price(calls=2, per=50),
    "PsnAccount.messageGroup": Price(calls=2),
    "PsnMessageGroup.messages": Price(calls=1),
    "PsnGroupMember.account": PERSON,
    "PsnAccount.playedGames": Price(calls=1, shared={MATCHES: 5}),
    "PsnPlayedGame.trophyTitles": Price(titles=1),
    "Mutation.removePsnFriend": Price(calls=2),
    "RemovePsnFriendPayload.removed": PERSON,
    "Mutation.createPsnMessageGroup": Price(calls=3),
    "Mutation.sendPsnMessage": Price(calls=2),
    "Mutation.uploadPsnResource": Price(calls=2),
    "Mutation.sendPsnResource": Price(calls=2),
}
