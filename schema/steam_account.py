"""Steam accounts, and the games that they have played."""

from datetime import datetime
from typing import ClassVar

import strawberry
from strawberry import UNSET

from providers import steam_records
from providers.registry import Source
from resolvers.account import get_level
from resolvers.context import AccountRef
from resolvers.people import get_friends, get_played_games, get_played_title, get_presence
from resolvers.title import owner_of
from schema.account import Account, list_profile_fields, profile_field
from schema.connection import (
    AfterArgument,
    Connection,
    FirstArgument,
    build_connection,
    parse_page_request,
)
from schema.from_record import from_record
from schema.list_cursors import FRIENDS, PLAYED_GAMES
from schema.node import Info
from schema.selection import ID_FIELDS, Selection
from schema.title import TrophyTitle
from schema.title_parts import TITLE_COUNT_FIELDS, get_title_parts
from schema.values import Image


@strawberry.federation.type(
    shareable=True, description="Whether a Steam account is online, and what it plays."
)
class SteamPresence:
    online_status: str | None = strawberry.field(
        description="One of offline, online, busy, away, snooze, looking to trade and looking to "
        "play, `personastate`."
    )
    app_id: strawberry.ID | None = strawberry.field(
        description="The app that is played, `gameid`; null for a game outside of Steam."
    )
    title_name: str | None = strawberry.field(
        description="The name of the game that is played, `gameextrainfo`."
    )
    last_online_at: datetime | None = strawberry.field(description="`lastlogoff`.")


@strawberry.type(description="A game that the account has played, with achievements or without.")
class SteamPlayedGame:
    app_id: strawberry.ID = strawberry.field(description="`appid`.")
    name: str | None = strawberry.field(description="`name`, partly in the request's language.")
    image: Image | None = strawberry.field(description="The icon, `img_icon_url`.")
    play_duration_seconds: int | None = strawberry.field(
        description="`playtime_forever` in seconds."
    )
    recent_play_duration_seconds: int | None = strawberry.field(
        description="`playtime_2weeks` in seconds: of the last two weeks."
    )
    last_played_at: datetime | None = strawberry.field(
        description="`rtime_last_played`; null for a borrowed game, and where Steam hides it."
    )
    account_ref: strawberry.Private[AccountRef]

    @strawberry.field(
        description="The title with the account's progress, from the list of its titles; null for "
        "a game without achievements."
    )
    async def trophy_title(self, info: Info) -> TrophyTitle | None:
        selection = Selection.from_info(info)
        owner = await owner_of(
            info.context, self.account_ref, needs_ids=selection.has_any_nested(ID_FIELDS)
        )
        with_counts = selection.has_any(TITLE_COUNT_FIELDS)
        found = await get_played_title(info.context, owner, self.app_id, with_counts=with_counts)
        return found and TrophyTitle.from_record(found, owner, get_title_parts(selection))

    @classmethod
    def from_record(
        cls, record: steam_records.SteamPlayedGame, account_ref: AccountRef
    ) -> "SteamPlayedGame":
        """Build the type from a record of an account's game."""
        return from_record(cls, record, account_ref=account_ref)


@strawberry.type(description="Played games, last played first.")
class SteamPlayedGameConnection(Connection[SteamPlayedGame]):
    pass


@strawberry.federation.type(keys=["id", "steamId"], description="A Steam account.")
class SteamAccount(Account):
    handle_key: ClassVar[str] = "steamId"

    steam_id: strawberry.ID | None = profile_field(
        "native_id", strawberry.ID | None, "SteamID64, which a change of name does not change."
    )
    is_public: bool | None = profile_field(
        "is_public",
        bool | None,
        "Whether the profile is public, `communityvisibilitystate`. Its owner can hide games and "
        "friends all the same.",
    )
    country: str | None = profile_field(
        "country", str | None, "`loccountrycode`, two letters; null if it is hidden."
    )
    created_at: datetime | None = profile_field(
        "created_at", datetime | None, "`timecreated`; null if it is hidden."
    )

    @strawberry.field(description="The Steam level, `player_level`; null if it is hidden.")
    async def level(self, info: Info) -> int | None:
        return await get_level(info.context, self.account_ref)

    @strawberry.field(description="Whether the account is online, and what it plays.")
    async def presence(self, info: Info) -> SteamPresence | None:
        found = await get_presence(info.context, self.account_ref)
        return None if found is None else from_record(SteamPresence, found)

    @strawberry.field(
        description="Friends; their profiles and presences are loaded a hundred to a call. None "
        "if they are hidden, and `sources` has the state PRIVATE."
    )
    async def friends(
        self, info: Info, first: FirstArgument = 50, after: AfterArgument = UNSET
    ) -> "SteamAccountConnection":
        request = parse_page_request(FRIENDS, first, after)
        page = await get_friends(info.context, self.account_ref, request.first, request.position)
        selection = Selection.from_info(info).descend("edges", "node")
        return build_connection(
            SteamAccountConnection,
            request,
            page,
            lambda steam_id: build_steam_account(steam_id, selection),
        )

    @strawberry.field(
        description="Played games, last played first, with borrowed ones of the last two weeks. "
        "None if they are hidden, and `sources` has the state PRIVATE."
    )
    async def played_games(
        self, info: Info, first: FirstArgument = 20, after: AfterArgument = UNSET
    ) -> SteamPlayedGameConnection:
        request = parse_page_request(PLAYED_GAMES, first, after)
        page = await get_played_games(
            info.context, self.account_ref, request.first, request.position
        )
        return build_connection(
            SteamPlayedGameConnection,
            request,
            page,
            lambda game: SteamPlayedGame.from_record(game, self.account_ref),
        )


@strawberry.type(description="Steam accounts.")
class SteamAccountConnection(Connection[SteamAccount]):
    pass


def build_steam_account(steam_id: str, selection: Selection) -> SteamAccount:
    """Build a Steam account of a list, whose profiles are loaded many to a call."""
    profile_fields = list_profile_fields(SteamAccount, full_profile=False)
    return SteamAccount(
        account_ref=AccountRef(Source.STEAM, steam_id),
        listed_native_id=steam_id,
        needs_profile=selection.has_any(profile_fields),
    )
