"""One account on one source. A type of its own only where the source has its own to say."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, cast

import strawberry
from strawberry import UNSET

from providers import records
from providers.registry import Source
from resolvers import account as accounts
from resolvers import context as asked
from resolvers import people
from schema import from_record
from schema.connection import (
    AfterArgument,
    Connection,
    Edge,
    FirstArgument,
    build_page_info,
    constant,
    or_none,
    source_statuses,
    validate_first,
)
from schema.global_id import decode_cursor, encode
from schema.message import (
    PsnMessageGroup,
    PsnMessageGroupConnection,
    get_message_group,
    get_message_groups,
)
from schema.node import Info, Node, encode_node_id
from schema.played_game import PsnPlayedGame, PsnPlayedGameConnection
from schema.presence import PsnPresence
from schema.scalars import URL
from schema.selection import Selection
from schema.source import SourceStatus
from schema.values import Image, TrophyCounts

if TYPE_CHECKING:
    from schema.user import User

PROFILE_FIELDS = frozenset(
    {"nativeId", "displayName", "avatar", "profileUrl", "status", "id", "accountId", "onlineId"}
    | {"npId", "aboutMe", "isPlus", "country", "languages", "friendRelation", "ulid", "points"}
    | {"softcorePoints", "truePoints", "memberSince", "motto", "richPresence", "timeZone"}
    | {"createdAt"}
)
# What only PlayStation's older profile tells, which knows accounts by name and one at a time.
FULL_PROFILE_FIELDS = frozenset({"npId", "country", "friendRelation"})
FRIEND_RELATION = "friend"


@strawberry.federation.type(
    shareable=True, description="PlayStation's trophy level (PSN `trophySummary`)."
)
class PsnTrophySummary:
    level: int = strawberry.field(description="1 to 999, `trophyLevel`.")
    level_progress: int = strawberry.field(
        description="0 to 99 percent of the way to the next level, `progress`."
    )
    tier: int = strawberry.field(description="1 to 10, `tier`.")
    points: int | None = strawberry.field(description="Trophy points, `trophyPoint`.")
    earned_counts: TrophyCounts = strawberry.field(description="`earnedTrophies`.")


@strawberry.federation.type(shareable=True, description="A Trophy.so user's streak.")
class TrophySoStreak:
    length: int = strawberry.field(description="Its length in periods, 0 or more.")
    frequency: str = strawberry.field(description="The period: daily, weekly or monthly.")


@strawberry.federation.type(shareable=True, description="A Trophy.so metric.")
class TrophySoMetric:
    id: strawberry.ID = strawberry.field(description="The metric's id.")
    key: str = strawberry.field(description="The metric's key.")
    name: str = strawberry.field(description="The metric's name.")
    current: float = strawberry.field(description="Where the user stands.")


@strawberry.interface(description="One account of a person on one source.")
class Account(Node):
    account_ref: strawberry.Private[asked.AccountRef]
    person: strawberry.Private[records.Profile | None] = None
    listed_native_id: strawberry.Private[str | None] = (
        None  # its own id, where a list of its source tells it
    )
    needs_profile: strawberry.Private[bool] = False
    full_profile: strawberry.Private[bool] = False

    @strawberry.field(
        description="Opaque and lasting: the same whichever handle the account was reached by; "
        "made from the handle when the source cannot be asked."
    )
    async def id(self, info: Info) -> strawberry.ID:
        known_id = self.person and self.person.native_id
        native_id = known_id or await accounts.get_stable_id(info.context, self.account_ref)
        owner = asked.Owner(self.account_ref.source, self.account_ref.handle, native_id)
        return encode_node_id(type(self).__name__, owner)

    @strawberry.field(description="Where the account is.")
    def source(self) -> Source:
        return self.account_ref.source

    @strawberry.field(
        description="The name it goes by: as its owner writes it, once known; until then as given."
    )
    async def handle(self, info: Info) -> str:
        person = self.person
        if person is None and self.needs_profile:
            person = await accounts.get_person_or_none(
                info.context, self.account_ref, full_profile=self.full_profile
            )
        return person.handle if person else self.account_ref.handle

    @strawberry.field(
        description="The source's own id: PSN `accountId`, RetroAchievements `ULID`, "
        "Trophy.so `id`."
    )
    async def native_id(self, info: Info) -> strawberry.ID | None:
        return await self.get_profile_attribute(info, "native_id")

    @strawberry.field(description="The name to show.")
    async def display_name(self, info: Info) -> str | None:
        return await self.get_profile_attribute(info, "display_name")

    @strawberry.field(description="The account's picture.")
    async def avatar(self, info: Info) -> Image | None:
        return await self.get_profile_attribute(info, "avatar")

    @strawberry.field(description="The account's page on the source's own site.")
    async def profile_url(self, info: Info) -> URL | None:
        return await self.get_profile_attribute(info, "profile_url")

    @strawberry.field(description="Whether the account is there, as its source says.")
    async def status(self, info: Info) -> SourceStatus:
        return SourceStatus.from_status(
            await accounts.get_status(
                info.context, self.account_ref, full_profile=self.full_profile
            )
        )

    @strawberry.field(description="The person of this account alone.")
    def user(self) -> Annotated["User", strawberry.lazy("schema.user")]:
        from schema.user import User  # noqa: PLC0415 - the two types name each other

        return User(account_refs=(self.account_ref,))

    async def get_profile_attribute(self, info: Info, attribute: str) -> Any:
        """One attribute of the profile; null for an account that nobody has."""
        if attribute == "native_id" and self.listed_native_id is not None:
            return self.listed_native_id
        person = self.person or await accounts.get_person(
            info.context, self.account_ref, full_profile=self.full_profile
        )
        return None if person is None else getattr(person, attribute, None)


def _make_profile_field(attribute: str, field_type: Any, description: str) -> Any:
    async def resolve(self: Account, info: Info) -> Any:
        return await self.get_profile_attribute(info, attribute)

    resolve.__annotations__["return"] = field_type
    resolve.__name__ = attribute
    return strawberry.field(resolver=resolve, description=description)


@strawberry.federation.type(keys=["id", "accountId"], description="A PlayStation Network account.")
class PsnAccount(Account):
    account_id: strawberry.ID | None = _make_profile_field(
        "native_id", strawberry.ID | None, "PSN `accountId`, 64 bits wide."
    )
    online_id: str | None = _make_profile_field(
        "online_id", str | None, "PSN `onlineId`, the current one after a rename."
    )
    np_id: str | None = _make_profile_field(
        "np_id", str | None, "PSN `npId`, base64 text; in lists of accounts not always known."
    )
    about_me: str | None = _make_profile_field(
        "about_me", str | None, "PSN `aboutMe`; may be empty."
    )
    is_plus: bool | None = _make_profile_field(
        "is_plus", bool | None, "Whether it has PlayStation Plus."
    )
    country: str | None = _make_profile_field(
        "country", str | None, "The region in `npId`, two letters; in lists not always known."
    )
    languages: list[str] | None = _make_profile_field(
        "languages", list[str] | None, "PSN `languagesUsed`, or `languages`."
    )
    relation: strawberry.Private[str | None] = None

    @strawberry.field(
        description="How the viewer knows the account: no, friend, requesting or requested."
    )
    async def friend_relation(self, info: Info) -> str | None:
        return self.relation or await self.get_profile_attribute(info, "friend_relation")

    @strawberry.field(description="The trophy level; null with an error when it is private.")
    async def trophy_summary(self, info: Info) -> PsnTrophySummary | None:
        found = await accounts.get_trophy_summary(info.context, self.account_ref)
        return None if found is None else from_record.from_record(PsnTrophySummary, found)

    @strawberry.field(
        description="Whether it is online, where and what it plays; null with an error when hidden."
    )
    async def presence(self, info: Info) -> PsnPresence | None:
        found = await people.get_presence(info.context, self.account_ref)
        return None if found is None else from_record.from_record(PsnPresence, found)

    @strawberry.field(description="Friends in PSN's order; profiles and presences come in batches.")
    async def friends(
        self, info: Info, first: FirstArgument = 50, after: AfterArgument = UNSET
    ) -> "PsnAccountConnection":
        validate_first(first)
        place = decode_cursor(or_none(after), "friends", tuple[int, str])
        page = await people.get_friends(info.context, self.account_ref, first, place)
        selection = Selection.from_info(info).descend("edges", "node")
        is_own = self.account_ref.handle == info.context.loaders.get_client(Source.PSN).own_handle
        relation = FRIEND_RELATION if is_own else None
        edges = [
            Edge(
                cursor=encode("friends", at, each),
                node=build_psn_account(each, selection, relation),
            )
            for at, each in page.rows
        ]
        return PsnAccountConnection(
            edges=edges,
            page_info=build_page_info(edges, after=or_none(after), has_next=page.has_next),
            sources=source_statuses(page.statuses),
            count=constant(page.total),
        )

    @strawberry.field(
        description="The viewer's own conversations, last modified first; of any other account "
        "none, and `sources` says why."
    )
    async def message_groups(
        self, info: Info, first: FirstArgument = 20, after: AfterArgument = UNSET
    ) -> PsnMessageGroupConnection:
        return await get_message_groups(info, self.account_ref, first, or_none(after))

    @strawberry.field(
        description="One of the viewer's own conversations; null when he is not in it, FORBIDDEN "
        "for any other account."
    )
    async def message_group(
        self,
        info: Info,
        group_id: Annotated[strawberry.ID, strawberry.argument(description="`groupId`.")],
    ) -> PsnMessageGroup | None:
        return await get_message_group(info, self.account_ref, group_id)

    @strawberry.field(description="Played games, last played first; PS4 and later only.")
    async def played_games(
        self, info: Info, first: FirstArgument = 20, after: AfterArgument = UNSET
    ) -> PsnPlayedGameConnection:
        validate_first(first)
        place = decode_cursor(or_none(after), "games", tuple[int, str])
        page = await people.get_played_games(info.context, self.account_ref, first, place)
        edges = [
            Edge(
                cursor=encode("games", at, each.np_title_id),
                node=PsnPlayedGame.from_record(each, self.account_ref),
            )
            for at, each in page.rows
        ]
        return PsnPlayedGameConnection(
            edges=edges,
            page_info=build_page_info(edges, after=or_none(after), has_next=page.has_next),
            sources=source_statuses(page.statuses),
            count=constant(page.total),
        )


@strawberry.type(description="PlayStation accounts.")
class PsnAccountConnection(Connection[PsnAccount]):
    pass


@strawberry.federation.type(keys=["id", "handle"], description="A RetroAchievements account.")
class RetroAchievementsAccount(Account):
    ulid: strawberry.ID | None = _make_profile_field(
        "native_id", strawberry.ID | None, "`ULID`: stays when the account is renamed."
    )
    points: int | None = _make_profile_field(
        "points", int | None, "`TotalPoints`, earned in hardcore mode."
    )
    softcore_points: int | None = _make_profile_field(
        "softcore_points", int | None, "`TotalSoftcorePoints`."
    )
    true_points: int | None = _make_profile_field(
        "true_points", int | None, "`TotalTruePoints`, weighted by rarity."
    )
    member_since: datetime | None = _make_profile_field(
        "member_since", datetime | None, "`MemberSince`."
    )
    motto: str | None = _make_profile_field("motto", str | None, "`Motto`; may be empty.")
    rich_presence: str | None = _make_profile_field(
        "rich_presence", str | None, "`RichPresenceMsg`: what was last seen being played."
    )


@strawberry.federation.type(keys=["id", "handle"], description="A Trophy.so user.")
class TrophySoAccount(Account):
    time_zone: str | None = _make_profile_field("time_zone", str | None, "`tz`, an IANA time zone.")
    created_at: datetime | None = _make_profile_field("created_at", datetime | None, "`created`.")

    @strawberry.field(description="The user's streak, `GET /users/{id}/streak`.")
    async def streak(self, info: Info) -> TrophySoStreak | None:
        found = await accounts.get_streak(info.context, self.account_ref)
        return None if found is None else from_record.from_record(TrophySoStreak, found)

    @strawberry.field(description="The user's metrics, `GET /users/{id}/metrics`.")
    async def metrics(self, info: Info) -> list[TrophySoMetric] | None:
        found = await accounts.get_metrics(info.context, self.account_ref)
        return (
            None
            if found is None
            else [from_record.from_record(TrophySoMetric, each) for each in found]
        )


@strawberry.federation.type(keys=["id"], description="An account on a source with no more to say.")
class PlainAccount(Account):
    pass


ACCOUNT_TYPES: dict[Source, type[Account]] = {
    Source.PSN: PsnAccount,
    Source.RETRO_ACHIEVEMENTS: RetroAchievementsAccount,
    Source.TROPHY_SO: TrophySoAccount,
}


def build_account(
    account_ref: asked.AccountRef,
    selection: Selection | None = None,
    person: records.Profile | None = None,
) -> Account:
    """The account as its source's own type; the selection tells whether its profile is fetched."""
    account_type = cast("Any", ACCOUNT_TYPES.get(account_ref.source, PlainAccount))
    needs_profile = selection is not None and selection.has_any(PROFILE_FIELDS)
    full_profile = selection is not None and selection.has_any(FULL_PROFILE_FIELDS)
    return account_type(
        account_ref=account_ref,
        person=person,
        needs_profile=needs_profile,
        full_profile=full_profile,
    )


def build_psn_account(
    account_id: str, selection: Selection | None = None, relation: str | None = None
) -> PsnAccount:
    """One of several PlayStation accounts, which are looked up many to a call."""
    account_ref = asked.AccountRef(Source.PSN, account_id)
    needs_profile = selection is not None and selection.has_any(PROFILE_FIELDS)
    return PsnAccount(
        account_ref=account_ref,
        listed_native_id=account_id,
        needs_profile=needs_profile,
        relation=relation,
    )


@strawberry.type(description="Accounts that a search found.")
class AccountConnection(Connection[Account]):
    pass
