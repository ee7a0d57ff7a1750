"""Titles, their groups and their achievements: three types that name each other."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

import strawberry

from providers import records
from providers.errors import NotFound
from providers.records import AchievementState, Part
from providers.registry import Source
from resolvers import title as titles
from resolvers.context import Shelf
from schema import from_record
from schema.connection import Connection
from schema.enums import AchievementTrigger, TrophyGrade, UnlockMode
from schema.node import Info, Node, definition_id, node_id
from schema.selection import Selection
from schema.title_parts import group_parts, own_parts, title_parts
from schema.values import (
    AchievementPoints,
    AchievementProgress,
    AchievementReward,
    Image,
    KeyValue,
    Rarity,
    TriggerDetail,
    TrophyCounts,
)

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
    async def group(self, info: Info) -> "TrophyGroup | None":
        return await group_of(info, self)

    @strawberry.field(description="The title it is in; null where the source has none.")
    async def title(self, info: Info) -> "TrophyTitle | None":
        return await title_of(info, self.shelf, self.on)

    @property
    def _title_id(self) -> str:
        return self.on.native_id if self.on else ""

    @classmethod
    def of(
        cls, record: records.Achievement, shelf: Shelf, on: records.Title | None
    ) -> "Achievement":
        """A record on somebody's shelf."""
        return from_record.of(cls, record, shelf=shelf, on=on, group_id=record.group_id)


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
    async def title(self, info: Info) -> "TrophyTitle":
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
        return from_record.of(cls, record, shelf=shelf, on=on, wanted=wanted)


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
        return from_record.of(cls, record, shelf=shelf, record=asked or record, wanted=wanted)


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
