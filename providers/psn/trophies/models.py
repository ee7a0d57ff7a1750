"""Responses of the trophy service."""

from msgspec import field

from providers.kit.upstream.decode import FiniteFloat, Int32, Model, NonNegativeInt32


class Counts(Model, kw_only=True):
    """Numbers of trophies by grade."""

    bronze: NonNegativeInt32 | None = None
    silver: NonNegativeInt32 | None = None
    gold: NonNegativeInt32 | None = None
    platinum: NonNegativeInt32 | None = None


class TrophySummaryResponse(Model, kw_only=True):
    """An account's trophy level; `trophyLevel` is documented as text and sent as a number."""

    level: NonNegativeInt32 | None = field(name="trophyLevel", default=None)
    progress: NonNegativeInt32 | None = None
    tier: NonNegativeInt32 | None = None
    points: NonNegativeInt32 | None = field(name="trophyPoint", default=None)
    earned: Counts | None = field(name="earnedTrophies", default=None)


class TitleRow(Model, kw_only=True):
    """A row of an account's title list."""

    native_id: str = field(name="npCommunicationId")
    service: str | None = field(name="npServiceName", default=None)
    version: str | None = field(name="trophySetVersion", default=None)
    name: str | None = field(name="trophyTitleName", default=None)
    detail: str | None = field(name="trophyTitleDetail", default=None)
    icon: str | None = field(name="trophyTitleIconUrl", default=None)
    platform: str | None = field(name="trophyTitlePlatform", default=None)
    has_groups: bool | None = field(name="hasTrophyGroups", default=None)
    defined: Counts | None = field(name="definedTrophies", default=None)
    earned: Counts | None = field(name="earnedTrophies", default=None)
    progress: NonNegativeInt32 | None = None
    hidden: bool | None = field(name="hiddenFlag", default=None)
    updated: str | None = field(name="lastUpdatedDateTime", default=None)


class TitlesResponse(Model, kw_only=True):
    """A page of an account's title list."""

    titles: list[TitleRow] = field(name="trophyTitles")
    total: NonNegativeInt32 | None = field(name="totalItemCount", default=None)
    next_offset: NonNegativeInt32 | None = field(name="nextOffset", default=None)


class ProductRow(Model, kw_only=True):
    """The titles of one product; their rows lack version, platforms and `hiddenFlag`."""

    np_title_id: str = field(name="npTitleId")
    titles: list[TitleRow] = field(name="trophyTitles", default_factory=list[TitleRow])


class ProductsResponse(Model, kw_only=True):
    """The products that were requested, in any order."""

    products: list[ProductRow] = field(name="titles")


class TrophyGroupRow(Model, kw_only=True):
    """A group, either as defined or with an account's progress."""

    native_id: str = field(name="trophyGroupId")
    name: str | None = field(name="trophyGroupName", default=None)
    detail: str | None = field(name="trophyGroupDetail", default=None)
    icon: str | None = field(name="trophyGroupIconUrl", default=None)
    defined: Counts | None = field(name="definedTrophies", default=None)
    earned: Counts | None = field(name="earnedTrophies", default=None)
    progress: NonNegativeInt32 | None = None
    updated: str | None = field(name="lastUpdatedDateTime", default=None)


class TrophyGroupsResponse(Model, kw_only=True):
    """A title and its groups, either as defined or with an account's progress."""

    groups: list[TrophyGroupRow] = field(name="trophyGroups")
    service: str | None = field(name="npServiceName", default=None)
    version: str | None = field(name="trophySetVersion", default=None)
    name: str | None = field(name="trophyTitleName", default=None)
    detail: str | None = field(name="trophyTitleDetail", default=None)
    icon: str | None = field(name="trophyTitleIconUrl", default=None)
    platform: str | None = field(name="trophyTitlePlatform", default=None)
    defined: Counts | None = field(name="definedTrophies", default=None)
    earned: Counts | None = field(name="earnedTrophies", default=None)
    progress: NonNegativeInt32 | None = None
    hidden: bool | None = field(name="hiddenFlag", default=None)
    updated: str | None = field(name="lastUpdatedDateTime", default=None)


class TrophyRow(Model, kw_only=True):
    """A trophy, either as defined or with an account's state; some numbers are sent as text."""

    trophy_id: Int32 = field(name="trophyId")
    hidden: bool | None = field(name="trophyHidden", default=None)
    grade: str | None = field(name="trophyType", default=None)
    group_id: str | None = field(name="trophyGroupId", default=None)
    name: str | None = field(name="trophyName", default=None)
    detail: str | None = field(name="trophyDetail", default=None)
    icon: str | None = field(name="trophyIconUrl", default=None)
    target: FiniteFloat | None = field(name="trophyProgressTargetValue", default=None)
    reward_name: str | None = field(name="trophyRewardName", default=None)
    reward_icon: str | None = field(name="trophyRewardImageUrl", default=None)
    earned: bool | None = None
    earned_at: str | None = field(name="earnedDateTime", default=None)
    progress: FiniteFloat | None = None
    progress_rate: FiniteFloat | None = field(name="progressRate", default=None)
    progressed_at: str | None = field(name="progressedDateTime", default=None)
    rare: Int32 | None = field(name="trophyRare", default=None)
    earned_rate: FiniteFloat | None = field(name="trophyEarnedRate", default=None)


class TrophiesResponse(Model, kw_only=True):
    """A page of trophies."""

    trophies: list[TrophyRow]
    version: str | None = field(name="trophySetVersion", default=None)
    has_groups: bool | None = field(name="hasTrophyGroups", default=None)
    updated: str | None = field(name="lastUpdatedDateTime", default=None)
    total: NonNegativeInt32 | None = field(name="totalItemCount", default=None)
    next_offset: NonNegativeInt32 | None = field(name="nextOffset", default=None)
