"""The upstream's JSON, as far as it is read: that of Xbox Live, inside OpenXBL's envelope."""

from msgspec import field

from providers.kit.upstream.decode import FiniteFloat, Model, NonNegativeInt32


class Setting(Model, kw_only=True):
    """One value of a profile; missing ones are left out, and unset ones are empty."""

    id: str
    value: str | None = None


class ProfileUser(Model, kw_only=True, rename="camel"):
    """An account as a list of settings."""

    id: str
    settings: list[Setting] = field(default_factory=list[Setting])


class PersonDetail(Model, kw_only=True, rename="camel"):
    """What only some lists of people have."""

    account_tier: str | None = None
    bio: str | None = None
    location: str | None = None
    tenure: str | None = None


class Person(Model, kw_only=True, rename="camel"):
    """An account in a list of people."""

    xuid: str
    gamertag: str | None = None
    modern_gamertag: str | None = None
    modern_gamertag_suffix: str | None = None
    unique_modern_gamertag: str | None = None
    display_pic_raw: str | None = None
    gamer_score: str | None = None
    xbox_one_rep: str | None = None
    detail: PersonDetail | None = None


class Accounts(Model, kw_only=True, rename="camel"):
    """Accounts in either of two forms; without one of these lists it is no list of accounts."""

    people: list[Person] | None = None
    profile_users: list[ProfileUser] | None = None


class Activity(Model, kw_only=True, rename="camel"):
    """What a title tells of what is done in it."""

    rich_presence: str | None = None


class PresenceTitle(Model, kw_only=True, rename="camel"):
    """A title that runs on a device."""

    id: str | None = None
    name: str | None = None
    placement: str | None = None
    state: str | None = None
    activity: Activity | None = None


class PresenceDevice(Model, kw_only=True, rename="camel"):
    """A device that an account is signed in on."""

    titles: list[PresenceTitle] = field(default_factory=list[PresenceTitle])


class Presence(Model, kw_only=True, rename="camel"):
    """Whether an account is online; one that hides it is offline."""

    xuid: str
    state: str | None = None
    devices: list[PresenceDevice] = field(default_factory=list[PresenceDevice])


class TitleAchievement(Model, kw_only=True, rename="camel"):
    """What an account has earned in a title; the total is 0 for most modern ones."""

    current_achievements: NonNegativeInt32 | None = None
    total_achievements: NonNegativeInt32 | None = None
    current_gamerscore: NonNegativeInt32 | None = None
    total_gamerscore: NonNegativeInt32 | None = None
    source_version: int | None = None


class TitleHistory(Model, kw_only=True, rename="camel"):
    """When a title was last played, and whether others see it."""

    last_time_played: str | None = None
    visible: bool | None = None


class TitleImage(Model, kw_only=True, rename="camel"):
    """An image of a title."""

    type: str | None = None
    url: str | None = None


class TitleDetail(Model, kw_only=True, rename="camel"):
    """The store's description of a title; many titles lack it."""

    publisher_name: str | None = None
    developer_name: str | None = None
    genres: list[str] | None = None
    release_date: str | None = None


class Title(Model, kw_only=True, rename="camel"):
    """A title of an account's list."""

    title_id: str
    name: str | None = None
    media_item_type: str | None = None
    devices: list[str] | None = None
    display_image: str | None = None
    achievement: TitleAchievement | None = None
    title_history: TitleHistory | None = None
    images: list[TitleImage] | None = None
    detail: TitleDetail | None = None


class Statistic(Model, kw_only=True):
    """A number of a title, as a text; one that the upstream does not have has none."""

    titleid: str | None = None
    value: FiniteFloat | None = None


class StatisticList(Model, kw_only=True):
    """The numbers of one account."""

    stats: list[Statistic] = field(default_factory=list[Statistic])


class Statistics(Model, kw_only=True):
    """POST player/stats."""

    statlistscollection: list[StatisticList]


class Titles(Model, kw_only=True, rename="camel"):
    """All titles of an account, last played first."""

    titles: list[Title]


class Requirement(Model, kw_only=True, rename="camel"):
    """A number that an achievement asks for, as texts."""

    current: str | None = None
    target: str | None = None


class Progression(Model, kw_only=True, rename="camel"):
    """How far a player is."""

    requirements: list[Requirement] | None = None
    time_unlocked: str | None = None


class MediaAsset(Model, kw_only=True, rename="camel"):
    """An image."""

    type: str | None = None
    url: str | None = None


class Reward(Model, kw_only=True, rename="camel"):
    """What a player gets: gamerscore, or something in the game."""

    type: str | None = None
    name: str | None = None
    value: str | None = None
    media_asset: MediaAsset | None = None


class Rarity(Model, kw_only=True, rename="camel"):
    """How many players have an achievement."""

    current_category: str | None = None
    current_percentage: FiniteFloat | None = None


class TitleAssociation(Model, kw_only=True, rename="camel"):
    """A title that an achievement belongs to."""

    id: str | None = None
    name: str | None = None


class PagingInfo(Model, kw_only=True, rename="camel"):
    """The length of a whole list, and where it goes on."""

    continuation_token: str | None = None
    total_records: NonNegativeInt32 | None = None


class ModernAchievement(Model, kw_only=True, rename="camel"):
    """An achievement of Xbox One, Series or a PC, with the player's state."""

    id: str
    name: str | None = None
    title_associations: list[TitleAssociation] = field(default_factory=list[TitleAssociation])
    progress_state: str | None = None
    progression: Progression | None = None
    media_assets: list[MediaAsset] = field(default_factory=list[MediaAsset])
    is_secret: bool = False
    description: str | None = None
    locked_description: str | None = None
    achievement_type: str | None = None
    rewards: list[Reward] = field(default_factory=list[Reward])
    is_revoked: bool = False
    rarity: Rarity | None = None


class ModernAchievements(Model, kw_only=True, rename="camel"):
    """The achievements of a modern title; none for a title of Xbox 360."""

    achievements: list[ModernAchievement]
    paging_info: PagingInfo | None = None


class X360Achievement(Model, kw_only=True, rename="camel"):
    """An achievement of Xbox 360; `unlocked_online` is false for one that was earned offline."""

    id: int
    name: str | None = None
    unlocked: bool = False
    unlocked_online: bool = False
    is_secret: bool = False
    gamerscore: NonNegativeInt32 | None = None
    image_id: int | None = None
    image_resolved: str | None = None
    description: str | None = None
    locked_description: str | None = None
    is_revoked: bool = False
    time_unlocked: str | None = None
    rarity: Rarity | None = None


class X360Achievements(Model, kw_only=True, rename="camel"):
    """The achievements of a title of Xbox 360: all without a player, or what one has unlocked."""

    achievements: list[X360Achievement]
    paging_info: PagingInfo | None = None
