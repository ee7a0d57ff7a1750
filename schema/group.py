"""A title's group of achievements."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from providers import records
from providers.records import AchievementState, Part
from resolvers import title as titles
from resolvers.context import Shelf
from schema import plain
from schema.achievement import Achievement, Reveal, State, in_title
from schema.node import Info, Node, node_id
from schema.selection import Selection, group_parts
from schema.values import Image, TrophyCounts

if TYPE_CHECKING:
    from schema.title import TrophyTitle


@strawberry.federation.type(
    keys=["id"],
    description="A group of achievements inside a title: the base set, or an addition to it.",
)
class TrophyGroup(Node):
    native_id: strawberry.ID = strawberry.field(
        description="PSN `trophyGroupId`: `default`, `001`, `002` and so on; `core` elsewhere."
    )
    name: str | None = strawberry.field(description="PSN `trophyGroupName`.")
    detail: str | None = strawberry.field(description="PSN `trophyGroupDetail`.")
    icon: Image | None = strawberry.field(description="PSN `trophyGroupIconUrl`.")
    defined_counts: TrophyCounts | None = strawberry.field(description="What there is to earn.")
    earned_counts: TrophyCounts | None = strawberry.field(description="What the player has.")
    progress: int | None = strawberry.field(
        description="0 to 100 percent of the points, rounded down; platinum does not count."
    )
    last_updated_at: datetime | None = strawberry.field(
        description="When the player last earned something in it."
    )
    shelf: strawberry.Private[Shelf]
    on: strawberry.Private[records.Title]
    wanted: strawberry.Private[Part]

    @strawberry.field(description="Opaque and lasting; contains the account.")
    def id(self) -> strawberry.ID:
        return node_id("TrophyGroup", self.shelf, self.on.native_id, self.native_id)

    @strawberry.field(description="The title it is in.")
    async def title(self, info: Info) -> Annotated["TrophyTitle", strawberry.lazy("schema.title")]:
        from schema.title import title_at  # noqa: PLC0415 - the two types name each other

        return await title_at(info, self.shelf, self.on)

    @strawberry.field(description="Its achievements in the source's order.")
    async def achievements(
        self, info: Info, state: State = AchievementState.ALL, reveal_hidden: Reveal = False
    ) -> list[Achievement] | None:
        return await in_title(
            info,
            self.shelf,
            self.on,
            self.wanted | Part.DEFINITIONS,
            state,
            reveal=reveal_hidden,
            group_id=self.native_id,
        )

    @classmethod
    def of(
        cls, record: records.Group, shelf: Shelf, on: records.Title, wanted: Part
    ) -> "TrophyGroup":
        """A record in a title on somebody's shelf."""
        return plain.of(cls, record, shelf=shelf, on=on, wanted=wanted)


async def group_of(info: Info, achievement: Achievement) -> TrophyGroup | None:
    """The group an achievement is in, with what is selected of it."""
    if achievement.on is None:
        return None
    wanted = group_parts(Selection.below(info))
    group_id = achievement.group_id
    if group_id is None:
        group_id = await _looked_up(info, achievement)
    if group_id is None:
        return None
    if not wanted & (Part.GROUPS | Part.GROUP_PROGRESS):
        bare = records.Group(native_id=group_id)
        return TrophyGroup.of(bare, achievement.shelf, achievement.on, wanted)
    found = await titles.groups(info.context, achievement.shelf, achievement.on, wanted)
    record = next((each for each in found or () if each.native_id == group_id), None)
    return record and TrophyGroup.of(record, achievement.shelf, achievement.on, wanted)


async def _looked_up(info: Info, achievement: Achievement) -> str | None:
    if achievement.on is None:
        return None
    found = await titles.achievements(
        info.context, achievement.shelf, achievement.on, Part.DEFINITIONS
    )
    same = (each for each in found or () if each.native_id == achievement.native_id)
    return next((each.group_id for each in same), None)
