"""Titles, their groups and their achievements: three types that name each other."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Annotated, Any

import msgspec
import strawberry
from strawberry.utils.str_converters import to_camel_case

from providers import records
from providers.errors import NotFound
from providers.records import Part
from providers.registry import Source
from resolvers.arguments import AchievementState
from resolvers.context import Owner
from resolvers.title import (
    filter_by_state,
    find_rarest,
    get_achievements,
    get_contents,
    get_definition,
    get_groups,
)
from resolvers.title_facts import load_title_facts
from schema.connection import AfterArgument, Connection, FirstArgument
from schema.direct_resolvers import starts_at_once
from schema.enums import AchievementTrigger, TrophyGrade, UnlockMode
from schema.findings import find_in_selection
from schema.from_record import from_record, from_records
from schema.node import Info, Node, encode_definition_id, encode_node_id
from schema.title_leaderboard import TitleLeaderboardConnection, list_leaderboards
from schema.title_parts import (
    PART_BY_FACT,
    get_group_parts,
    get_standalone_title_parts,
    get_title_parts,
)
from schema.title_values import TitleAward, TitleInfo
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
    strawberry.argument(description="The state of the achievements: earned, locked, or all."),
]
RevealHidden = Annotated[
    bool,
    strawberry.argument(
        description="Whether hidden achievements show their name, description, icon and reward "
        "while they are locked."
    ),
]


@strawberry.federation.type(keys=["id"], description="An achievement, with the player's state.")
class Achievement(Node):
    native_id: strawberry.ID = strawberry.field(
        description="The source's own id, such as PSN `trophyId`, Steam `apiname`, or "
        "the `id` of RetroAchievements, Trophy.so or Xbox."
    )
    key: str | None = strawberry.field(description="Trophy.so `key`, Steam `apiname`.")
    name: str | None = strawberry.field(
        description="The name; null for a hidden achievement while it is locked, unless "
        "`revealHidden`."
    )
    description: str | None = strawberry.field(
        description="What the player has to do; null for a hidden achievement while it is locked, "
        "unless `revealHidden`."
    )
    icon: Image | None = strawberry.field(
        description="The picture; null for a hidden achievement while it is locked, unless "
        "`revealHidden`."
    )
    hidden: bool = strawberry.field(
        description="Whether it is hidden until it is earned (PSN `trophyHidden`)."
    )
    earned: bool | None = strawberry.field(
        description="Whether the player has earned it; null for a definition without a player."
    )
    earned_at: datetime | None = strawberry.field(
        description="When the player earned it; null while it is locked, or if the source does not "
        "say."
    )
    unlock_mode: UnlockMode | None = strawberry.field(
        description="The mode in which it was earned (RetroAchievements)."
    )
    earned_at_softcore: datetime | None = strawberry.field(
        description="When it was earned in softcore mode (RetroAchievements `DateEarned`)."
    )
    grade: TrophyGrade | None = strawberry.field(description="PSN `trophyType`.")
    points: AchievementPoints | None = strawberry.field(
        description="The points of the achievement."
    )
    rarity: Rarity | None = strawberry.field(
        description="The share of players who have earned it; on PSN only for titles of the player."
    )
    progress: AchievementProgress | None = strawberry.field(
        description="The progress of its counter; null if it has none."
    )
    trigger: AchievementTrigger = strawberry.field(description="The kind of event that unlocks it.")
    raw_trigger: str | None = strawberry.field(
        description="The source's own value (Trophy.so `trigger`, Xbox `achievementType`)."
    )
    trigger_detail: TriggerDetail | None = strawberry.field(
        description="The condition of the trigger (Trophy.so)."
    )
    kind: str | None = strawberry.field(
        description="RetroAchievements `Type`: progression, win_condition or missable."
    )
    reward: AchievementReward | None = strawberry.field(
        description="A reward that the player gets with it (PSN, PS5 only; Xbox `rewards` besides "
        "gamerscore)."
    )
    user_attributes: list[KeyValue] | None = strawberry.field(
        description="Attributes that the user must have (Trophy.so `userAttributes`)."
    )
    event_attributes: list[KeyValue] | None = strawberry.field(
        description="Attributes that the event must have (Trophy.so `eventAttributes`)."
    )
    owner: strawberry.Private[Owner]
    title_record: strawberry.Private[records.Title | None]
    group_id: strawberry.Private[str | None]

    @strawberry.field(
        description="Opaque and lasting; contains the account, so that a client's cache never "
        "mixes the state of two players."
    )
    def id(self) -> strawberry.ID:
        return encode_node_id("Achievement", self.owner, self._title_id, self.native_id)

    @strawberry.field(description="The id of the definition, the same for every player.")
    def definition_id(self) -> strawberry.ID:
        return encode_definition_id(self.owner.source, self._title_id, self.native_id)

    @strawberry.field(description="The source.")
    def source(self) -> Source:
        return self.owner.source

    @strawberry.field(description="The group; null if the source has no groups.")
    @starts_at_once
    async def group(self, info: Info) -> "TrophyGroup | None":
        return await get_achievement_group(info, self)

    @strawberry.field(description="The title; null if the source has no titles.")
    @starts_at_once
    async def title(self, info: Info) -> "TrophyTitle | None":
        return await get_title_or_none(info, self.owner, self.title_record)

    @property
    def _title_id(self) -> str:
        return self.title_record.native_id if self.title_record else ""

    @classmethod
    def from_record(
        cls, record: records.Achievement, owner: Owner, title: records.Title | None
    ) -> "Achievement":
        """Build the type from a record; `owner` is the account that it is about."""
        return from_record(cls, record, owner=owner, title_record=title)


@strawberry.type(description="Achievements of all sources.")
class AchievementConnection(Connection[Achievement]):
    pass


def build_achievements(
    found: Sequence[records.Achievement], owner: Owner, title: records.Title | None
) -> Sequence[Achievement]:
    """Build the types from records of one title."""
    return from_records(Achievement, found, owner=owner, title_record=title)


async def get_title_achievements(
    info: Info,
    owner: Owner,
    title: records.Title,
    parts: Part,
    state: AchievementState,
    *,
    reveal: bool,
    group_id: str | None = None,
) -> Sequence[Achievement] | None:
    """Return a title's achievements of a state; with `group_id`, only those of the group."""
    if state is not AchievementState.ALL:
        parts |= Part.EARNED
    found = await get_achievements(info.context, owner, title, parts)
    if found is None:
        return None
    shown = filter_by_state(found, state, reveal=reveal, group_id=group_id)
    return build_achievements(shown, owner, title)


@strawberry.federation.type(
    keys=["id"],
    description="A group of achievements in a title: the base group, or an add-on.",
)
class TrophyGroup(Node):
    native_id: strawberry.ID = strawberry.field(
        description="PSN `trophyGroupId`: `default`, `001`, `002` and so on; `core` on "
        "RetroAchievements; Steam `groupid`."
    )
    name: str | None = strawberry.field(description="PSN `trophyGroupName`.")
    detail: str | None = strawberry.field(description="PSN `trophyGroupDetail`.")
    icon: Image | None = strawberry.field(description="PSN `trophyGroupIconUrl`.")
    defined_counts: TrophyCounts | None = strawberry.field(description="All trophies of the group.")
    earned_counts: TrophyCounts | None = strawberry.field(
        description="The trophies that the player has earned."
    )
    progress: int | None = strawberry.field(
        description="0 to 100 percent of the points, rounded down and without the platinum trophy."
    )
    last_updated_at: datetime | None = strawberry.field(
        description="When the player last earned a trophy of the group."
    )
    owner: strawberry.Private[Owner]
    title_record: strawberry.Private[records.Title]
    parts: strawberry.Private[Part]

    @strawberry.field(description="Opaque and lasting; contains the account.")
    def id(self) -> strawberry.ID:
        return encode_node_id(
            "TrophyGroup", self.owner, self.title_record.native_id, self.native_id
        )

    @strawberry.field(description="The title of the group.")
    @starts_at_once
    async def title(self, info: Info) -> "TrophyTitle":
        return await get_title(info, self.owner, self.title_record)

    @strawberry.field(description="The achievements, in the source's order.")
    @starts_at_once
    async def achievements(
        self,
        info: Info,
        state: StateFilter = AchievementState.ALL,
        reveal_hidden: RevealHidden = False,
    ) -> Sequence[Achievement] | None:
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
        """Build the type from a record of a title's group."""
        return from_record(cls, record, owner=owner, title_record=title, parts=parts)


async def get_achievement_group(info: Info, achievement: Achievement) -> TrophyGroup | None:
    """Return the group of an achievement, with the selected fields."""
    if achievement.title_record is None:
        return None
    parts = find_in_selection(info, get_group_parts)
    group_id = achievement.group_id
    if group_id is None:
        group_id = await _look_up_group_id(info, achievement)
    if group_id is None:
        return None
    if not parts & (Part.GROUPS | Part.GROUP_PROGRESS):
        group = records.Group(native_id=group_id)
        return TrophyGroup.from_record(group, achievement.owner, achievement.title_record, parts)
    found = await get_groups(info.context, achievement.owner, achievement.title_record, parts)
    record = next((each for each in found or () if each.native_id == group_id), None)
    return record and TrophyGroup.from_record(
        record, achievement.owner, achievement.title_record, parts
    )


async def _look_up_group_id(info: Info, achievement: Achievement) -> str | None:
    if achievement.title_record is None:
        return None
    found = await get_achievements(
        info.context, achievement.owner, achievement.title_record, Part.DEFINITIONS
    )
    same = (each for each in found or () if each.native_id == achievement.native_id)
    return next((each.group_id for each in same), None)


@strawberry.federation.type(
    keys=["id"],
    description="A game, or a set, with achievements. `id` contains the account through which the "
    "title was reached, or none for a bare definition, and is therefore the only key.",
)
class TrophyTitle(Node):
    native_id: strawberry.ID = strawberry.field(
        description="The source's own id, such as PSN `npCommunicationId`, RetroAchievements "
        "`GameID`, Steam `appid` or Xbox `titleId`."
    )
    name: str | None = strawberry.field(description="The name, in the language of the request.")
    detail: str | None = strawberry.field(
        description="PSN `trophyTitleDetail`; null for PS5 titles."
    )
    icon: Image | None = strawberry.field(description="The picture.")
    platforms: list[str] | None = strawberry.field(
        description="The platforms: PSN `trophyTitlePlatform`, RetroAchievements `ConsoleName`, "
        "Xbox `devices`, on which it can be played."
    )
    service_name: str | None = strawberry.field(
        description="PSN `npServiceName`: trophy (PS3, PS4, Vita) or trophy2 (PS5, PC)."
    )
    set_version: str | None = strawberry.field(
        description="PSN `trophySetVersion`, Steam `schema_version`; on Steam null in a list."
    )
    has_groups: bool | None = strawberry.field(
        description="Whether it has more than the base group (PSN `hasTrophyGroups`), or groups at "
        "all (Steam, null in a list)."
    )
    hidden_by_owner: bool | None = strawberry.field(
        description="Whether the viewer has hidden it in their own list (PSN `hiddenFlag`, "
        "Xbox `titleHistory.visible`)."
    )
    defined_counts: TrophyCounts | None = strawberry.field(
        description="All trophies (PSN `definedTrophies`)."
    )
    earned_counts: TrophyCounts | None = strawberry.field(
        description="The trophies that the player has earned (PSN `earnedTrophies`)."
    )
    achievement_count: int | None = strawberry.field(
        description="Number of achievements (RetroAchievements `MaxPossible`), including those "
        "that the player has yet to sync, where they are known; of a modern Xbox title null in a "
        "list until the title was opened once."
    )
    earned_count: int | None = strawberry.field(
        description="Number of achievements that the player has earned (RetroAchievements "
        "`NumAwarded`, Xbox `currentAchievements`)."
    )
    progress: int | None = strawberry.field(
        description="0 to 100 percent, rounded down: on PSN of the points without the platinum "
        "trophy, on other sources of the number of achievements."
    )
    last_updated_at: datetime | None = strawberry.field(
        description="When the player last earned an achievement or synced trophies (PSN "
        "`lastUpdatedDateTime`, RetroAchievements `MostRecentAwardedDate`); on Steam and Xbox null "
        "in a list, whose titles are in the order in which they were last played."
    )
    owner: strawberry.Private[Owner]
    record: strawberry.Private[records.Title]
    request_title: strawberry.Private[records.Title]
    parts: strawberry.Private[Part]

    @strawberry.field(
        description="Opaque and lasting; contains the account through which the title was reached."
    )
    def id(self) -> strawberry.ID:
        return encode_node_id("TrophyTitle", self.owner, self.native_id)

    @strawberry.field(description="The source.")
    def source(self) -> Source:
        return self.owner.source

    @strawberry.field(
        description="All points of the title, in the source's own unit: RetroAchievements "
        "`PossibleScore`, one call for up to 200 titles, Xbox `totalGamerscore`; null on other "
        "sources. `weighted` only where the title's achievements are loaded."
    )
    @starts_at_once
    async def points(self, info: Info) -> AchievementPoints | None:
        found = await self._find_fact(info, "points")
        return found and from_record(AchievementPoints, found)

    @strawberry.field(
        description="The points that the player has earned, in the source's own unit: "
        "RetroAchievements `ScoreAchieved`, in either mode, Xbox `currentGamerscore`; null on "
        "other sources, and without a player."
    )
    @starts_at_once
    async def earned_points(self, info: Info) -> AchievementPoints | None:
        found = await self._find_fact(info, "earned_points")
        return found and from_record(AchievementPoints, found)

    @strawberry.field(
        description="How long the player has played it, in seconds: Steam `playtime_forever`, "
        "RetroAchievements `UserTotalPlaytime`, one call for each title, Xbox `MinutesPlayed`, one "
        "call for up to 100 titles; null if the source does not tell it."
    )
    @starts_at_once
    async def play_duration_seconds(self, info: Info) -> int | None:
        return await self._find_fact(info, "play_duration_seconds")

    @strawberry.field(
        description="When the player last played it: Steam `rtime_last_played`, Xbox "
        "`lastTimePlayed`, RetroAchievements `LastPlayed`, one call for 50 titles; null if the "
        "source does not tell it."
    )
    @starts_at_once
    async def last_played_at(self, info: Info) -> datetime | None:
        return await self._find_fact(info, "last_played_at")

    @strawberry.field(
        description="Number of players whom the source knows (RetroAchievements "
        "`NumDistinctPlayers`), one call for each title; null on other sources."
    )
    @starts_at_once
    async def population(self, info: Info) -> int | None:
        return await self._find_fact(info, "population")

    @strawberry.field(
        description="The highest award that the player has reached in it (RetroAchievements "
        "`HighestAwardKind`); null if there is none, and on other sources."
    )
    @starts_at_once
    async def highest_award(self, info: Info) -> TitleAward | None:
        found = await self._find_fact(info, "highest_award")
        return found and from_record(TitleAward, found)

    @strawberry.field(
        description="The source's description of the game itself: RetroAchievements, one call "
        "for each title, and Xbox; null on other sources."
    )
    @starts_at_once
    async def info(self, info: Info) -> TitleInfo | None:
        found = await self._find_fact(info, "info")
        return found and from_record(TitleInfo, found)

    @strawberry.field(description="The groups, in the source's order.")
    @starts_at_once
    async def groups(self, info: Info) -> Sequence[TrophyGroup] | None:
        found = await get_groups(info.context, self.owner, self.request_title, self.parts)
        return None if found is None else self._build_groups(found)

    @strawberry.field(description="One of the groups; null if there is no group with that id.")
    @starts_at_once
    async def group(
        self,
        info: Info,
        native_id: Annotated[
            strawberry.ID, strawberry.argument(description="The source's own id of the group.")
        ],
    ) -> TrophyGroup | None:
        found = await get_groups(info.context, self.owner, self.request_title, self.parts)
        matches = [each for each in found or () if each.native_id == native_id]
        return next(iter(self._build_groups(matches[:1])), None)

    @strawberry.field(description="The achievements, in the source's order.")
    @starts_at_once
    async def achievements(
        self,
        info: Info,
        state: StateFilter = AchievementState.ALL,
        reveal_hidden: RevealHidden = False,
    ) -> Sequence[Achievement] | None:
        return await get_title_achievements(
            info, self.owner, self.request_title, self.parts, state, reveal=reveal_hidden
        )

    @strawberry.field(
        description="The leaderboards, in the source's order (RetroAchievements); null on other "
        "sources."
    )
    async def leaderboards(
        self, info: Info, first: FirstArgument = 20, after: AfterArgument = strawberry.UNSET
    ) -> TitleLeaderboardConnection | None:
        return await list_leaderboards(info, self.owner, self.native_id, first, after)

    @strawberry.field(
        description="The earned achievements with the lowest rarity: several on a tie, none if "
        "none is earned."
    )
    @starts_at_once
    async def rarest_achievements(self, info: Info) -> Sequence[Achievement] | None:
        parts = self.parts | Part.EARNED | Part.RARITY
        found = await get_achievements(info.context, self.owner, self.request_title, parts)
        if found is None or self.owner.handle is None:
            return None
        return build_achievements(find_rarest(found), self.owner, self.request_title)

    def _build_groups(self, found: Sequence[records.Group]) -> Sequence[TrophyGroup]:
        return from_records(
            TrophyGroup,
            found,
            owner=self.owner,
            title_record=self.request_title,
            parts=self.parts,
        )

    async def _find_fact(self, info: Info, name: str) -> Any:
        """Return what the title's row has, or what is loaded for it."""
        value = getattr(self.record, name)
        if value is not None:
            return value
        title, needed = self.request_title, PART_BY_FACT[name]
        loaded = await load_title_facts(info.context, self.owner, title, self.parts, needed)
        return loaded and getattr(loaded, name)

    @classmethod
    def from_record(
        cls,
        record: records.Title,
        owner: Owner,
        parts: Part,
        request_title: records.Title | None = None,
    ) -> "TrophyTitle":
        """Build the type from a record; `parts` are those that the selected fields need.

        `request_title` is the title that its contents were requested with before, so that they
        are not requested again.
        """
        return from_record(
            cls,
            record,
            owner=owner,
            record=record,
            request_title=request_title or record,
            parts=parts,
        )


@strawberry.type(description="Titles of all sources.")
class TrophyTitleConnection(Connection[TrophyTitle]):
    pass


async def get_title_or_none(
    info: Info, owner: Owner, record: records.Title | None
) -> TrophyTitle | None:
    """Return the title with the selected fields; None without a record."""
    return None if record is None else await get_title(info, owner, record)


async def get_title(info: Info, owner: Owner, record: records.Title) -> TrophyTitle:
    """Return the title with the selected fields; a record with only an id is completed first."""
    if record.name is not None:
        parts = find_in_selection(info, get_title_parts)
        return TrophyTitle.from_record(record, owner, parts)
    parts = find_in_selection(info, get_standalone_title_parts)
    if not parts:
        return TrophyTitle.from_record(record, owner, parts)
    found = await get_contents(info.context, owner, record, parts)
    return TrophyTitle.from_record(found.title or record, owner, parts, record)


async def get_title_definition(info: Info, source: Source, native_id: str) -> TrophyTitle | None:
    """Return a title's definition without a player; None if it does not exist."""
    parts = find_in_selection(info, get_standalone_title_parts) or Part.TITLE
    record = await get_definition(info.context, source, native_id, parts)
    request_title = records.Title(native_id=native_id)
    return record and TrophyTitle.from_record(record, Owner(source), parts, request_title)


# What rows about something else may say of a title.
NAMED_FIELDS = ("name", "icon", "platforms", "achievement_count", "points")


async def get_named_title(info: Info, owner: Owner, listed: records.Title) -> TrophyTitle | None:
    """Return the title that a row about something else names, with the progress of any player.

    What the row says is not requested, and is shown also without the title's contents.
    """
    request_title = records.Title(native_id=listed.native_id)
    known = {name: getattr(listed, name) for name in NAMED_FIELDS}
    known = {name: value for name, value in known.items() if value is not None}
    known_fields = frozenset(map(to_camel_case, known))
    parts = find_in_selection(info, get_standalone_title_parts, known_fields)
    record = listed
    if parts:
        with suppress(NotFound):
            found = await get_contents(info.context, owner, request_title, parts)
            missing = {
                name: value
                for name, value in known.items()
                if getattr(found.title, name, None) is None
            }
            record = msgspec.structs.replace(found.title or listed, **missing)
    return TrophyTitle.from_record(record, owner, parts, request_title)
