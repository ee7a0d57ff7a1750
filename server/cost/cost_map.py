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
OF_ACCOUNTS = frozenset({PROFILE, TITLES, COUNTS})

# Made once for the person, since only one source knows them.
SUMMARY, PRESENCE, STREAK, METRICS = "trophySummary", "presence", "streak", "metrics"
AWARDS, CAMPAIGNS = "awards", "campaigns"
OF_PERSON: Mapping[str, str] = {
    SUMMARY: PSN,
    PRESENCE: PSN,
    CAMPAIGNS: PSN,
    AWARDS: RETRO_ACHIEVEMENTS,
    STREAK: TROPHY_SO,
    METRICS: TROPHY_SO,
}

# Made once for the title.
GROUPS, PROGRESS, DEFINITIONS, EARNED = "groups", "progress", "definitions", "earned"
PARTS = frozenset({GROUPS, PROGRESS, DEFINITIONS, EARNED})
# Asked of a title that no list has brought along: what it is called, and how far the player is.
NAMED, STANDING = "named", "standing"
OF_TITLE = PARTS | {NAMED, STANDING}
# How many calls a title takes at most, where it is not one for each part.
MOST_OF_TITLE: Mapping[str, int] = {RETRO_ACHIEVEMENTS: 1, TROPHY_SO: 0}
# Whose titles a person's are taken to be when several sources may have them: the dearest.
DEAREST = (PSN, RETRO_ACHIEVEMENTS)

# Accounts that are on one source alone, whoever else's were asked for beside them.
OF_TYPE: Mapping[str, str] = {
    "PsnAccount": PSN,
    "RetroAchievementsAccount": RETRO_ACHIEVEMENTS,
    "TrophySoAccount": TROPHY_SO,
}

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
    NAMED: """
        TrophyTitle.name TrophyTitle.detail TrophyTitle.icon TrophyTitle.platforms
        TrophyTitle.serviceName TrophyTitle.setVersion TrophyTitle.hasGroups
        TrophyTitle.definedCounts TrophyTitle.achievementCount""",
    STANDING: """
        TrophyTitle.earnedCounts TrophyTitle.earnedCount TrophyTitle.progress
        TrophyTitle.lastUpdatedAt""",
    MATCHES: "PsnPlayedGame.trophyTitles",
}


@dataclass(frozen=True)
class Price:
    """What a field costs each time it is answered, and whose shared calls it makes."""

    calls: int = 0
    per: int = 0  # one call more for every so many entries of the page
    at: str | None = None  # whose calls those are, where the person does not tell
    person: bool = False  # brings a person along
    titles: int = 0  # brings so many titles along
    titles_per: int = 0  # and one more for every so many entries of the page
    shared: Mapping[str, int] = field(default_factory=dict[str, int])  # one for so many entries
    free: frozenset[str] = frozenset()  # what has come along already
    left: frozenset[str] = frozenset()  # what the list makes for several at once
    values: int = 0  # as many as each entry takes time for, besides those that are answered

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
PERSON = Price(person=True)
LISTED = frozenset({NAMED, STANDING})  # a list has brought the title's row along
FOUND = Price(per=1, person=True, titles=1, free=LISTED)

PRICES: Mapping[str, Price] = {
    # PlayStation is asked who `me` is.
    "Query.viewer": Price(calls=1, at=PSN, person=True),
    "Query.user": PERSON,
    # One to find out what kind of set it is; a definition is nobody's, so nothing is earned.
    "Query.trophyTitle": Price(
        calls=2, titles=1, free=frozenset({GROUPS, PROGRESS, EARNED, *LISTED})
    ),
    "Query.node": FOUND,
    "Query.nodes": FOUND,
    "Query._entities": replace(FOUND, values=20),
    "Query.searchAccounts": Price(calls=2, shared={PRESENCE: 100}),
    # A search brings the profile along.
    "AccountEdge.node": Price(person=True, free=frozenset({PROFILE}), left=frozenset({PRESENCE})),
    "Query.psnOperation": Price(calls=1, at=PSN),
    "User.trophyTitle": Price(titles=1, free=LISTED),
    "TrophyTitleEdge.node": Price(titles=1, free=LISTED),
    # As many titles are opened as may hold an entry of the page.
    "User.achievements": Price(titles=4, titles_per=2, free=LISTED),
    "User.awards": Price(shared={STANDING: 200}),
    "Award.title": Price(titles=1, at=RETRO_ACHIEVEMENTS, left=frozenset({STANDING})),
    "Campaign.tasks": Price(calls=1, at=PSN),
    "PsnAccount.friends": Price(calls=1, at=PSN, shared={PROFILE: 100, PRESENCE: 100}),
    "PsnAccountEdge.node": Price(person=True, at=PSN, left=frozenset({PROFILE, PRESENCE})),
    "PsnAccount.messageGroups": Price(calls=2, per=50, at=PSN),
    "PsnAccount.messageGroup": Price(calls=2, at=PSN),
    "PsnMessageGroup.messages": Price(calls=1, at=PSN),
    "PsnGroupMember.account": Price(person=True, at=PSN),
    "PsnAccount.playedGames": Price(calls=1, at=PSN, shared={MATCHES: 5}),
    "PsnPlayedGame.trophyTitles": Price(titles=1, at=PSN, free=LISTED),
    "Mutation.removePsnFriend": Price(calls=2, at=PSN),
    "RemovePsnFriendPayload.removed": Price(person=True, at=PSN),
    "Mutation.createPsnMessageGroup": Price(calls=3, at=PSN),
    "Mutation.sendPsnMessage": Price(calls=2, at=PSN),
    "Mutation.uploadPsnResource": Price(calls=2, at=PSN),
    "Mutation.sendPsnResource": Price(calls=2, at=PSN),
}
