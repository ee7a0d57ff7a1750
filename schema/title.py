"""Titles, their groups and their achievements: three types that name each other."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

import strawberry
from resolvers.arguments import AchievementState

from providers import records
from providers.errors import NotFound
from providers.records import Part
from providers.registry import Source
from resolvers import title as titles
from resolvers.context import Owner
from schema import from_record
from schema.connection import Connection
from schema.enums import AchievementTrigger, TrophyGrade, UnlockMode
from schema.node import Info, Node, encode_definition_id, encode_node_id
from schema.selection import Selection
from schema.title_parts import get_group_parts, get_standalone_title_parts, get_title_parts
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

StateFilter = Annotated[
    AchievementState,
    strawberry.argument(description="Which of them: earned, still locked, or all."),
]
RevealHidden = Annotated[
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
    owner: strawberry.Private[Owner]
    title_record: strawberry.Private[records.Title | None]
    group_id: strawberry.Private[str | None]

    @strawberry.field(
        description="Opaque and lasting; contains the account, so that a client's cache never "
        "shows one player's state to another."
    )
    def id(self) -> strawberry.ID:
        return encode_node_id("Achievement", self.owner, self._title_id, self.native_id)

    @strawberry.field(description="The id of what there is to earn: the same for every player.")
    def definition_id(self) -> strawberry.ID:
        return encode_definition_id(self.owner.source, self._title_id, self.native_id)

    @strawberry.field(description="Where it comes from.")
    def source(self) -> Source:
        return self.owner.source

    @strawberry.field(description="The group it is in; null where the source has none.")
    async def group(self, info: Info) -> "TrophyGroup | None":
        return await get_achievement_group(info, self)

    @strawberry.field(description="The title it is in; null where the source has none.")
    async def title(self, info: Info) -> "TrophyTitle | None":
        return await get_title_or_none(info, self.owner, self.title_record)

    @property
    def _title_id(self) -> str:
        return self.title_record.native_id if self.title_record else ""

    @classmethod
    def from_record(
        cls, record: records.Achievement, owner: Owner, title: records.Title | None
    ) -> "Achievement":
        return from_record.from_record(
            cls, record, owner=owner, title_record=title, group_id=record.group_id
        )


@strawberry.type(description="Achievements over all sources.")
class AchievementConnection(Connection[Achievement]):
    pass


def build_achievements(
    found: Iterable[records.Achievement], owner: Owner, title: records.Title | None
) -> list[Achievement]:
    """Records of one title as GraphQL types."""
    return [Achievement.from_record(each, owner, title) for each in found]


async def get_title_achievements(
    info: Info,
    owner: Owner,
    title: records.Title,
    parts: Part,
    state: AchievementState,
    *,
    reveal: bool,
    group_id: str | None = None,
) -> list[Achievement] | None:
    """A title's achievements of one state, or those of one of its groups."""
    if state is not AchievementState.ALL:
        parts |= Part.EARNED
    found = await titles.get_achievements(info.context, owner, title, parts)
    if found is None:
        return None
    in_state = titles.filter_by_state(found, state, reveal=reveal)
    in_group = [each for each in in_state if group_id is None or each.group_id == group_id]
    return build_achievements(in_group, owner, title)


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
    owner: strawberry.Private[Owner]
    title_record: strawberry.Private[records.Title]
    parts: strawberry.Private[Part]

    @strawberry.field(description="Opaque and lasting; contains the account.")
    def id(self) -> strawberry.ID:
        return encode_node_id(
            "TrophyGroup", self.owner, self.title_record.native_id, self.native_id
        )

    @strawberry.field(description="The title it is in.")
    async def title(self, info: Info) -> "TrophyTitle":
        return await get_title(info, self.owner, self.title_record)

    @strawberry.field(description="Its achievements in the source's order.")
    async def achievements(
        self,
        info: Info,
        state: StateFilter = AchievementState.ALL,
        reveal_hidden: RevealHidden = False,
    ) -> list[Achievement] | None:
        return await get_title_achievements(
            info,
            self.owner,
            self.title_record,
            self.parts | Part.DEFINITIONS,
            state,
            reveal=reveal_hidden,
            group_id=self.native_id,
        )

    @classmethod
    def from_record(
        cls, record: records.Group, owner: Owner, title: records.Title, parts: Part
    ) -> "TrophyGroup":
        """A record in a title on somebody's shelf."""
        return from_record.from_record(cls, record, owner=owner, title_record=title, parts=parts)


async def get_achievement_group(info: Info, achievement: Achievement) -> TrophyGroup | None:
    """The group an achievement is in, with what is selected of it."""
    if achievement.title_record is None:
        return None
    parts = get_group_parts(Selection.from_info(info))
    group_id = achievement.group_id
    if group_id is None:
        group_id = await _look_up_group_id(info, achievement)
    if group_id is None:
        return None
    if not parts & (Part.GROUPS | Part.GROUP_PROGRESS):
        group = records.Group(native_id=group_id)
        return TrophyGroup.from_record(group, achievement.owner, achievement.title_record, parts)
    found = await titles.get_groups(
        info.context, achievement.owner, achievement.title_record, parts
    )
    record = next((each for each in found or () if each.native_id == group_id), None)
    return record and TrophyGroup.from_record(
        record, achievement.owner, achievement.title_record, parts
    )


async def _look_up_group_id(info: Info, achievement: Achievement) -> str | None:
    if achievement.title_record is None:
        return None
    found = await titles.get_achievements(
        info.context, achievement.owner, achievement.title_record, Part.DEFINITIONS
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
    owner: strawberry.Private[Owner]
    request_title: strawberry.Private[records.Title]
    parts: strawberry.Private[Part]

    @strawberry.field(
        description="Opaque and lasting; contains the account it was reached through."
    )
    def id(self) -> strawberry.ID:
        return encode_node_id("TrophyTitle", self.owner, self.native_id)

    @strawberry.field(description="Where it comes from.")
    def source(self) -> Source:
        return self.owner.source

    @strawberry.field(description="Its groups in the source's order.")
    async def groups(self, info: Info) -> list[TrophyGroup] | None:
        found = await titles.get_groups(info.context, self.owner, self.request_title, self.parts)
        return None if found is None else [self._build_group(each) for each in found]

    @strawberry.field(description="One of its groups; null when there is none of that id.")
    async def group(
        self,
        info: Info,
        native_id: Annotated[
            strawberry.ID, strawberry.argument(description="The group's id at the source.")
        ],
    ) -> TrophyGroup | None:
        found = await titles.get_groups(info.context, self.owner, self.request_title, self.parts)
        matches = (each for each in found or () if each.native_id == native_id)
        return next((self._build_group(each) for each in matches), None)

    @strawberry.field(description="Its achievements in the source's order.")
    async def achievements(
        self,
        info: Info,
        state: StateFilter = AchievementState.ALL,
        reveal_hidden: RevealHidden = False,
    ) -> list[Achievement] | None:
        return await get_title_achievements(
            info, self.owner, self.request_title, self.parts, state, reveal=reveal_hidden
        )

    @strawberry.field(
        description="The earned ones of the lowest rarity; several on a tie, none when none is "
        "earned."
    )
    async def rarest_achievements(self, info: Info) -> list[Achievement] | None:
        parts = self.parts | Part.EARNED | Part.RARITY
        found = await titles.get_achievements(info.context, self.owner, self.request_title, parts)
        if found is None or self.owner.handle is None:
            return None
        return build_achievements(titles.find_rarest(found), self.owner, self.request_title)

    def _build_group(self, record: records.Group) -> TrophyGroup:
        return TrophyGroup.from_record(record, self.owner, self.request_title, self.parts)

    @classmethod
    def from_record(
        cls,
        record: records.Title,
        owner: Owner,
        parts: Part,
        request_title: records.Title | None = None,
    ) -> "TrophyTitle":
        """A record on somebody's shelf, and the parts of it that are going to be asked for.

        `asked` is what its contents were asked by already, so that nothing is asked twice.
        """
        return from_record.from_record(
            cls, record, owner=owner, request_title=request_title or record, parts=parts
        )


@strawberry.type(description="Titles over all sources.")
class TrophyTitleConnection(Connection[TrophyTitle]):
    pass


async def get_title_or_none(
    info: Info, owner: Owner, record: records.Title | None
) -> TrophyTitle | None:
    """The title of something inside it."""
    return None if record is None else await get_title(info, owner, record)


async def get_title(info: Info, owner: Owner, record: records.Title) -> TrophyTitle:
    """The title with what is selected of it; a bare one is completed first."""
    selection = Selection.from_info(info)
    if record.name is not None:
        return TrophyTitle.from_record(record, owner, get_title_parts(selection))
    parts = get_standalone_title_parts(selection)
    if not parts:
        return TrophyTitle.from_record(record, owner, parts)
    found = await titles.get_contents(info.context, owner, record, parts)
    return TrophyTitle.from_record(found.title or record, owner, parts, record)


async def get_title_definition(info: Info, source: Source, native_id: str) -> TrophyTitle | None:
    """A title's definition without any player; null when nobody knows it."""
    parts = get_standalone_title_parts(Selection.from_info(info)) or Part.TITLE
    record = await titles.get_definition(info.context, source, native_id, parts)
    request_title = records.Title(native_id=native_id)
    return record and TrophyTitle.from_record(record, Owner(source), parts, request_title)


async def get_award_title(info: Info, owner: Owner, native_id: str) -> TrophyTitle | None:
    """The title an award is for, as the player has it."""
    try:
        return await get_title(info, owner, records.Title(native_id=native_id))
    except NotFound:
        return None
