"""Responses of the profile, presence, friend, search and game list services."""

from typing import Annotated

from msgspec import Meta, field

from providers.kit.upstream.decode import Int32, Model, NonNegativeInt32

ConceptId = Annotated[int, Meta(ge=0, lt=2**53)]


class Avatar(Model, kw_only=True):
    """An avatar in one size; the legacy service sends `avatarUrl` instead of `url`."""

    size: str | None = None
    url: str | None = None
    avatar_url: str | None = field(name="avatarUrl", default=None)


class ProfileByOnlineId(Model, kw_only=True):
    """The legacy service's profile, requested by online id."""

    account_id: str | None = field(name="accountId", default=None)
    online_id: str | None = field(name="onlineId", default=None)
    current_online_id: str | None = field(name="currentOnlineId", default=None)
    np_id: str | None = field(name="npId", default=None)
    avatars: list[Avatar] | None = field(name="avatarUrls", default=None)
    plus: bool | Int32 | None = None
    about_me: str | None = field(name="aboutMe", default=None)
    languages: list[str] | None = field(name="languagesUsed", default=None)
    friend_relation: str | None = field(name="friendRelation", default=None)


class ProfileByOnlineIdResponse(Model, kw_only=True):
    """The response to a request by online id."""

    profile: ProfileByOnlineId


class ProfileByAccountId(Model, kw_only=True):
    """The newer service's profile, requested by account id, which it does not repeat."""

    online_id: str | None = field(name="onlineId", default=None)
    avatars: list[Avatar] | None = None
    plus: bool | Int32 | None = field(name="isPlus", default=None)
    about_me: str | None = field(name="aboutMe", default=None)
    languages: list[str] | None = None


class ProfilesResponse(Model, kw_only=True):
    """Profiles in the order of the requested account ids; only the position says whose one is."""

    profiles: list[ProfileByAccountId | None]


class OwnAccountResponse(Model, kw_only=True):
    """The account that the access token belongs to."""

    account_id: str = field(name="accountId")


class PlatformInfo(Model, kw_only=True):
    """Online status and platform; `lastOnlineDate` is sent only while the account is offline."""

    online_status: str | None = field(name="onlineStatus", default=None)
    platform: str | None = None
    last_online: str | None = field(name="lastOnlineDate", default=None)


class RunningTitle(Model, kw_only=True):
    """A game that is running."""

    np_title_id: str | None = field(name="npTitleId", default=None)
    name: str | None = field(name="titleName", default=None)


class PresenceRow(Model, kw_only=True):
    """An account's presence; `accountId` is sent only in a batch."""

    account_id: str | None = field(name="accountId", default=None)
    platform: PlatformInfo | None = field(name="primaryPlatformInfo", default=None)
    titles: list[RunningTitle] | None = field(name="gameTitleInfoList", default=None)


class PresenceResponse(Model, kw_only=True):
    """The presence of one account."""

    presence: PresenceRow = field(name="basicPresence")


class PresencesResponse(Model, kw_only=True):
    """The presences of a batch, in any order."""

    presences: list[PresenceRow] = field(name="basicPresences")


class FriendsResponse(Model, kw_only=True):
    """A page of friends."""

    account_ids: list[str] = field(name="friends")
    total: NonNegativeInt32 | None = field(name="totalItemCount", default=None)
    next_offset: NonNegativeInt32 | None = field(name="nextOffset", default=None)


class FriendshipResponse(Model, kw_only=True):
    """The relation between the viewer and another account, such as `friend` or `no`."""

    relation: str | None = field(name="friendRelation", default=None)


class FoundAccountRow(Model, kw_only=True):
    """An account in search results."""

    account_id: str = field(name="accountId")
    online_id: str = field(name="onlineId")
    country: str | None = None
    plus: bool | Int32 | None = field(name="isPsPlus", default=None)
    avatar: str | None = field(name="avatarUrl", default=None)
    relation: str | None = field(name="relationshipState", default=None)


class SearchHit(Model, kw_only=True):
    """A hit of a search."""

    account: FoundAccountRow = field(name="socialMetadata")


class SearchDomain(Model, kw_only=True):
    """A page of hits in one domain; `next` is the cursor of the following page."""

    name: str = field(name="domain")
    hits: list[SearchHit] = field(name="results", default_factory=list[SearchHit])
    total: NonNegativeInt32 | None = field(name="totalResultCount", default=None)
    next: str | None = None


class SearchResponse(Model, kw_only=True):
    """The hits of a search by domain."""

    domains: list[SearchDomain] = field(name="domainResponses")


class ConceptRow(Model, kw_only=True):
    """The concept that all builds of a game share; other services send its id as text."""

    native_id: ConceptId | str | None = field(name="id", default=None)


class GameRow(Model, kw_only=True):
    """A build that the account has played."""

    np_title_id: str = field(name="titleId")
    name: str | None = None
    local_name: str | None = field(name="localizedName", default=None)
    image: str | None = field(name="imageUrl", default=None)
    local_image: str | None = field(name="localizedImageUrl", default=None)
    category: str | None = None
    play_count: NonNegativeInt32 | None = field(name="playCount", default=None)
    duration: str | None = field(name="playDuration", default=None)
    first_played: str | None = field(name="firstPlayedDateTime", default=None)
    last_played: str | None = field(name="lastPlayedDateTime", default=None)
    concept: ConceptRow | None = None


class PlayedGamesResponse(Model, kw_only=True):
    """A page of played games; `nextOffset` is null on the last one."""

    games: list[GameRow] = field(name="titles")
    total: NonNegativeInt32 | None = field(name="totalItemCount", default=None)
    next_offset: NonNegativeInt32 | None = field(name="nextOffset", default=None)
