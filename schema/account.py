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
    After,
    Connection,
    Edge,
    First,
    checked_first,
    given,
    known,
    page_info,
    statuses,
)
from schema.global_id import packed, placed
from schema.message import (
    PsnMessageGroup,
    PsnMessageGroupConnection,
    group_of,
    groups_of,
)
from schema.node import Info, Node, node_id
from schema.played_game import PsnPlayedGame, PsnPlayedGameConnection
from schema.presence import PsnPresence
from schema.scalars import URL
from schema.selection import Selection
from schema.source import SourceStatus
from schema.values import Image, TrophyCounts

if TYPE_CHECKING:
    from schema.user import User

PROFILE = frozenset(
    {"nativeId", "displayName", "avatar", "profileUrl", "status", "id", "accountId", "onlineId"}
    | {"npId", "aboutMe", "isPlus", "country", "languages", "friendRelation", "ulid", "points"}
    | {"softcorePoints", "truePoints", "memberSince", "motto", "richPresence", "timeZone"}
    | {"createdAt"}
)
# What only PlayStation's older profile tells, which knows accounts by name and one at a time.
OF_WHOLE_PROFILE = frozenset({"npId", "country", "friendRelation"})
FRIEND = "friend"


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
    account: strawberry.Private[asked.Account]
    known: strawberry.Private[records.Person | None] = None
    told: strawberry.Private[str | None] = None  # its own id, where a list of its source tells it
    asks: strawberry.Private[bool] = False
    whole: strawberry.Private[bool] = False

    @strawberry.field(
        description="Opaque and lasting: the same whichever handle the account was reached by; "
        "made from the handle when the source cannot be asked."
    )
    async def id(self, info: Info) -> strawberry.ID:
        known = self.known and self.known.native_id
        native_id = known or await accounts.lasting_id(info.context, self.account)
        shelf = asked.Shelf(self.account.source, self.account.handle, native_id)
        return node_id(type(self).__name__, shelf)

    @strawberry.field(description="Where the account is.")
    def source(self) -> Source:
        return self.account.source

    @strawberry.field(
        description="The name it goes by: as its owner writes it, once known; until then as given."
    )
    async def handle(self, info: Info) -> str:
        person = self.known
        if person is None and self.asks:
            person = await accounts.known_person(info.context, self.account, whole=self.whole)
        return person.handle if person else self.account.handle

    @strawberry.field(
        description="The source's own id: PSN `accountId`, RetroAchievements `ULID`, "
        "Trophy.so `id`."
    )
    async def native_id(self, info: Info) -> strawberry.ID | None:
        return await self.profile(info, "native_id")

    @strawberry.field(description="The name to show.")
    async def display_name(self, info: Info) -> str | None:
        return await self.profile(info, "display_name")

    @strawberry.field(description="The account's picture.")
    async def avatar(self, info: Info) -> Image | None:
        return await self.profile(info, "avatar")

    @strawberry.field(description="The account's page on the source's own site.")
    async def profile_url(self, info: Info) -> URL | None:
        return await self.profile(info, "profile_url")

    @strawberry.field(description="Whether the account is there, as its source says.")
    async def status(self, info: Info) -> SourceStatus:
        return SourceStatus.of(await accounts.status(info.context, self.account, whole=self.whole))

    @strawberry.field(description="The person of this account alone.")
    def user(self) -> Annotated["User", strawberry.lazy("schema.user")]:
        from schema.user import User  # noqa: PLC0415 - the two types name each other

        return User(accounts_named=(self.account,))

    async def profile(self, info: Info, attribute: str) -> Any:
        """One attribute of the profile; null for an account that nobody has."""
        if attribute == "native_id" and self.told is not None:
            return self.told
        person = self.known or await accounts.person(info.context, self.account, whole=self.whole)
        return None if person is None else getattr(person, attribute, None)


def _profile(attribute: str, kind: Any, description: str) -> Any:
    async def resolve(self: Account, info: Info) -> Any:
        return await self.profile(info, attribute)

    resolve.__annotations__["return"] = kind
    resolve.__name__ = attribute
    return strawberry.field(resolver=resolve, description=description)


@strawberry.federation.type(keys=["id", "accountId"], description="A PlayStation Network account.")
class PsnAccount(Account):
    account_id: strawberry.ID | None = _profile(
        "native_id", strawberry.ID | None, "PSN `accountId`, 64 bits wide."
    )
    online_id: str | None = _profile(
        "online_id", str | None, "PSN `onlineId`, the current one after a rename."
    )
    np_id: str | None = _profile(
        "np_id", str | None, "PSN `npId`, base64 text; in lists of accounts not always known."
    )
    about_me: str | None = _profile("about_me", str | None, "PSN `aboutMe`; may be empty.")
    is_plus: bool | None = _profile("is_plus", bool | None, "Whether it has PlayStation Plus.")
    country: str | None = _profile(
        "country", str | None, "The region in `npId`, two letters; in lists not always known."
    )
    languages: list[str] | None = _profile(
        "languages", list[str] | None, "PSN `languagesUsed`, or `languages`."
    )
    relation: strawberry.Private[str | None] = None

    @strawberry.field(
        description="How the viewer knows the account: no, friend, requesting or requested."
    )
    async def friend_relation(self, info: Info) -> str | None:
        return self.relation or await self.profile(info, "friend_relation")

    @strawberry.field(description="The trophy level; null with an error when it is private.")
    async def trophy_summary(self, info: Info) -> PsnTrophySummary | None:
        found = await accounts.trophy_summary(info.context, self.account)
        return None if found is None else from_record.of(PsnTrophySummary, found)

    @strawberry.field(
        description="Whether it is online, where and what it plays; null with an error when hidden."
    )
    async def presence(self, info: Info) -> PsnPresence | None:
        found = await people.presence(info.context, self.account)
        return None if found is None else from_record.of(PsnPresence, found)

    @strawberry.field(description="Friends in PSN's order; profiles and presences come in batches.")
    async def friends(
        self, info: Info, first: First = 50, after: After = UNSET
    ) -> "PsnAccountConnection":
        checked_first(first)
        place = placed(given(after), "friends", tuple[int, str])
        page = await people.friends(info.context, self.account, first, place)
        below = Selection.below(info).at("edges", "node")
        own = self.account.handle == info.context.loaders.client(Source.PSN).own_handle
        relation = FRIEND if own else None
        edges = [
            Edge(cursor=packed("friends", at, each), node=psn_account(each, below, relation))
            for at, each in page.rows
        ]
        return PsnAccountConnection(
            edges=edges,
            page_info=page_info(edges, after=given(after), has_next=page.has_next),
            sources=statuses(page.statuses),
            count=known(page.total),
        )

    @strawberry.field(
        description="The viewer's own conversations, last modified first; of any other account "
        "none, and `sources` says why."
    )
    async def message_groups(
        self, info: Info, first: First = 20, after: After = UNSET
    ) -> PsnMessageGroupConnection:
        return await groups_of(info, self.account, first, given(after))

    @strawberry.field(
        description="One of the viewer's own conversations; null when he is not in it, FORBIDDEN "
        "for any other account."
    )
    async def message_group(
        self,
        info: Info,
        group_id: Annotated[strawberry.ID, strawberry.argument(description="`groupId`.")],
    ) -> PsnMessageGroup | None:
        return await group_of(info, self.account, group_id)

    @strawberry.field(description="Played games, last played first; PS4 and later only.")
    async def played_games(
        self, info: Info, first: First = 20, after: After = UNSET
    ) -> PsnPlayedGameConnection:
        checked_first(first)
        place = placed(given(after), "games", tuple[int, str])
        page = await people.played_games(info.context, self.account, first, place)
        edges = [
            Edge(
                cursor=packed("games", at, each.np_title_id),
                node=PsnPlayedGame.of(each, self.account),
            )
            for at, each in page.rows
        ]
        return PsnPlayedGameConnection(
            edges=edges,
            page_info=page_info(edges, after=given(after), has_next=page.has_next),
            sources=statuses(page.statuses),
            count=known(page.total),
        )


@strawberry.type(description="PlayStation accounts.")
class PsnAccountConnection(Connection[PsnAccount]):
    pass


@strawberry.federation.type(keys=["id", "handle"], description="A RetroAchievements account.")
class RetroAchievementsAccount(Account):
    ulid: strawberry.ID | None = _profile(
        "native_id", strawberry.ID | None, "`ULID`: stays when the account is renamed."
    )
    points: int | None = _profile("points", int | None, "`TotalPoints`, earned in hardcore mode.")
    softcore_points: int | None = _profile("softcore_points", int | None, "`TotalSoftcorePoints`.")
    true_points: int | None = _profile(
        "true_points", int | None, "`TotalTruePoints`, weighted by rarity."
    )
    member_since: datetime | None = _profile("member_since", datetime | None, "`MemberSince`.")
    motto: str | None = _profile("motto", str | None, "`Motto`; may be empty.")
    rich_presence: str | None = _profile(
        "rich_presence", str | None, "`RichPresenceMsg`: what was last seen being played."
    )


@strawberry.federation.type(keys=["id", "handle"], description="A Trophy.so user.")
class TrophySoAccount(Account):
    time_zone: str | None = _profile("time_zone", str | None, "`tz`, an IANA time zone.")
    created_at: datetime | None = _profile("created_at", datetime | None, "`created`.")

    @strawberry.field(description="The user's streak, `GET /users/{id}/streak`.")
    async def streak(self, info: Info) -> TrophySoStreak | None:
        found = await accounts.streak(info.context, self.account)
        return None if found is None else from_record.of(TrophySoStreak, found)

    @strawberry.field(description="The user's metrics, `GET /users/{id}/metrics`.")
    async def metrics(self, info: Info) -> list[TrophySoMetric] | None:
        found = await accounts.metrics(info.context, self.account)
        return None if found is None else [from_record.of(TrophySoMetric, each) for each in found]


@strawberry.federation.type(keys=["id"], description="An account on a source with no more to say.")
class PlainAccount(Account):
    pass


KINDS: dict[Source, type[Account]] = {
    Source.PSN: PsnAccount,
    Source.RETRO_ACHIEVEMENTS: RetroAchievementsAccount,
    Source.TROPHY_SO: TrophySoAccount,
}


def account_of(
    account: asked.Account,
    selection: Selection | None = None,
    known: records.Person | None = None,
) -> Account:
    """The account as its source's own type; the selection tells whether its profile is fetched."""
    kind = cast("Any", KINDS.get(account.source, PlainAccount))
    asks = selection is not None and selection.any(PROFILE)
    whole = selection is not None and selection.any(OF_WHOLE_PROFILE)
    return kind(account=account, known=known, asks=asks, whole=whole)


def psn_account(
    account_id: str, selection: Selection | None = None, relation: str | None = None
) -> PsnAccount:
    """One of several PlayStation accounts, which are looked up many to a call."""
    account = asked.Account(Source.PSN, account_id)
    asks = selection is not None and selection.any(PROFILE)
    return PsnAccount(account=account, told=account_id, asks=asks, relation=relation)


@strawberry.type(description="Accounts that a search found.")
class AccountConnection(Connection[Account]):
    pass
