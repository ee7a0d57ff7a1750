"""Registers the enums of the records as GraphQL enums, with a description of every value."""

from enum import Enum

import strawberry
from strawberry.types.enum import StrawberryEnumDefinition

from providers.psn_records import (
    CampaignRewardType,
    CampaignStatus,
    CollectibleRarity,
    PsnMessageType,
    PsnResourceKind,
)
from providers.records import AchievementTrigger, AwardKind, RarityBand, TrophyGrade, UnlockMode
from providers.registry import Source
from resolvers.arguments import (
    AchievementState,
    StatisticsDimension,
    TitleCompletion,
    TitleOrder,
)
from resolvers.live.unlock_event import DetectedBy
from resolvers.status import SourceState
from resolvers.unlocks.milestones import MilestoneKind


def register_enum(enum_class: type[Enum], description: str, values: dict[str, str]) -> None:
    """Register an enum with a description for itself and for each of its values."""
    strawberry.enum(enum_class, description=description)
    definition: StrawberryEnumDefinition = vars(enum_class)["__strawberry_definition__"]
    for value in definition.values:
        value.description = values[value.name]


register_enum(
    Source,
    "The sources of achievements.",
    {source.name: source.value.label for source in Source},
)
register_enum(
    SourceState,
    "Why a source's part of a response is there, stale, or missing.",
    {
        "OK": "The source responded.",
        "STALE": "The source failed; this is an earlier response.",
        "NOT_CONFIGURED": "This server has no credential for the source.",
        "NOT_LINKED": "The user has no account on this source.",
        "NOT_FOUND": "The account does not exist on this source.",
        "PRIVATE": "The account's owner hides this.",
        "NOT_ENROLLED": "The account is not enrolled in the program.",
        "UNAUTHENTICATED": "The source has rejected the credential.",
        "RATE_LIMITED": "The rate limit of the source, or of this server for it, is used up.",
        "UNAVAILABLE": "The source does not respond, or its response is invalid.",
        "RETIRED": "The source has retired the program.",
    },
)
register_enum(
    AchievementState,
    "Which achievements are selected.",
    {
        "EARNED": "The achievements that the player has earned.",
        "LOCKED": "The achievements that the player has not earned.",
        "ALL": "Both.",
    },
)
register_enum(
    TitleOrder,
    "The order of a list of titles. Every order except LAST_UPDATED needs all of the user's "
    "titles, one call for up to 800.",
    {
        "LAST_UPDATED": "Last updated first.",
        "FEWEST_LEFT": "Fewest locked achievements first; unknown comes last.",
        "HIGHEST_PROGRESS": "Highest progress first; unknown comes last.",
    },
)
register_enum(
    TitleCompletion,
    "The player's progress in a title, by the number of achievements.",
    {
        "ANY": "Every title.",
        "NOT_STARTED": "No achievement is earned.",
        "IN_PROGRESS": "Some achievements are earned, but not all.",
        "COMPLETED": "All achievements are earned.",
    },
)
register_enum(
    StatisticsDimension,
    "What unlocks are counted by; each description names the keys.",
    {
        "DAY": "By day in UTC, such as `2026-05-17`. Opens titles.",
        "MONTH": "By month in UTC, such as `2026-05`. Opens titles.",
        "PLATFORM": "By the platforms of the title, such as `PS5`, or `PS4, PS5` for one on both: "
        "no source tells on which of them something was earned. Reads lists alone.",
        "SOURCE": "By source, such as `PSN`. Reads lists alone.",
        "RARITY": "By rarity, a `RarityBand`. Opens titles.",
        "GRADE": "By grade, a `TrophyGrade`; only PSN has grades. Reads lists alone.",
    },
)
register_enum(
    MilestoneKind,
    "What makes an unlock a milestone.",
    {
        "UNLOCK": "It was the first one, or a multiple of `every`.",
        "FIRST_PLATINUM": "It was the first platinum trophy.",
        "FIRST_COMPLETION": "It was the last one of the first title of which everything is earned; "
        "on RetroAchievements in either mode.",
    },
)
register_enum(
    TrophyGrade,
    "PlayStation's grades (PSN `trophyType`).",
    {
        "BRONZE": "Worth 15 trophy points.",
        "SILVER": "Worth 30 trophy points.",
        "GOLD": "Worth 90 trophy points.",
        "PLATINUM": "Worth 300 trophy points; for earning all others of the base group.",
    },
)
register_enum(
    RarityBand,
    "Rarity by PSN's bands, for all sources; PSN's own value, `trophyRare`, if there is one.",
    {
        "ULTRA_RARE": "Up to 5 percent of the players.",
        "VERY_RARE": "Up to 15 percent.",
        "RARE": "Up to 50 percent.",
        "COMMON": "More than 50 percent.",
    },
)
register_enum(
    DetectedBy,
    "The way by which this server learned of an unlock.",
    {
        "POLL": "It asked the source.",
        "WEBHOOK": "The source has sent it.",
    },
)
register_enum(
    UnlockMode,
    "The two modes of RetroAchievements.",
    {
        "HARDCORE": "Without save states and cheats.",
        "SOFTCORE": "With save states and cheats; the source also calls it casual.",
    },
)
register_enum(
    AchievementTrigger,
    "The kind of event that unlocks an achievement.",
    {
        "GAMEPLAY": "An event in a game (PSN, RetroAchievements, Steam, Xbox).",
        "METRIC": "A metric that reaches a value (Trophy.so `metric`).",
        "STREAK": "A streak that reaches a length (Trophy.so `streak`).",
        "API": "A request of the application (Trophy.so `api`).",
        "COMPOSITE": "Other achievements (Trophy.so `achievement`).",
        "OTHER": "A value that this server does not know; see `rawTrigger`.",
    },
)
register_enum(
    AwardKind,
    "The kind of a RetroAchievements award (`AwardType` with `AwardDataExtra`).",
    {
        "MASTERED": "All achievements of a game earned in hardcore mode.",
        "COMPLETED": "All achievements of a game earned in softcore mode.",
        "BEATEN_HARDCORE": "A game beaten in hardcore mode.",
        "BEATEN_SOFTCORE": "A game beaten in softcore mode.",
        "EVENT": "Participation in an event.",
        "SITE_EVENT": "An event with a site award.",
        "UNLOCKS_YIELD": "Unlocks, by other players, of achievements that the user has created.",
        "POINTS_YIELD": "Points, of other players, for achievements that the user has created.",
        "PATREON_SUPPORTER": "Support of the site on Patreon.",
        "CERTIFIED_LEGEND": "A legend, certified by the site.",
        "PLAYTEST": "Tests of achievements before their release.",
        "MEDIA_CONTRIBUTION": "Contribution of pictures.",
        "OTHER": "A value that this server does not know; see `rawType`.",
    },
)
register_enum(
    CampaignRewardType,
    "The kind of a campaign's reward (PlayStation Stars `campaignRewardType`).",
    {
        "POINTS": "Points.",
        "COLLECTIBLE": "A digital collectible.",
        "OTHER": "A value that this server does not know.",
    },
)
register_enum(
    CampaignStatus,
    "The account's progress (PlayStation Stars `status`).",
    {
        "NOT_REGISTERED": "Not joined.",
        "AUTO_REGISTERED": "Joined automatically.",
        "REGISTERED": "Joined.",
        "IN_PROGRESS": "Started.",
        "COMPLETED": "Completed.",
        "EXPIRED": "Ended.",
        "OTHER": "A value that this server does not know; see `rawStatus`.",
    },
)
register_enum(
    CollectibleRarity,
    "The rarity of a collectible (PlayStation Stars `rarityType`), most common first.",
    {
        "COMMON": "Common.",
        "UNCOMMON": "Uncommon.",
        "RARE": "Rare.",
        "HEROIC": "Heroic.",
        "LEGENDARY": "Legendary.",
        "MYTHIC": "Mythic.",
        "OTHER": "A value that this server does not know; see `rawRarity`.",
    },
)
register_enum(
    PsnMessageType,
    "The type of a message (PSN `messageType`).",
    {
        "TEXT": "Text (1).",
        "IMAGE": "A picture (3).",
        "VIDEO": "A video (210).",
        "VOICE": "A voice message (1011).",
        "STICKER": "A sticker (1013).",
        "EVENT": "An event in the group, such as a member who leaves (2000 to 2999).",
        "OTHER": "A value that this server does not know; see `rawType`.",
    },
)
register_enum(
    PsnResourceKind,
    "The kind of message that an uploaded resource is sent as.",
    {
        "IMAGE": "A picture.",
        "STICKER": "A sticker.",
        "VOICE": "A voice message.",
    },
)
