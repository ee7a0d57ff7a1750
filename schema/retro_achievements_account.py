"""RetroAchievements accounts."""

from datetime import datetime

import strawberry
from strawberry import UNSET

from providers import records
from providers.capabilities import FollowDirection
from providers.registry import Source
from resolvers.account import get_rank
from resolvers.context import AccountRef
from resolvers.follows import get_follows, get_wanted_titles
from resolvers.pagination import RowPosition
from resolvers.title import owner_of
from schema.account import Account, list_profile_fields, profile_field
from schema.connection import (
    AfterArgument,
    Connection,
    FirstArgument,
    PageRequest,
    build_connection,
    parse_page_request,
)
from schema.from_record import from_record
from schema.list_cursors import FOLLOWERS, FOLLOWING, WANTED_TITLES
from schema.node import Info
from schema.selection import ID_FIELDS, Selection
from schema.title import TrophyTitle, get_named_title


@strawberry.federation.type(
    shareable=True, description="A place in RetroAchievements' ranking by hardcore points."
)
class RetroAchievementsRank:
    position: int = strawberry.field(description="`Rank`, 1 for the first.")
    population: int = strawberry.field(description="`TotalRanked`, the number of ranked accounts.")
    percentile: float = strawberry.field(
        description="The share of ranked accounts with a lower place, in percent from 0 to 100."
    )


@strawberry.type(description="An account that another one follows, or is followed by.")
class RetroAchievementsFollow:
    ulid: strawberry.ID | None = strawberry.field(description="`ULID`.")
    display_name: str | None = strawberry.field(description="`User`.")
    points: int | None = strawberry.field(description="`Points`, earned in hardcore mode.")
    softcore_points: int | None = strawberry.field(description="`PointsSoftcore`.")
    is_mutual: bool | None = strawberry.field(
        description="Whether each of the two follows the other, `IsFollowingMe` or `AmIFollowing`."
    )
    account_id: strawberry.Private[str]

    @strawberry.field(
        description="The account; what is not in the list takes a call for each account."
    )
    def account(self, info: Info) -> "RetroAchievementsAccount":
        selection = Selection.from_info(info)
        profile_fields = list_profile_fields(RetroAchievementsAccount, full_profile=False)
        return RetroAchievementsAccount(
            account_ref=AccountRef(Source.RETRO_ACHIEVEMENTS, self.account_id),
            listed_native_id=self.ulid,
            needs_profile=selection.has_any(profile_fields),
        )


@strawberry.type(description="Accounts that another one follows, or is followed by.")
class RetroAchievementsFollowConnection(Connection[RetroAchievementsFollow]):
    pass


@strawberry.type(description="A title that an account wants to play.")
class RetroAchievementsWantedTitle:
    account_ref: strawberry.Private[AccountRef]
    title_record: strawberry.Private[records.Title]

    @strawberry.field(
        description="The title with the account's progress; id, name, icon, platforms, points and "
        "the number of achievements are in the list."
    )
    async def title(self, info: Info) -> TrophyTitle | None:
        needs_ids = Selection.from_info(info).has_any_nested(ID_FIELDS)
        owner = await owner_of(info.context, self.account_ref, needs_ids=needs_ids)
        return await get_named_title(info, owner, self.title_record)


@strawberry.type(description="Titles that an account wants to play.")
class RetroAchievementsWantedTitleConnection(Connection[RetroAchievementsWantedTitle]):
    pass


@strawberry.federation.type(keys=["id", "handle"], description="A RetroAchievements account.")
class RetroAchievementsAccount(Account):
    ulid: strawberry.ID | None = profile_field(
        "native_id", strawberry.ID | None, "`ULID`, which a change of name does not change."
    )
    points: int | None = profile_field(
        "points", int | None, "`TotalPoints`, earned in hardcore mode."
    )
    softcore_points: int | None = profile_field(
        "softcore_points", int | None, "`TotalSoftcorePoints`."
    )
    true_points: int | None = profile_field(
        "true_points", int | None, "`TotalTruePoints`, weighted by rarity."
    )
    member_since: datetime | None = profile_field("member_since", datetime | None, "`MemberSince`.")
    motto: str | None = profile_field("motto", str | None, "`Motto`; can be empty.")
    rich_presence: str | None = profile_field(
        "rich_presence", str | None, "`RichPresenceMsg`: what the account played last."
    )

    @strawberry.field(
        description="The place by hardcore points, `GetUserRankAndScore`; null for an unranked "
        "account."
    )
    async def rank(self, info: Info) -> RetroAchievementsRank | None:
        found = await get_rank(info.context, self.account_ref)
        return None if found is None else from_record(RetroAchievementsRank, found)

    @strawberry.field(
        description="The accounts that the viewer's own account follows, `GetUsersIFollow`; null "
        "with the error FORBIDDEN for any other account."
    )
    async def following(
        self, info: Info, first: FirstArgument = 50, after: AfterArgument = UNSET
    ) -> RetroAchievementsFollowConnection | None:
        request = parse_page_request(FOLLOWING, first, after)
        return await self._list_follows(info, FollowDirection.FOLLOWING, request)

    @strawberry.field(
        description="The accounts that follow the viewer's own account, `GetUsersFollowingMe`; "
        "null with the error FORBIDDEN for any other account."
    )
    async def followers(
        self, info: Info, first: FirstArgument = 50, after: AfterArgument = UNSET
    ) -> RetroAchievementsFollowConnection | None:
        request = parse_page_request(FOLLOWERS, first, after)
        return await self._list_follows(info, FollowDirection.FOLLOWERS, request)

    @strawberry.field(
        description="The titles that the account wants to play, `GetUserWantToPlayList`. The "
        "source shows them to the account itself and to those with whom it follows each other; "
        "to others none, and `sources` has the state PRIVATE. Null with the error FORBIDDEN for a "
        "viewer without an account of their own on RetroAchievements."
    )
    async def want_to_play(
        self, info: Info, first: FirstArgument = 20, after: AfterArgument = UNSET
    ) -> RetroAchievementsWantedTitleConnection | None:
        request = parse_page_request(WANTED_TITLES, first, after)
        page = await get_wanted_titles(
            info.context, self.account_ref, request.first, request.position
        )
        return build_connection(
            RetroAchievementsWantedTitleConnection,
            request,
            page,
            lambda title: RetroAchievementsWantedTitle(
                account_ref=self.account_ref, title_record=title
            ),
        )

    async def _list_follows(
        self, info: Info, direction: FollowDirection, request: PageRequest[RowPosition]
    ) -> RetroAchievementsFollowConnection:
        page = await get_follows(
            info.context, self.account_ref, direction, request.first, request.position
        )
        return build_connection(
            RetroAchievementsFollowConnection,
            request,
            page,
            lambda follow: from_record(
                RetroAchievementsFollow, follow, account_id=follow.account_id
            ),
        )
