"""What the presence, friend and search services send."""

from msgspec import field

from providers.kit.upstream.decode import Int32, Model, NonNegativeInt32


class PlatformInfo(Model, kw_only=True):
    """Whether and where somebody is online; the date is there only when not."""

    online_status: str | None = field(name="onlineStatus", default=None)
    platform: str | None = None
    last_online: str | None = field(name="lastOnlineDate", default=None)


class RunningTitle(Model, kw_only=True):
    """A game that runs."""

    np_title_id: str | None = field(name="npTitleId", default=None)
    name: str | None = field(name="titleName", default=None)


class PresenceRow(Model, kw_only=True):
    """One account's presence; only a batch repeats whose it is."""

    account_id: str | None = field(name="accountId", default=None)
    platform: PlatformInfo | None = field(name="primaryPlatformInfo", default=None)
    titles: list[RunningTitle] | None = field(name="gameTitleInfoList", default=None)


class PresenceResponse(Model, kw_only=True):
    """The envelope of one presence."""

    presence: PresenceRow = field(name="basicPresence")


class PresencesResponse(Model, kw_only=True):
    """Presences in no particular order."""

    presences: list[PresenceRow] = field(name="basicPresences")


class FriendsResponse(Model, kw_only=True):
    """A page of friends."""

    account_ids: list[str] = field(name="friends")
    total: NonNegativeInt32 | None = field(name="totalItemCount", default=None)
    next_offset: NonNegativeInt32 | None = field(name="nextOffset", default=None)


class FriendshipResponse(Model, kw_only=True):
    """How the viewer and somebody else stand to each other."""

    relation: str | None = field(name="friendRelation", default=None)


class FoundAccountRow(Model, kw_only=True):
    """An account as a search shows it."""

    account_id: str = field(name="accountId")
    online_id: str = field(name="onlineId")
    country: str | None = None
    plus: bool | Int32 | None = field(name="isPsPlus", default=None)
    avatar: str | None = field(name="avatarUrl", default=None)
    relation: str | None = field(name="relationshipState", default=None)


class SearchHit(Model, kw_only=True):
    """One hit."""

    person: FoundAccountRow = field(name="socialMetadata")


class SearchDomain(Model, kw_only=True):
    """One domain's hits, and what continues them."""

    name: str = field(name="domain")
    hits: list[SearchHit] = field(name="results", default_factory=list[SearchHit])
    total: NonNegativeInt32 | None = field(name="totalResultCount", default=None)
    next: str | None = None


class SearchResponse(Model, kw_only=True):
    """The answer to a search."""

    domains: list[SearchDomain] = field(name="domainResponses")
