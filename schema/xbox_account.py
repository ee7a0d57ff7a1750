"""Xbox accounts."""

from typing import ClassVar

import strawberry
from strawberry import UNSET

from providers.registry import Source
from resolvers.context import AccountRef
from resolvers.people import get_friends, get_presence
from schema.account import Account, list_profile_fields, profile_field
from schema.connection import (
    AfterArgument,
    Connection,
    FirstArgument,
    build_connection,
    parse_page_request,
)
from schema.from_record import from_record
from schema.list_cursors import FRIENDS
from schema.node import Info
from schema.selection import Selection


@strawberry.federation.type(
    shareable=True, description="Whether an Xbox account is online, and what it plays."
)
class XboxPresence:
    online_status: str | None = strawberry.field(description="Online, Away or Offline, `state`.")
    title_id: strawberry.ID | None = strawberry.field(
        description="The title that is played, `titles.id`."
    )
    title_name: str | None = strawberry.field(
        description="The name of the title that is played, `titles.name`."
    )
    text: str | None = strawberry.field(
        description="What the title tells of the game, `activity.richPresence`."
    )


@strawberry.federation.type(keys=["id", "xuid"], description="An Xbox account.")
class XboxAccount(Account):
    handle_key: ClassVar[str] = "xuid"

    xuid: strawberry.ID | None = profile_field(
        "native_id", strawberry.ID | None, "`xuid`, which a change of the gamertag does not change."
    )
    gamertag: str | None = profile_field(
        "gamertag", str | None, "The classic gamertag, which contains the suffix, `Gamertag`."
    )
    modern_gamertag: str | None = profile_field(
        "modern_gamertag", str | None, "The gamertag without its suffix, `ModernGamertag`."
    )
    modern_gamertag_suffix: str | None = profile_field(
        "modern_gamertag_suffix",
        str | None,
        "The digits of the suffix, `ModernGamertagSuffix`; null without one.",
    )
    gamerscore: int | None = profile_field(
        "gamerscore", int | None, "The gamerscore of all titles, `Gamerscore`."
    )
    reputation: str | None = profile_field(
        "reputation", str | None, "Such as GoodPlayer, `XboxOneRep`."
    )
    tier: str | None = profile_field(
        "tier", str | None, "Such as Gold or Silver, `AccountTier`.", full_profile=True
    )
    tenure_level: int | None = profile_field(
        "tenure_level", int | None, "Years of membership, `TenureLevel`.", full_profile=True
    )
    bio: str | None = profile_field(
        "bio", str | None, "What they write about themselves, `Bio`.", full_profile=True
    )
    location: str | None = profile_field(
        "location", str | None, "As they write it, `Location`.", full_profile=True
    )

    @strawberry.field(
        description="Whether the account is online, and what it plays; null if it is not told."
    )
    async def presence(self, info: Info) -> XboxPresence | None:
        found = await get_presence(info.context, self.account_ref)
        return None if found is None else from_record(XboxPresence, found)

    @strawberry.field(
        description="Friends, in one call with their names; what else their profiles have, and "
        "presences, are loaded twenty to a call. None if they are hidden, and `sources` has the "
        "state PRIVATE."
    )
    async def friends(
        self, info: Info, first: FirstArgument = 50, after: AfterArgument = UNSET
    ) -> "XboxAccountConnection":
        request = parse_page_request(FRIENDS, first, after)
        page = await get_friends(info.context, self.account_ref, request.first, request.position)
        selection = Selection.from_info(info).descend("edges", "node")
        return build_connection(
            XboxAccountConnection,
            request,
            page,
            lambda xuid: build_xbox_account(xuid, selection),
        )


@strawberry.type(description="Xbox accounts.")
class XboxAccountConnection(Connection[XboxAccount]):
    pass


def build_xbox_account(xuid: str, selection: Selection) -> XboxAccount:
    """Build an Xbox account of a list, which has the most of its profile."""
    profile_fields = list_profile_fields(XboxAccount, full_profile=False)
    full_profile_fields = list_profile_fields(XboxAccount, full_profile=True)
    return XboxAccount(
        account_ref=AccountRef(Source.XBOX, xuid),
        listed_native_id=xuid,
        needs_profile=selection.has_any(profile_fields),
        needs_full_profile=selection.has_any(full_profile_fields),
    )
