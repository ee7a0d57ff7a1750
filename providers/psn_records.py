"""Records of what only PSN has: profiles, presence, messages, Stars, persisted operations.

The rules of `providers/records.py` apply. The module stands beside it, and not in the source's
folder, because capabilities and resolvers know these records and no source.
"""

from datetime import datetime
from enum import Enum

from providers.records import Image, Presence, Profile, Record, TrophyCounts


class PsnProfile(Profile, frozen=True, kw_only=True):
    """A PlayStation account with the fields of its profile."""

    online_id: str | None = None
    np_id: str | None = None
    about_me: str | None = None
    is_plus: bool | None = None
    country: str | None = None
    languages: tuple[str, ...] | None = None
    friend_relation: str | None = None


class PsnTrophySummary(Record, frozen=True, kw_only=True):
    """A PlayStation account's trophy level.

    The level is from 1 to 999, the progress to the next one in percent, the tier from 1 to 10.
    """

    level: int | None = None
    level_progress: int | None = None
    tier: int | None = None
    points: int | None = None
    earned_counts: TrophyCounts | None = None


class PsnPresence(Presence, frozen=True, kw_only=True):
    """Whether a PlayStation account is online, on which platform, and what it is playing."""

    platform: str | None = None
    last_online_at: datetime | None = None
    title_name: str | None = None
    np_title_id: str | None = None

    @property
    def running_id(self) -> str | None:
        """The id of the product build that is played right now."""
        return self.np_title_id


class PsnPlayedGame(Record, frozen=True, kw_only=True):
    """A product build that a PlayStation account has played."""

    np_title_id: str
    concept_id: str | None = None
    name: str | None = None
    image: Image | None = None
    category: str | None = None
    play_count: int | None = None
    play_duration_seconds: int | None = None
    first_played_at: datetime | None = None
    last_played_at: datetime | None = None

    @property
    def native_id(self) -> str:
        """The id of the product build."""
        return self.np_title_id


class PsnPlayedGamePage(Record, frozen=True, kw_only=True):
    """A page of an account's played games, last played first."""

    games: tuple[PsnPlayedGame, ...]
    total: int | None = None
    next_offset: int | None = None
    unread_count: int = 0  # rows that cannot be read


class PsnMessageType(Enum):
    """The type of a PlayStation message."""

    TEXT = "TEXT"
    IMAGE = "IMAGE"
    VIDEO = "VIDEO"
    VOICE = "VOICE"
    STICKER = "STICKER"
    EVENT = "EVENT"
    OTHER = "OTHER"


class PsnResourceKind(Enum):
    """The kind of message that a resource is sent as."""

    IMAGE = "IMAGE"
    STICKER = "STICKER"
    VOICE = "VOICE"


class PsnGroupMember(Record, frozen=True, kw_only=True):
    """A member of a message group, or the sender of a message."""

    account_id: str
    online_id: str | None = None


class PsnMessage(Record, frozen=True, kw_only=True):
    """A message of a thread."""

    uid: str
    type: PsnMessageType
    raw_type: int
    body: str | None = None
    created_at: datetime | None = None
    sender: PsnGroupMember | None = None
    resource_id: str | None = None
    sticker_url: str | None = None


class PsnMessagePage(Record, frozen=True, kw_only=True):
    """A page of a thread, newest first; the next page is older than the uid `next_before`."""

    messages: tuple[PsnMessage, ...]
    next_before: str | None = None


class PsnMessageGroup(Record, frozen=True, kw_only=True):
    """A conversation. One without a name is shown by the names of its other members."""

    native_id: str
    name: str | None = None
    members: tuple[PsnGroupMember, ...] | None = None
    main_thread_id: str | None = None
    latest_message: PsnMessage | None = None
    modified_at: datetime | None = None


class PsnMessageGroupPage(Record, frozen=True, kw_only=True):
    """A page of the viewer's message groups, last modified first."""

    groups: tuple[PsnMessageGroup, ...]
    total: int | None = None
    next_offset: int | None = None
    unread_count: int = 0  # rows that cannot be read


class PsnResourceContent(Record, frozen=True, kw_only=True):
    """A resource's bytes, with the upstream's media type."""

    content: bytes
    content_type: str


class CreatedPsnGroup(Record, frozen=True, kw_only=True):
    """A message group after its creation; one for two people may have existed before."""

    group_id: str
    thread_id: str
    all_invited: bool


class SentPsnMessage(Record, frozen=True, kw_only=True):
    """A message that the upstream accepted."""

    message_uid: str
    thread_id: str
    created_at: datetime | None = None


class CampaignRewardType(Enum):
    """What a PlayStation Stars campaign rewards with."""

    POINTS = "POINTS"
    COLLECTIBLE = "COLLECTIBLE"
    OTHER = "OTHER"


class CampaignStatus(Enum):
    """The account's state in a campaign or one of its tasks."""

    NOT_REGISTERED = "NOT_REGISTERED"
    AUTO_REGISTERED = "AUTO_REGISTERED"
    REGISTERED = "REGISTERED"
    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    EXPIRED = "EXPIRED"
    OTHER = "OTHER"


class CollectibleRarity(Enum):
    """The rarity of a PlayStation Stars collectible."""

    COMMON = "COMMON"
    UNCOMMON = "UNCOMMON"
    RARE = "RARE"
    HEROIC = "HEROIC"
    LEGENDARY = "LEGENDARY"
    MYTHIC = "MYTHIC"
    OTHER = "OTHER"


class Media(Record, frozen=True, kw_only=True):
    """An image or a video; the upstream does not say which, so `is_video` comes from the URL."""

    url: str | None = None
    alt_text: str | None = None
    role: str | None = None
    type: str | None = None
    is_video: bool = False


class Collectible(Record, frozen=True, kw_only=True):
    """The digital collectible that a campaign rewards with."""

    native_id: str
    name: str | None = None
    rarity: CollectibleRarity
    raw_rarity: str | None = None
    assets: tuple[Media, ...] = ()


class CampaignTask(Record, frozen=True, kw_only=True):
    """One task of a campaign."""

    native_id: str
    description: str | None = None
    concept_id: str | None = None
    product_id: str | None = None
    progress: int | None = None
    status: CampaignStatus
    raw_status: str


class Campaign(Record, frozen=True, kw_only=True):
    """A PlayStation Stars campaign with the account's progress."""

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


class PersistedQuery(Record, frozen=True, kw_only=True):
    """An operation that PSN stores under a hash; one operation may have several hashes."""

    name: str
    sha256_hash: str
    host: str
    needs_sign_in: bool
    writes: bool
    retired: bool
