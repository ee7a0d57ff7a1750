"""What the profile services send."""

from msgspec import field

from providers.kit.upstream.decode import Int32, Model


class Avatar(Model, kw_only=True):
    """A picture in one size; the older service names the address differently."""

    size: str | None = None
    url: str | None = None
    avatar_url: str | None = field(name="avatarUrl", default=None)


class ProfileByOnlineId(Model, kw_only=True):
    """The older service's profile, found by online id."""

    account_id: str = field(name="accountId")
    online_id: str = field(name="onlineId")
    current_online_id: str | None = field(name="currentOnlineId", default=None)
    np_id: str | None = field(name="npId", default=None)
    avatars: list[Avatar] | None = field(name="avatarUrls", default=None)
    plus: bool | Int32 | None = None
    about_me: str | None = field(name="aboutMe", default=None)
    languages: list[str] | None = field(name="languagesUsed", default=None)
    friend_relation: str | None = field(name="friendRelation", default=None)


class ProfileByOnlineIdResponse(Model, kw_only=True):
    """The envelope of a profile found by online id."""

    profile: ProfileByOnlineId


class ProfileByAccountId(Model, kw_only=True):
    """The newer service's profile, found by account id, which it does not repeat."""

    online_id: str = field(name="onlineId")
    avatars: list[Avatar] | None = None
    plus: bool | Int32 | None = field(name="isPlus", default=None)
    about_me: str | None = field(name="aboutMe", default=None)
    languages: list[str] | None = None


class ProfilesResponse(Model, kw_only=True):
    """Profiles in the order of the ids; only the place tells whose they are."""

    profiles: list[ProfileByAccountId | None]


class OwnAccountResponse(Model, kw_only=True):
    """The account a token belongs to."""

    account_id: str = field(name="accountId")
