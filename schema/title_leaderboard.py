"""Leaderboards of a RetroAchievements title, and players' places on them."""

from datetime import datetime

import strawberry

from providers import retroachievements_records
from resolvers.context import Owner
from resolvers.leaderboards import get_leaderboard_entry, get_leaderboards
from schema.connection import Connection, build_connection, parse_page_request
from schema.from_record import from_record
from schema.list_cursors import LEADERBOARDS
from schema.node import Info


@strawberry.type(description="A player's place on a leaderboard.")
class TitleLeaderboardEntry:
    ulid: strawberry.ID | None = strawberry.field(description="The player's `ULID`.")
    display_name: str | None = strawberry.field(description="The player's name, `User`.")
    rank: int | None = strawberry.field(description="The place, 1 for the first, `Rank`.")
    score: int | None = strawberry.field(
        description="`Score`, in the unit of the leaderboard's format; null beyond 32 bits."
    )
    formatted_score: str | None = strawberry.field(
        description="The score as the source shows it, `FormattedScore`."
    )
    submitted_at: datetime | None = strawberry.field(
        description="When the score was submitted, `DateUpdated`; null for the first of a list."
    )


@strawberry.type(description="A leaderboard of a title.")
class TitleLeaderboard:
    native_id: strawberry.ID = strawberry.field(description="The source's own id, `ID`.")
    name: str | None = strawberry.field(description="`Title`.")
    description: str | None = strawberry.field(description="What counts, `Description`.")
    format: str | None = strawberry.field(
        description="`Format`: SCORE, TIME (60ths of a second), MILLISECS (hundredths of a "
        "second), TIMESECS, MINUTES, VALUE and others; an open set."
    )
    lower_is_better: bool | None = strawberry.field(
        description="Whether the lower score is better, `RankAsc`."
    )
    state: str | None = strawberry.field(
        description="`State`: active, disabled or unpromoted; an open set."
    )
    top_entry: TitleLeaderboardEntry | None = strawberry.field(
        description="The first place, `TopEntry`; null without any."
    )
    owner: strawberry.Private[Owner]
    title_id: strawberry.Private[str]

    @strawberry.field(
        description="The player's own place, `UserEntry`; one call for all leaderboards of the "
        "title. Null for a player who is not on it, and for a title without a player."
    )
    async def entry(self, info: Info) -> TitleLeaderboardEntry | None:
        found = await get_leaderboard_entry(info.context, self.owner, self.title_id, self.native_id)
        return found and from_record(TitleLeaderboardEntry, found)


@strawberry.type(description="Leaderboards of a title, in the source's order.")
class TitleLeaderboardConnection(Connection[TitleLeaderboard]):
    pass


async def list_leaderboards(
    info: Info, owner: Owner, title_id: str, first: int, after: str | None
) -> TitleLeaderboardConnection | None:
    """Return a page of a title's leaderboards; None if its source has none."""
    request = parse_page_request(LEADERBOARDS, first, after)
    page = await get_leaderboards(info.context, owner, title_id, request.first, request.position)
    if page is None:
        return None
    return build_connection(
        TitleLeaderboardConnection,
        request,
        page,
        lambda row: _build_leaderboard(row, owner, title_id),
    )


def _build_leaderboard(
    row: retroachievements_records.Leaderboard, owner: Owner, title_id: str
) -> TitleLeaderboard:
    top = row.top_entry and from_record(TitleLeaderboardEntry, row.top_entry)
    return TitleLeaderboard(
        native_id=strawberry.ID(row.native_id),
        name=row.name,
        description=row.description,
        format=row.format,
        lower_is_better=row.lower_is_better,
        state=row.state,
        top_entry=top,
        owner=owner,
        title_id=title_id,
    )
