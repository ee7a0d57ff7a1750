"""A game or set with achievements."""

from datetime import datetime
from typing import Annotated

import strawberry

from providers import records
from providers.errors import NotFound
from providers.records import AchievementState, Part
from providers.registry import Source
from resolvers import title as titles
from resolvers.context import Shelf
from schema import plain
from schema.achievement import Achievement, Reveal, State, all_of, in_title
from schema.connection import Connection
from schema.group import TrophyGroup
from schema.node import Info, Node, node_id
from schema.selection import Selection, own_parts, title_parts
from schema.values import Image, TrophyCounts


@strawberry.federation.type(
    keys=["id"],
    description="A game (or set) with achievements. `id` contains the account it was reached "
    "through (none: the bare definition), so it is the only key.",
)
class TrophyTitle(Node):
    native_id: strawberry.ID = strawberry.field(
        description="The source's own id: PSN `npCommunicationId`, RetroAchievements `GameID`."
    )
    name: str | None = strawberry.field(description="Its name, in the language asked for.")
    detail: str | None = strawberry.field(description="PSN `trophyTitleDetail`; never for PS5.")
    icon: Image | None = strawberry.field(description="Its picture.")
    platforms: list[str] | None = strawberry.field(
        description="What it is played on: PSN `trophyTitlePlatform`, RetroAchievements "
        "`ConsoleName`."
    )
    service_name: str | None = strawberry.field(
        description="PSN `npServiceName`: trophy (PS3, PS4, Vita) or trophy2 (PS5, PC)."
    )
    set_version: str | None = strawberry.field(description="PSN `trophySetVersion`.")
    has_groups: bool | None = strawberry.field(
        description="Whether there is more than the base group (PSN `hasTrophyGroups`)."
    )
    hidden_by_owner: bool | None = strawberry.field(
        description="Whether the viewer hides it on his own list (PSN `hiddenFlag`)."
    )
    defined_counts: TrophyCounts | None = strawberry.field(
        description="What there is to earn (PSN `definedTrophies`)."
    )
    earned_counts: TrophyCounts | None = strawberry.field(
        description="What the player has (PSN `earnedTrophies`)."
    )
    achievement_count: int | None = strawberry.field(
        description="How many there are to earn (RetroAchievements `MaxPossible`)."
    )
    earned_count: int | None = strawberry.field(
        description="How many the player has (RetroAchievements `NumAwarded`)."
    )
    progress: int | None = strawberry.field(
        description="0 to 100 percent, rounded down: of the points without platinum on PSN, of the "
        "number on RetroAchievements."
    )
    last_updated_at: datetime | None = strawberry.field(
        description="When the player last earned something or synced (PSN "
        "`lastUpdatedDateTime`, RetroAchievements `MostRecentAwardedDate`)."
    )
    shelf: strawberry.Private[Shelf]
    record: strawberry.Private[records.Title]
    wanted: strawberry.Private[Part]

    @strawberry.field(
        description="Opaque and lasting; contains the account it was reached through."
    )
    def id(self) -> strawberry.ID:
        return node_id("TrophyTitle", self.shelf, self.native_id)

    @strawberry.field(description="Where it comes from.")
    def source(self) -> Source:
        return self.shelf.source

    @strawberry.field(description="Its groups in the source's order.")
    async def groups(self, info: Info) -> list[TrophyGroup] | None:
        found = await titles.groups(info.context, self.shelf, self.record, self.wanted)
        return None if found is None else [self._group(each) for each in found]

    @strawberry.field(description="One of its groups; null when there is none of that id.")
    async def group(
        self,
        info: Info,
        native_id: Annotated[
            strawberry.ID, strawberry.argument(description="The group's id at the source.")
        ],
    ) -> TrophyGroup | None:
        found = await titles.groups(info.context, self.shelf, self.record, self.wanted)
        same = (each for each in found or () if each.native_id == native_id)
        return next((self._group(each) for each in same), None)

    @strawberry.field(description="Its achievements in the source's order.")
    async def achievements(
        self, info: Info, state: State = AchievementState.ALL, reveal_hidden: Reveal = False
    ) -> list[Achievement] | None:
        return await in_title(
            info, self.shelf, self.record, self.wanted, state, reveal=reveal_hidden
        )

    @strawberry.field(
        description="The earned ones of the lowest rarity; several on a tie, none when none is "
        "earned."
    )
    async def rarest_achievements(self, info: Info) -> list[Achievement] | None:
        wanted = self.wanted | Part.EARNED | Part.RARITY
        found = await titles.achievements(info.context, self.shelf, self.record, wanted)
        if found is None or self.shelf.handle is None:
            return None
        return all_of(titles.rarest(found), self.shelf, self.record)

    def _group(self, record: records.Group) -> TrophyGroup:
        return TrophyGroup.of(record, self.shelf, self.record, self.wanted)

    @classmethod
    def of(
        cls,
        record: records.Title,
        shelf: Shelf,
        wanted: Part,
        asked: records.Title | None = None,
    ) -> "TrophyTitle":
        """A record on somebody's shelf, and the parts of it that are going to be asked for.

        `asked` is what its contents were asked by already, so that nothing is asked twice.
        """
        return plain.of(cls, record, shelf=shelf, record=asked or record, wanted=wanted)


@strawberry.type(description="Titles over all sources.")
class TrophyTitleConnection(Connection[TrophyTitle]):
    pass


async def title_of(info: Info, shelf: Shelf, record: records.Title | None) -> TrophyTitle | None:
    """The title of something inside it."""
    return None if record is None else await title_at(info, shelf, record)


async def title_at(info: Info, shelf: Shelf, record: records.Title) -> TrophyTitle:
    """The title with what is selected of it; a bare one is completed first."""
    selection = Selection.below(info)
    if record.name is not None:
        return TrophyTitle.of(record, shelf, title_parts(selection))
    wanted = own_parts(selection)
    if not wanted:
        return TrophyTitle.of(record, shelf, wanted)
    found = await titles.contents(info.context, shelf, record, wanted)
    return TrophyTitle.of(found.title or record, shelf, wanted, record)


async def bare_title(info: Info, source: Source, native_id: str) -> TrophyTitle | None:
    """A title's definition without any player; null when nobody knows it."""
    wanted = own_parts(Selection.below(info)) or Part.TITLE
    record = await titles.definition(info.context, source, native_id, wanted)
    asked = records.Title(native_id=native_id)
    return record and TrophyTitle.of(record, Shelf(source), wanted, asked)


async def titled_award(info: Info, shelf: Shelf, native_id: str) -> TrophyTitle | None:
    """The title an award is for, as the player has it."""
    try:
        return await title_at(info, shelf, records.Title(native_id=native_id))
    except NotFound:
        return None
