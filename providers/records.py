"""Source-neutral facts: what every provider decodes its upstream into.

`None` is unknown, never zero or empty. Times are aware and in UTC. Ids are text.
"""

from datetime import datetime
from enum import Enum, Flag, auto
from typing import Literal

from msgspec import Struct


class Record(Struct, frozen=True, kw_only=True, gc=False):
    """The base of all records: immutable, compared by value, cheap to make and to store."""


class AchievementState(Enum):
    """Which achievements are meant."""

    EARNED = "EARNED"
    LOCKED = "LOCKED"
    ALL = "ALL"


class TitleOrder(Enum):
    """What comes first in a list of titles."""

    LAST_UPDATED = "LAST_UPDATED"
    FEWEST_LEFT = "FEWEST_LEFT"
    HIGHEST_PROGRESS = "HIGHEST_PROGRESS"


class TitleCompletion(Enum):
    """How far the player is with a title."""

    ANY = "ANY"
    NOT_STARTED = "NOT_STARTED"
    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"


class TrophyGrade(Enum):
    """PlayStation's four grades."""

    BRONZE = "BRONZE"
    SILVER = "SILVER"
    GOLD = "GOLD"
    PLATINUM = "PLATINUM"


class RarityBand(Enum):
    """PlayStation's bands, used for every source."""

    ULTRA_RARE = "ULTRA_RARE"
    VERY_RARE = "VERY_RARE"
    RARE = "RARE"
    COMMON = "COMMON"


class UnlockMode(Enum):
    """RetroAchievements' two ways to play."""

    HARDCORE = "HARDCORE"
    SOFTCORE = "SOFTCORE"


class AchievementTrigger(Enum):
    """What makes an achievement unlock."""

    GAMEPLAY = "GAMEPLAY"
    METRIC = "METRIC"
    STREAK = "STREAK"
    API = "API"
    COMPOSITE = "COMPOSITE"
    OTHER = "OTHER"


class AwardKind(Enum):
    """What a RetroAchievements site award is for."""

    MASTERED = "MASTERED"
    COMPLETED = "COMPLETED"
    BEATEN_HARDCORE = "BEATEN_HARDCORE"
    BEATEN_SOFTCORE = "BEATEN_SOFTCORE"
    EVENT = "EVENT"
    SITE_EVENT = "SITE_EVENT"
    UNLOCKS_YIELD = "UNLOCKS_YIELD"
    POINTS_YIELD = "POINTS_YIELD"
    PATREON_SUPPORTER = "PATREON_SUPPORTER"
    CERTIFIED_LEGEND = "CERTIFIED_LEGEND"
    PLAYTEST = "PLAYTEST"
    MEDIA_CONTRIBUTION = "MEDIA_CONTRIBUTION"
    OTHER = "OTHER"


class CampaignRewardType(Enum):
    """What a PlayStation Stars campaign pays."""

    POINTS = "POINTS"
    COLLECTIBLE = "COLLECTIBLE"
    OTHER = "OTHER"


class CampaignStatus(Enum):
    """How far the account is with a campaign or one of its tasks."""

    NOT_REGISTERED = "NOT_REGISTERED"
    AUTO_REGISTERED = "AUTO_REGISTERED"
    REGISTERED = "REGISTERED"
    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    EXPIRED = "EXPIRED"
    OTHER = "OTHER"


class CollectibleRarity(Enum):
    """How rare a PlayStation Stars collectible is."""

    COMMON = "COMMON"
    UNCOMMON = "UNCOMMON"
    RARE = "RARE"
    HEROIC = "HEROIC"
    LEGENDARY = "LEGENDARY"
    MYTHIC = "MYTHIC"
    OTHER = "OTHER"


class Part(Flag):
    """The parts of a title's contents that a question may need; each may cost a call of its own.

    A provider loads the union that was asked for, and may return more than that.
    """

    NONE = 0
    GROUPS = auto()  # names, details and icons of the groups, and what they define
    GROUP_PROGRESS = auto()  # what the player earned in each group
    DEFINITIONS = auto()  # what there is to earn: names, descriptions, icons, grades
    EARNED = auto()  # what the player has earned, when, and how far the rest is
    RARITY = auto()  # how many other players earned it
    TITLE = auto()  # the title's own name, icon and defined counts
    TITLE_PROGRESS = auto()  # the player's own row of the title
    ACHIEVEMENT_PROGRESS = (
        auto()
    )  # how far loose achievements are, where their counts are kept elsewhere


class Image(Record, frozen=True, kw_only=True):
    """A picture, and the one shown while locked."""

    url: str | None = None
    locked_url: str | None = None


class TrophyCounts(Record, frozen=True, kw_only=True):
    """How many of each PlayStation grade."""

    bronze: int = 0
    silver: int = 0
    gold: int = 0
    platinum: int = 0

    @property
    def total(self) -> int:
        """All grades together."""
        return self.bronze + self.silver + self.gold + self.platinum


class KeyValue(Record, frozen=True, kw_only=True):
    """A named text."""

    key: str
    value: str


class Profile(Record, frozen=True, kw_only=True):
    """One account on one source, as far as all sources tell of it."""

    native_id: str
    handle: str
    display_name: str | None = None
    avatar: Image | None = None
    profile_url: str | None = None


class PsnProfile(Profile, frozen=True, kw_only=True):
    """A PlayStation account as its profile shows it."""

    online_id: str | None = None
    np_id: str | None = None
    about_me: str | None = None
    is_plus: bool | None = None
    country: str | None = None
    languages: tuple[str, ...] | None = None
    friend_relation: str | None = None


class RetroAchievementsProfile(Profile, frozen=True, kw_only=True):
    """A RetroAchievements account as its profile shows it."""

    points: int | None = None
    softcore_points: int | None = None
    true_points: int | None = None
    member_since: datetime | None = None
    motto: str | None = None
    rich_presence: str | None = None


class TrophySoProfile(Profile, frozen=True, kw_only=True):
    """A Trophy.so user."""

    time_zone: str | None = None
    created_at: datetime | None = None


class TrophySoStreak(Record, frozen=True, kw_only=True):
    """A Trophy.so user's streak: its length in periods, and the period."""

    length: int
    frequency: str


class TrophySoMetric(Record, frozen=True, kw_only=True):
    """A Trophy.so metric and where the user stands."""

    id: str
    key: str
    name: str
    current: float


class PsnTrophySummary(Record, frozen=True, kw_only=True):
    """Level 1 to 999, progress to the next in percent, tier 1 to 10, and trophy points."""

    level: int
    level_progress: int
    tier: int
    points: int | None = None
    earned_counts: TrophyCounts


# What a source may count for an account by itself.
TotalName = Literal["titles", "earned", "earned_counts", "points", "awards"]


class Title(Record, frozen=True, kw_only=True):
    """A game or set with achievements, as an account's list or its own definition shows it."""

    native_id: str
    name: str | None = None
    detail: str | None = None
    icon: Image | None = None
    platforms: tuple[str, ...] | None = None
    service_name: str | None = None
    set_version: str | None = None
    has_groups: bool | None = None
    hidden_by_owner: bool | None = None
    defined_counts: TrophyCounts | None = None
    earned_counts: TrophyCounts | None = None
    achievement_count: int | None = None
    earned_count: int | None = None
    progress: int | None = None
    last_updated_at: datetime | None = None
    # What tells that anything below has changed; never shown.
    definition_version: str | None = None
    earned_version: str | None = None


class TitlePage(Record, frozen=True, kw_only=True):
    """A stretch of an account's titles, last updated first."""

    titles: tuple[Title, ...]
    total: int | None = None
    next_offset: int | None = None


class Group(Record, frozen=True, kw_only=True):
    """A title's group of achievements."""

    native_id: str
    name: str | None = None
    detail: str | None = None
    icon: Image | None = None
    defined_counts: TrophyCounts | None = None
    earned_counts: TrophyCounts | None = None
    progress: int | None = None
    last_updated_at: datetime | None = None


class Rarity(Record, frozen=True, kw_only=True):
    """How many players earned it: percent from 0 to 100, and the counters behind it."""

    percent: float
    band: RarityBand
    earners: int | None = None
    population: int | None = None
    hardcore_percent: float | None = None
    hardcore_earners: int | None = None


class AchievementPoints(Record, frozen=True, kw_only=True):
    """What it is worth, in the source's own unit."""

    value: int
    unit: str
    weighted: int | None = None


class AchievementProgress(Record, frozen=True, kw_only=True):
    """How far a counter is: percent from 0 to 100."""

    current: float
    target: float
    percent: float
    updated_at: datetime | None = None


class TriggerDetail(Record, frozen=True, kw_only=True):
    """What the trigger waits for."""

    metric_id: str | None = None
    metric_name: str | None = None
    metric_value: float | None = None
    streak_length: int | None = None
    prerequisite_ids: tuple[str, ...] | None = None


class AchievementReward(Record, frozen=True, kw_only=True):
    """What the player gets besides."""

    name: str | None = None
    image: Image | None = None


class Achievement(Record, frozen=True, kw_only=True):
    """One thing to earn, joined with what the player did about it.

    `earned` is `None` when no player was asked about, and may be true without a time.
    """

    native_id: str
    group_id: str | None = None
    key: str | None = None
    name: str | None = None
    description: str | None = None
    icon: Image | None = None
    hidden: bool = False
    earned: bool | None = None
    earned_at: datetime | None = None
    unlock_mode: UnlockMode | None = None
    earned_at_softcore: datetime | None = None
    grade: TrophyGrade | None = None
    points: AchievementPoints | None = None
    rarity: Rarity | None = None
    progress: AchievementProgress | None = None
    trigger: AchievementTrigger = AchievementTrigger.GAMEPLAY
    raw_trigger: str | None = None
    trigger_detail: TriggerDetail | None = None
    kind: str | None = None
    reward: AchievementReward | None = None
    user_attributes: tuple[KeyValue, ...] | None = None
    event_attributes: tuple[KeyValue, ...] | None = None


class Contents(Record, frozen=True, kw_only=True):
    """What is inside a title: as many of the parts as were asked for, in the source's own order."""

    title: Title | None = None
    groups: tuple[Group, ...] | None = None
    achievements: tuple[Achievement, ...] | None = None


class Unlock(Record, frozen=True, kw_only=True):
    """An achievement at the moment it was earned, and the title it belongs to."""

    title: Title
    achievement: Achievement


class UnlockPage(Record, frozen=True, kw_only=True):
    """All unlocks of a stretch of time, newest first; those up to `reaches` are still to come."""

    unlocks: tuple[Unlock, ...]
    next_before: datetime | None = None


class Award(Record, frozen=True, kw_only=True):
    """A RetroAchievements site award. `native_id` is made by us: the upstream gives none."""

    native_id: str
    kind: AwardKind
    raw_type: str
    name: str | None = None
    awarded_at: datetime | None = None
    icon: Image | None = None
    mode: UnlockMode | None = None
    platform_id: str | None = None
    platform_name: str | None = None
    display_order: int | None = None
    flags: int | None = None
    native_data: int | None = None
    native_data_extra: int | None = None
    title_id: str | None = None


class AwardSummary(Record, frozen=True, kw_only=True):
    """The counts as the source gives them, hidden awards included."""

    total: int
    hidden: int
    mastery: int
    completion: int
    beaten_hardcore: int
    beaten_softcore: int
    event: int
    site: int


class Awards(Record, frozen=True, kw_only=True):
    """All visible awards of an account, newest first."""

    awards: tuple[Award, ...]
    summary: AwardSummary | None = None


class Media(Record, frozen=True, kw_only=True):
    """A picture or a film. `is_video` is read off the address."""

    url: str | None = None
    alt_text: str | None = None
    role: str | None = None
    type: str | None = None
    is_video: bool = False


class Collectible(Record, frozen=True, kw_only=True):
    """What a campaign pays when it pays in kind."""

    native_id: str
    name: str | None = None
    rarity: CollectibleRarity
    raw_rarity: str | None = None
    assets: tuple[Media, ...] = ()


class CampaignTask(Record, frozen=True, kw_only=True):
    """One step of a campaign."""

    native_id: str
    description: str | None = None
    concept_id: str | None = None
    product_id: str | None = None
    progress: int | None = None
    status: CampaignStatus
    raw_status: str


class Campaign(Record, frozen=True, kw_only=True):
    """A PlayStation Stars campaign and how far the account is."""

    native_id: str
    group_id: str | None = None
    group_name: str | None = None
    name: str | None = None
    description: str | None = None
    reward_type: CampaignRewardType
    points: int | None = None
    display_points: str | None = None
    collectible: Collectible | None = None
    images: tuple[Media, ...] = ()
    product_id: str | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    remaining_seconds: int | None = None
    progress: int | None = None
    status: CampaignStatus
    raw_status: str
    is_new: bool | None = None
    is_registrable: bool | None = None
    tasks: tuple[CampaignTask, ...] | None = None


def get_rarity_band(percent: float) -> RarityBand:
    """PlayStation's table: up to 5, 15, 50 percent, above."""
    for limit, band in (
        (5, RarityBand.ULTRA_RARE),
        (15, RarityBand.VERY_RARE),
        (50, RarityBand.RARE),
    ):
        if percent <= limit:
            return band
    return RarityBand.COMMON


class PersistedQuery(Record, frozen=True, kw_only=True):
    """An operation that an upstream keeps under a hash; it may be known by several."""

    name: str
    sha256_hash: str
    host: str
    needs_sign_in: bool
    writes: bool
    retired: bool


class SourceState(Enum):
    """Why a source's part of an answer is there, old, or missing."""

    OK = "OK"
    STALE = "STALE"
    NOT_CONFIGURED = "NOT_CONFIGURED"
    NOT_LINKED = "NOT_LINKED"
    NOT_FOUND = "NOT_FOUND"
    PRIVATE = "PRIVATE"
    NOT_ENROLLED = "NOT_ENROLLED"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    RATE_LIMITED = "RATE_LIMITED"
    UNAVAILABLE = "UNAVAILABLE"
    RETIRED = "RETIRED"


class ProfilePage(Record, frozen=True, kw_only=True):
    """A stretch of a search's hits, and what continues it."""

    profiles: tuple[Profile, ...]
    total: int | None = None
    next_cursor: str | None = None


class FriendPage(Record, frozen=True, kw_only=True):
    """A stretch of an account's friends, by account id."""

    account_ids: tuple[str, ...]
    total: int | None = None
    next_offset: int | None = None


class PsnPresence(Record, frozen=True, kw_only=True):
    """Whether a PlayStation account is online, where, and what it plays there."""

    online_status: str | None = None
    platform: str | None = None
    last_online_at: datetime | None = None
    title_name: str | None = None
    np_title_id: str | None = None


class PsnPlayedGame(Record, frozen=True, kw_only=True):
    """A product build that a PlayStation account played, and for how long."""

    np_title_id: str
    concept_id: str | None = None
    name: str | None = None
    image: Image | None = None
    category: str | None = None
    play_count: int | None = None
    play_duration_seconds: int | None = None
    first_played_at: datetime | None = None
    last_played_at: datetime | None = None


class PsnPlayedGamePage(Record, frozen=True, kw_only=True):
    """A stretch of an account's played games, last played first."""

    games: tuple[PsnPlayedGame, ...]
    total: int | None = None
    next_offset: int | None = None


class PsnMessageType(Enum):
    """What a PlayStation message is."""

    TEXT = "TEXT"
    IMAGE = "IMAGE"
    VIDEO = "VIDEO"
    VOICE = "VOICE"
    STICKER = "STICKER"
    EVENT = "EVENT"
    OTHER = "OTHER"


class PsnResourceKind(Enum):
    """As what a resource is sent."""

    IMAGE = "IMAGE"
    STICKER = "STICKER"
    VOICE = "VOICE"


class PsnGroupMember(Record, frozen=True, kw_only=True):
    """Who takes part in a group, or wrote a message."""

    account_id: str
    online_id: str | None = None


class PsnMessage(Record, frozen=True, kw_only=True):
    """One message of a thread."""

    uid: str
    type: PsnMessageType
    raw_type: int
    body: str | None = None
    created_at: datetime | None = None
    sender: PsnGroupMember | None = None
    resource_id: str | None = None
    sticker_url: str | None = None


class PsnMessagePage(Record, frozen=True, kw_only=True):
    """A stretch of a thread, newest first; `next_before` is the uid before which it goes on."""

    messages: tuple[PsnMessage, ...]
    next_before: str | None = None


class PsnMessageGroup(Record, frozen=True, kw_only=True):
    """A conversation. Without a name of its own it is called after its other members."""

    native_id: str
    name: str | None = None
    members: tuple[PsnGroupMember, ...] | None = None
    main_thread_id: str | None = None
    latest_message: PsnMessage | None = None
    modified_at: datetime | None = None


class PsnMessageGroupPage(Record, frozen=True, kw_only=True):
    """A stretch of the viewer's groups, last modified first."""

    groups: tuple[PsnMessageGroup, ...]
    total: int | None = None
    next_offset: int | None = None


class PsnResourceContent(Record, frozen=True, kw_only=True):
    """A resource's bytes, and what the upstream calls them."""

    content: bytes
    content_type: str


class CreatedPsnGroup(Record, frozen=True, kw_only=True):
    """A group that is there now; one for two people may have been there before."""

    group_id: str
    thread_id: str
    all_invited: bool


class SentPsnMessage(Record, frozen=True, kw_only=True):
    """A message that was accepted."""

    message_uid: str
    thread_id: str
    created_at: datetime | None = None
