"""Source-neutral records: what every provider maps its upstream's responses to.

`None` means unknown, never zero or empty. Times are aware and in UTC. Ids are strings.
What only one source has is in the module of its records, such as `providers/psn_records.py`.
"""

from datetime import datetime
from enum import Enum, Flag, auto
from typing import Literal, NamedTuple

from msgspec import Struct


class Record(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The base of all records: immutable, and compared by value.

    What is unknown is left out where records are stored, which is most of many of them.
    """


# The counts of an account that a source may keep itself.
TotalName = Literal["titles", "earned", "earned_counts", "points", "awards"]


class Part(Flag):
    """The parts of a title's contents that a query needs; each may cost an upstream call.

    A provider loads the union of the requested parts, and may return more.
    """

    NONE = 0
    GROUPS = auto()  # names, details and icons of the groups, and their defined counts
    GROUP_PROGRESS = auto()  # what the player has earned in each group
    DEFINITIONS = auto()  # what there is to earn: names, descriptions, icons, grades
    EARNED = auto()  # what the player has earned, when, and the progress of the rest
    RARITY = auto()  # how many other players have earned it
    TITLE = auto()  # the title's own name, icon and defined counts
    TITLE_PROGRESS = auto()  # the player's own row of the title
    HIDDEN = auto()  # whether achievements are hidden, where only the definitions tell
    ACHIEVEMENT_PROGRESS = (
        auto()
    )  # progress of achievements without a title, where an extra call returns it
    # Facts of a title, which `HasTitleFacts` loads where its row lacks them.
    TITLE_POINTS = auto()
    TITLE_AWARD = auto()  # the highest award
    TITLE_DETAILS = auto()  # its players, and the description of the game
    PLAY_DURATION = auto()
    LAST_PLAYED = auto()

    # An enumeration's own operators take several times as long.
    __hash__ = object.__hash__

    def __and__(self, other: Flag) -> "Part":
        return PARTS_BY_VALUE[self._value_ & other._value_]

    def __or__(self, other: Flag) -> "Part":
        return PARTS_BY_VALUE[self._value_ | other._value_]


class PartsByValue(dict[int, Part]):
    """The parts, and the combinations of them that were used so far."""

    def __missing__(self, value: int) -> Part:
        """Return a combination that was not used before."""
        part = self[value] = Part(value)
        return part


PARTS_BY_VALUE = PartsByValue()


class TrophyGrade(Enum):
    """PlayStation's four trophy grades."""

    __hash__ = object.__hash__  # grades are keys of counts for each trophy

    BRONZE = "BRONZE"
    SILVER = "SILVER"
    GOLD = "GOLD"
    PLATINUM = "PLATINUM"


class RarityBand(Enum):
    """PlayStation's rarity bands, used for every source."""

    ULTRA_RARE = "ULTRA_RARE"
    VERY_RARE = "VERY_RARE"
    RARE = "RARE"
    COMMON = "COMMON"


class UnlockMode(Enum):
    """RetroAchievements' two modes of play."""

    HARDCORE = "HARDCORE"
    SOFTCORE = "SOFTCORE"


class AchievementTrigger(Enum):
    """What unlocks an achievement."""

    GAMEPLAY = "GAMEPLAY"
    METRIC = "METRIC"
    STREAK = "STREAK"
    API = "API"
    COMPOSITE = "COMPOSITE"
    OTHER = "OTHER"


class AwardKind(Enum):
    """What a RetroAchievements site award is given for."""

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


class Image(Record, frozen=True, kw_only=True):
    """An image, and the one shown while the achievement is locked."""

    url: str | None = None
    locked_url: str | None = None


class KeyValue(Record, frozen=True, kw_only=True):
    """A text under a key."""

    key: str
    value: str


class TrophyCounts(Record, frozen=True, kw_only=True):
    """The number of trophies of each PlayStation grade."""

    bronze: int = 0
    silver: int = 0
    gold: int = 0
    platinum: int = 0

    @property
    def total(self) -> int:
        """The number of trophies of all grades."""
        return self.bronze + self.silver + self.gold + self.platinum


class Profile(Record, frozen=True, kw_only=True):
    """An account on one source, with the fields that all sources have."""

    native_id: str
    handle: str
    display_name: str | None = None
    avatar: Image | None = None
    profile_url: str | None = None


class ProfilePage(Record, frozen=True, kw_only=True):
    """A page of search results, and the cursor of the next one."""

    profiles: tuple[Profile, ...]
    total: int | None = None
    next_cursor: str | None = None
    unread_count: int = 0  # rows that cannot be read


class FriendPage(Record, frozen=True, kw_only=True):
    """A page of an account's friends, by account id."""

    account_ids: tuple[str, ...]
    total: int | None = None
    next_offset: int | None = None
    unread_count: int = 0  # rows that cannot be read


class Presence(Record, frozen=True, kw_only=True):
    """Whether an account is online, in the words of its source."""

    online_status: str | None = None

    @property
    def is_online(self) -> bool | None:
        """Whether the player is there; None if the source does not tell."""
        return None if self.online_status is None else self.online_status.lower() != "offline"

    @property
    def running_id(self) -> str | None:
        """The id of the title or product that is played right now; None for none."""
        return None


class AchievementPoints(Record, frozen=True, kw_only=True):
    """The points of an achievement or a title, in the source's own unit."""

    value: int
    unit: str
    weighted: int | None = None


class TitleAward(Record, frozen=True, kw_only=True):
    """The highest award that a player has reached in a title."""

    kind: AwardKind
    awarded_at: datetime | None = None


class TitleInfo(Record, frozen=True, kw_only=True):
    """A source's description of the game itself.

    `released_at` is the first day of the month or year where no more is known.
    """

    publisher: str | None = None
    developer: str | None = None
    genre: str | None = None
    released_at: datetime | None = None
    box_art: Image | None = None
    title_screen: Image | None = None
    in_game: Image | None = None
    parent_native_id: str | None = None


class Title(Record, frozen=True, kw_only=True):
    """A game or set with achievements, as in an account's list or by its own definition.

    `progress` is in percent, from 0 to 100.
    """

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
    points: AchievementPoints | None = None
    earned_points: AchievementPoints | None = None
    play_duration_seconds: int | None = None
    last_played_at: datetime | None = None
    population: int | None = None
    highest_award: TitleAward | None = None
    info: TitleInfo | None = None
    # The latest time at which any of it can have been earned, where `last_updated_at` is not known.
    earned_until: datetime | None = None
    # Part of cache keys: they change when the definitions or the earned state do. Never shown.
    definition_version: str | None = None
    earned_version: str | None = None
    # Changes when something is earned, and with nothing else that a list tells. Never shown.
    unlock_version: str | None = None

    @property
    def sort_moment(self) -> datetime | None:
        """The time by which titles are ordered; nothing of the title was earned after it."""
        return self.last_updated_at or self.earned_until


FACT_PARTS = (
    Part.TITLE_POINTS
    | Part.TITLE_AWARD
    | Part.TITLE_DETAILS
    | Part.PLAY_DURATION
    | Part.LAST_PLAYED
)


class TitlePage(Record, frozen=True, kw_only=True):
    """A page of an account's titles, last updated first."""

    titles: tuple[Title, ...]
    total: int | None = None
    next_offset: int | None = None
    unread_count: int = 0  # rows that cannot be read


class PlayedTitle(Record, frozen=True, kw_only=True):
    """A title in a list of played ones, with the times of play that the list tells.

    A source that lists builds of games has no title here: it is found by `product_id`.
    """

    title: Title | None = None
    product_id: str | None = None
    last_played_at: datetime | None = None
    play_duration_seconds: int | None = None

    @classmethod
    def from_title(cls, title: Title) -> "PlayedTitle":
        """Build the row of a title that has the times itself."""
        return cls(
            title=title,
            last_played_at=title.last_played_at,
            play_duration_seconds=title.play_duration_seconds,
        )


class PlayedTitlePage(Record, frozen=True, kw_only=True):
    """A page of the titles that an account has played, last played first."""

    titles: tuple[PlayedTitle, ...]
    total: int | None = None
    next_offset: int | None = None
    unread_count: int = 0  # rows that cannot be read


class Group(Record, frozen=True, kw_only=True):
    """A title's group of achievements; `progress` is in percent, from 0 to 100."""

    native_id: str
    name: str | None = None
    detail: str | None = None
    icon: Image | None = None
    defined_counts: TrophyCounts | None = None
    earned_counts: TrophyCounts | None = None
    progress: int | None = None
    last_updated_at: datetime | None = None


class Rarity(Record, frozen=True, kw_only=True):
    """The share of players who earned it, in percent from 0 to 100, and the counts behind it."""

    percent: float
    band: RarityBand
    earners: int | None = None
    population: int | None = None
    hardcore_percent: float | None = None
    hardcore_earners: int | None = None


class AchievementProgress(Record, frozen=True, kw_only=True):
    """The progress of a counter; `percent` is from 0 to 100."""

    current: float
    target: float
    percent: float
    updated_at: datetime | None = None


class TriggerDetail(Record, frozen=True, kw_only=True):
    """The condition of a trigger."""

    metric_id: str | None = None
    metric_name: str | None = None
    metric_value: float | None = None
    streak_length: int | None = None
    prerequisite_ids: tuple[str, ...] | None = None


class AchievementReward(Record, frozen=True, kw_only=True):
    """What the player gets for an achievement besides points."""

    name: str | None = None
    image: Image | None = None


class Achievement(Record, frozen=True, kw_only=True):
    """One thing to earn, merged with the player's earned state.

    `earned` is `None` without a player. It may be true while `earned_at` is unknown.
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
    """The requested parts of a title's contents, in the source's order."""

    title: Title | None = None
    groups: tuple[Group, ...] | None = None
    achievements: tuple[Achievement, ...] | None = None


class Unlock(Record, frozen=True, kw_only=True):
    """An earned achievement, and the title it belongs to."""

    title: Title
    achievement: Achievement


class Period(NamedTuple):
    """A span of time: `since` is included, and `until` is left out; None is no bound."""

    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_bounded(self) -> bool:
        """Whether there is any bound."""
        return self != ALL_TIME

    @property
    def is_empty(self) -> bool:
        """Whether no time is in it."""
        return self.since is not None and self.until is not None and self.since >= self.until

    def contains(self, when: datetime | None) -> bool:
        """Return whether a time is in the period; an unknown one is only in one without bounds."""
        if when is None:
            return not self.is_bounded
        is_late_enough = self.since is None or when >= self.since
        return is_late_enough and (self.until is None or when < self.until)


ALL_TIME = Period()


class UnlockPage(Record, frozen=True, kw_only=True):
    """All unlocks of a period, newest first; the next page has those before `next_before`.

    `is_complete` is false if the source does not list all of them.
    """

    unlocks: tuple[Unlock, ...]
    next_before: datetime | None = None
    is_complete: bool = True


class Award(Record, frozen=True, kw_only=True):
    """A RetroAchievements site award. The upstream gives no id, so `native_id` is built here."""

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
    """The source's own counts of awards, which include hidden ones."""

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


def round_percent(percent: float) -> float:
    """Round a share of players to the two digits that are shown."""
    return round(percent, 2)


def get_rarity_band(percent: float) -> RarityBand:
    """Return PlayStation's band: up to 5, 15 and 50 percent, and above."""
    for limit, band in (
        (5, RarityBand.ULTRA_RARE),
        (15, RarityBand.VERY_RARE),
        (50, RarityBand.RARE),
    ):
        if percent <= limit:
            return band
    return RarityBand.COMMON
