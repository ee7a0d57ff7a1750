"""PlayStation Network accounts."""

from typing import Annotated, ClassVar

import strawberry
from strawberry import UNSET

from providers.registry import Source
from resolvers.account import get_trophy_summary
from resolvers.context import AccountRef
from resolvers.people import get_friends, get_played_games, get_presence
from schema.account import IN_FULL_PROFILE, Account, list_profile_fields, profile_field
from schema.connection import (
    AfterArgument,
    Connection,
    FirstArgument,
    build_connection,
    parse_page_request,
)
from schema.from_record import from_record
from schema.list_cursors import FRIENDS, PLAYED_GAMES
from schema.message import (
    PsnMessageGroup,
    PsnMessageGroupConnection,
    find_message_group,
    list_message_groups,
)
from schema.node import Info
from schema.played_game import PsnPlayedGame, PsnPlayedGameConnection
from schema.presence import PsnPresence
from schema.selection import Selection
from schema.values import TrophyCounts

FRIEND_RELATION = "friend"


@strawberry.federation.type(
    shareable=True, description="The PlayStation trophy level (PSN `trophySummary`)."
)
class PsnTrophySummary:
    level: int = strawberry.field(description="1 to 999, `trophyLevel`.")
    level_progress: int = strawberry.field(
        description="0 to 99 percent of the way to the next level, `progress`."
    )
    tier: int = strawberry.field(description="1 to 10, `tier`.")
    points: int | None = strawberry.field(description="Trophy points, `trophyPoint`.")
    earned_counts: TrophyCounts = strawberry.field(description="`earnedTrophies`.")


@strawberry.federation.type(keys=["id", "accountId"], description="A PlayStation Network account.")
class PsnAccount(Account):
    handle_key: ClassVar[str] = "accountId"

    account_id: strawberry.ID | None = profile_field(
        "native_id", strawberry.ID | None, "PSN `accountId`, 64 bits wide."
    )
    online_id: str | None = profile_field(
        "online_id", str | None, "PSN `onlineId`, the current one after a change of name."
    )
    np_id: str | None = profile_field(
        "np_id",
        str | None,
        "PSN `npId`, base64 text; can be null in lists of accounts.",
        full_profile=True,
    )
    about_me: str | None = profile_field("about_me", str | None, "PSN `aboutMe`; can be empty.")
    is_plus: bool | None = profile_field(
        "is_plus", bool | None, "Whether the account has PlayStation Plus."
    )
    country: str | None = profile_field(
        "country",
        str | None,
        "The region in `npId`, two letters; can be null in lists of accounts.",
        full_profile=True,
    )
    languages: list[str] | None = profile_field(
        "languages", list[str] | None, "PSN `languagesUsed`, or `languages`."
    )
    relation: strawberry.Private[str | None] = None

    @strawberry.field(
        description="The account's relation to the viewer: no, friend, requesting or requested.",
        metadata=IN_FULL_PROFILE,
    )
    async def friend_relation(self, info: Info) -> str | None:
        if not info.context.viewer.has_own_credential(Source.PSN):
            return None
        return self.relation or await self.get_profile_attribute(info, "friend_relation")

    @strawberry.field(description="The trophy level; null with an error if it is private.")
    async def trophy_summary(self, info: Info) -> PsnTrophySummary | None:
        found = await get_trophy_summary(info.context, self.account_ref)
        return None if found is None else from_record(PsnTrophySummary, found)

    @strawberry.field(
        description="Whether the account is online, where, and what it plays; null with an error "
        "if it is hidden."
    )
    async def presence(self, info: Info) -> PsnPresence | None:
        found = await get_presence(info.context, self.account_ref)
        return None if found is None else from_record(PsnPresence, found)

    @strawberry.field(
        description="Friends in PSN's order; their profiles and presences are loaded in batches."
    )
    async def friends(
        self, info: Info, first: FirstArgument = 50, after: AfterArgument = UNSET
    ) -> "PsnAccountConnection":
        request = parse_page_request(FRIENDS, first, after)
        page = await get_friends(info.context, self.account_ref, request.first, request.position)
        selection = Selection.from_info(info).descend("edges", "node")
        is_own = self.account_ref.handle == info.context.loaders.get_client(Source.PSN).own_handle
        relation = FRIEND_RELATION if is_own else None
        return build_connection(
            PsnAccountConnection,
            request,
            page,
            lambda account_id: build_psn_account(account_id, selection, relation),
        )

    @strawberry.field(
        description="The viewer's own conversations, last modified first; for any other account "
        "none, and `sources` has the reason."
    )
    async def message_groups(
        self, info: Info, first: FirstArgument = 20, after: AfterArgument = UNSET
    ) -> PsnMessageGroupConnection:
        return await list_message_groups(info, self.account_ref, first, after)

    @strawberry.field(
        description="One of the viewer's own conversations; null if the viewer is not a member of "
        "it, FORBIDDEN for any other account."
    )
    async def message_group(
        self,
        info: Info,
        group_id: Annotated[strawberry.ID, strawberry.argument(description="`groupId`.")],
    ) -> PsnMessageGroup | None:
        return await find_message_group(info, self.account_ref, group_id)

    @strawberry.field(description="Played games, last played first; PS4 and later only.")
    async def played_games(
        self, info: Info, first: FirstArgument = 20, after: AfterArgument = UNSET
    ) -> PsnPlayedGameConnection:
        request = parse_page_request(PLAYED_GAMES, first, after)
        page = await get_played_games(
            info.context, self.account_ref, request.first, request.position
        )
        return build_connection(
            PsnPlayedGameConnection,
            request,
            page,
            lambda game: PsnPlayedGame.from_record(game, self.account_ref),
        )


@strawberry.type(description="PlayStation accounts.")
class PsnAccountConnection(Connection[PsnAccount]):
    pass


def build_psn_account(
    account_id: str, selection: Selection | None = None, relation: str | None = None
) -> PsnAccount:
    """Build a PlayStation account of a list, whose profiles are loaded many to a call."""
    profile_fields = list_profile_fields(PsnAccount, full_profile=False)
    return PsnAccount(
        account_ref=AccountRef(Source.PSN, account_id),
        listed_native_id=account_id,
        needs_profile=selection is not None and selection.has_any(profile_fields),
        relation=relation,
    )
