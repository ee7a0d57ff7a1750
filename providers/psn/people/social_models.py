"""What the presence, friend and search services send."""

from msgspec import field

from providers.kit.upstream.decode import Count, Model, Whole


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


class OnePresence(Model, kw_only=True):
    """The envelope of one presence."""

    presence: PresenceRow = field(name="basicPresence")


class Presences(Model, kw_only=True):
    """Presences in no particular order."""

    presences: list[PresenceRow] = field(name="basicPresences")


class FriendIds(Model, kw_only=True):
    """A page of friends."""

    account_ids: list[str] = field(name="friends")
    total: Count | None = field(name="totalItemCount", default=None)
    next_offset: Count | None = field(name="nextOffset", default=None)


class Friendship(Model, kw_only=True):
    """How the viewer and somebody else stand to each other."""

    relation: str | None = field(name="friendRelation", default=None)


class SocialRow(Model, kw_only=True):
    """An account as a search shows it."""

    account_id: str = field(name="accountId")
    online_id: str = field(name="onlineId")
    country: str | None = None
    plus: bool | Whole | None = field(name="isPsPlus", default=None)
    avatar: str | None = field(name="avatarUrl", default=None)
    relation: str | None = field(name="relationshipState", default=None)


class Hit(Model, kw_only=True):
    """One hit."""

    person: SocialRow = field(name="socialMetadata")


class Domain(Model, kw_only=True):
    """One domain's hits, and what continues them."""

    name: str = field(name="domain")
    hits: list[Hit] = field(name="results", default_factory=list[Hit])
    total: Count | None = field(name="totalResultCount", default=None)
    next: str | None = None


class SearchAnswer(Model, kw_only=True):
    """The answer to a search."""

    domains: list[Domain] = field(name="domainResponses")
