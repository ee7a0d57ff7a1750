"""Games that a PlayStation account has played."""

from datetime import datetime

import strawberry

from providers import psn_records
from resolvers.context import AccountRef
from resolvers.people import get_game_titles
from resolvers.title import owner_of
from schema.connection import Connection
from schema.from_record import from_record
from schema.node import Info
from schema.selection import Selection
from schema.title import TrophyTitle
from schema.title_parts import get_title_parts
from schema.values import Image


@strawberry.type(description="A product build of a game that the account has played.")
class PsnPlayedGame:
    np_title_id: strawberry.ID = strawberry.field(description="`titleId`: CUSA… or PPSA….")
    concept_id: strawberry.ID | None = strawberry.field(
        description="`concept.id`: the game in all of its builds."
    )
    name: str | None = strawberry.field(description="`localizedName`, or `name`.")
    image: Image | None = strawberry.field(description="`localizedImageUrl`, or `imageUrl`.")
    category: str | None = strawberry.field(
        description="`category`, such as ps5_native_game; an open set."
    )
    play_count: int | None = strawberry.field(description="`playCount`: how often it was started.")
    play_duration_seconds: int | None = strawberry.field(description="`playDuration` in seconds.")
    first_played_at: datetime | None = strawberry.field(description="`firstPlayedDateTime`.")
    last_played_at: datetime | None = strawberry.field(description="`lastPlayedDateTime`.")
    account_ref: strawberry.Private[AccountRef]

    @strawberry.field(
        description="The build's trophy sets, with the account's progress; empty for a build "
        "without trophies. One call for up to five builds."
    )
    async def trophy_titles(self, info: Info) -> list[TrophyTitle] | None:
        found = await get_game_titles(info.context, self.account_ref, self.np_title_id)
        if found is None:
            return None
        owner = await owner_of(info.context, self.account_ref)
        parts = get_title_parts(Selection.from_info(info))
        return [TrophyTitle.from_record(each, owner, parts) for each in found]

    @classmethod
    def from_record(
        cls, record: psn_records.PsnPlayedGame, account_ref: AccountRef
    ) -> "PsnPlayedGame":
        """Build the type from a record of an account's game."""
        return from_record(cls, record, account_ref=account_ref)


@strawberry.type(description="Played games, last played first.")
class PsnPlayedGameConnection(Connection[PsnPlayedGame]):
    pass
