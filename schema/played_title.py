"""Titles that a user has played, with the times of play."""

from datetime import datetime

import strawberry

from resolvers.played_list import PlayedEntry
from resolvers.recently_played import complete_title, is_running, load_play_duration
from schema.connection import Connection
from schema.node import Info
from schema.selection import Selection
from schema.title import TrophyTitle
from schema.title_parts import LIST_ATTRIBUTES, TITLE_COUNT_FIELDS, get_title_parts


@strawberry.type(description="A title that the player has played, and when.")
class PlayedTitle:
    entry: strawberry.Private[PlayedEntry]

    @strawberry.field(
        description="The title with the player's progress. What the list of played titles lacks of "
        "it takes one call for the list of titles; null where that fails."
    )
    async def title(self, info: Info) -> TrophyTitle:
        selection = Selection.from_info(info)
        attributes = frozenset(
            LIST_ATTRIBUTES[name] for name in LIST_ATTRIBUTES if name in selection.fields
        )
        with_counts = selection.has_any(TITLE_COUNT_FIELDS)
        record = await complete_title(info.context, self.entry, attributes, with_counts=with_counts)
        return TrophyTitle.from_record(record, self.entry.owner, get_title_parts(selection))

    @strawberry.field(
        description="When it was last played: PSN `lastPlayedDateTime`, RetroAchievements "
        "`LastPlayed`, Steam `rtime_last_played`, Xbox `lastTimePlayed`; null if it is not known."
    )
    def last_played_at(self) -> datetime | None:
        return self.entry.played.last_played_at

    @strawberry.field(
        description="How long it was played, in seconds: PSN `playDuration`, of the build of the "
        "game that was played last, Steam `playtime_forever`; RetroAchievements and Xbox as "
        "`TrophyTitle.playDurationSeconds`."
    )
    async def play_duration_seconds(self, info: Info) -> int | None:
        return await load_play_duration(info.context, self.entry)

    @strawberry.field(
        description="Whether it is played right now, by the presence of the account, one call; "
        "null if the source does not tell it (RetroAchievements never does)."
    )
    async def running(self, info: Info) -> bool | None:
        return await is_running(info.context, self.entry)


@strawberry.type(description="Played titles of all sources, last played first.")
class PlayedTitleConnection(Connection[PlayedTitle]):
    pass
