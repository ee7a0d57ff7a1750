"""One thing to earn."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from providers import records
from providers.records import AchievementState, Part
from providers.registry import Source
from resolvers import title as titles
from resolvers.context import Shelf
from schema import plain
from schema.connection import Connection
from schema.enums import AchievementTrigger, TrophyGrade, UnlockMode
from schema.node import Info, Node, definition_id, node_id
from schema.values import (
    AchievementPoints,
    AchievementProgress,
    AchievementReward,
    Image,
    KeyValue,
    Rarity,
    TriggerDetail,
)

if TYPE_CHECKING:
    from schema.group import TrophyGroup
    from schema.title import TrophyTitle

State = Annotated[
    AchievementState,
    strawberry.argument(description="Which of them: earned, still locked, or all."),
]
Reveal = Annotated[
    bool,
    strawberry.argument(
        description="Whether hidden ones that are still locked show their name, description, "
        "icon and reward."
    ),
]


@strawberry.federation.type(
    keys=["id"], description="One thing to earn, and what the player did about it."
)
class Achievement(Node):
    native_id: strawberry.ID = strawberry.field(
        description="The source's own id: PSN `trophyId`, RetroAchievements and Trophy.so `id`."
    )
    key: str | None = strawberry.field(description="Trophy.so `key`.")
    name: str | None = strawberry.field(
        description="Its name. Null while hidden and locked, unless asked to reveal."
    )
    description: str | None = strawberry.field(
        description="What to do. Null while hidden and locked, unless asked to reveal."
    )
    icon: Image | None = strawberry.field(
        description="Its picture. Null while hidden and locked, unless asked to reveal."
    )
    hidden: bool = strawberry.field(
        description="Whether it is a secret until earned (PSN `trophyHidden`)."
    )
    earned: bool | None = strawberry.field(
        description="Whether the player has it; null when no player was asked about."
    )
    earned_at: datetime | None = strawberry.field(
        description="When; null while locked, or when the source does not say."
    )
    unlock_mode: UnlockMode | None = strawberry.field(
        description="How it was earned (RetroAchievements)."
    )
    earned_at_softcore: datetime | None = strawberry.field(
        description="When it was earned in softcore mode (RetroAchievements `DateEarned`)."
    )
    grade: TrophyGrade | None = strawberry.field(description="PSN `trophyType`.")
    points: AchievementPoints | None = strawberry.field(description="What it is worth.")
    rarity: Rarity | None = strawberry.field(
        description="How many players earned it. PSN tells it only for titles the player has."
    )
    progress: AchievementProgress | None = strawberry.field(
        description="How far its counter is, where it has one."
    )
    trigger: AchievementTrigger = strawberry.field(description="What makes it unlock.")
    raw_trigger: str | None = strawberry.field(
        description="The same as the source writes it (Trophy.so `trigger`)."
    )
    trigger_detail: TriggerDetail | None = strawberry.field(
        description="What the trigger waits for (Trophy.so)."
    )
    kind: str | None = strawberry.field(
        description="RetroAchievements `Type`: progression, win_condition or missable."
    )
    reward: AchievementReward | None = strawberry.field(
        description="What the player gets besides (PSN, PS5 only)."
    )
    user_attributes: list[KeyValue] | None = strawberry.field(
        description="Attributes the user must have (Trophy.so `userAttributes`)."
    )
    event_attributes: list[KeyValue] | None = strawberry.field(
        description="Attributes the event must have (Trophy.so `eventAttributes`)."
    )
    shelf: strawberry.Private[Shelf]
    on: strawberry.Private[records.Title | None]
    group_id: strawberry.Private[str | None]

    @strawberry.field(
        description="Opaque and lasting; contains the account, so that a client's cache never "
        "shows one player's state to another."
    )
    def id(self) -> strawberry.ID:
        return node_id("Achievement", self.shelf, self._title_id, self.native_id)

    @strawberry.field(description="The id of what there is to earn: the same for every player.")
    def definition_id(self) -> strawberry.ID:
        return definition_id(self.shelf.source, self._title_id, self.native_id)

    @strawberry.field(description="Where it comes from.")
    def source(self) -> Source:
        return self.shelf.source

    @strawberry.field(description="The group it is in; null where the source has none.")
    async def group(
        self, info: Info
    ) -> Annotated["TrophyGroup", strawberry.lazy("schema.group")] | None:
        from schema.group import group_of  # noqa: PLC0415 - the two types name each other

        return await group_of(info, self)

    @strawberry.field(description="The title it is in; null where the source has none.")
    async def title(
        self, info: Info
    ) -> Annotated["TrophyTitle", strawberry.lazy("schema.title")] | None:
        from schema.title import title_of  # noqa: PLC0415 - the two types name each other

        return await title_of(info, self.shelf, self.on)

    @property
    def _title_id(self) -> str:
        return self.on.native_id if self.on else ""

    @classmethod
    def of(
        cls, record: records.Achievement, shelf: Shelf, on: records.Title | None
    ) -> "Achievement":
        """A record on somebody's shelf."""
        return plain.of(cls, record, shelf=shelf, on=on, group_id=record.group_id)


@strawberry.type(description="Achievements over all sources.")
class AchievementConnection(Connection[Achievement]):
    pass


def all_of(
    found: Iterable[records.Achievement], shelf: Shelf, on: records.Title | None
) -> list[Achievement]:
    """Records of one title as GraphQL types."""
    return [Achievement.of(each, shelf, on) for each in found]


async def in_title(
    info: Info,
    shelf: Shelf,
    title: records.Title,
    wanted: Part,
    state: AchievementState,
    *,
    reveal: bool,
    group_id: str | None = None,
) -> list[Achievement] | None:
    """A title's achievements of one state, or those of one of its groups."""
    if state is not AchievementState.ALL:
        wanted |= Part.EARNED
    found = await titles.achievements(info.context, shelf, title, wanted)
    if found is None:
        return None
    chosen = titles.chosen(found, state, reveal=reveal)
    kept = [each for each in chosen if group_id is None or each.group_id == group_id]
    return all_of(kept, shelf, title)
