"""The records' enums as GraphQL enums, every value described."""

from enum import Enum

import strawberry
from providers.psn_records import (
    CampaignRewardType,
    CampaignStatus,
    CollectibleRarity,
    PsnMessageType,
    PsnResourceKind,
)
from resolvers.arguments import AchievementState, TitleCompletion, TitleOrder
from strawberry.types.enum import StrawberryEnumDefinition

from providers.records import AchievementTrigger, AwardKind, RarityBand, TrophyGrade, UnlockMode
from providers.registry import Source
from resolvers.status import SourceState


def register_enum(enum_class: type[Enum], description: str, values: dict[str, str]) -> None:
    """Register an enum with a description for itself and for each of its values."""
    strawberry.enum(enum_class, description=description)
    definition: StrawberryEnumDefinition = vars(enum_class)["__strawberry_definition__"]
    for value in definition.values:
        value.description = values[value.name]


register_enum(
    Source,
    "Where achievements come from.",
    {source.name: source.value.label for source in Source},
)
register_enum(
    SourceState,
    "Why a source's part of an answer is there, old, or missing.",
    {
        "OK": "The source answered.",
        "STALE": "The source failed; this is what it answered before.",
        "NOT_CONFIGURED": "This server has no credential for the source.",
        "NOT_LINKED": "The user has no account on this source.",
        "NOT_FOUND": "The source knows no such account.",
        "PRIVATE": "The account's owner does not show this.",
        "NOT_ENROLLED": "The account is not a member of the programme.",
        "UNAUTHENTICATED": "The source does not accept the credential.",
        "RATE_LIMITED": "The source, or the budget for it, asks to wait.",
        "UNAVAILABLE": "The source does not answer, or not as it should.",
        "RETIRED": "The source has ended the programme.",
    },
)
register_enum(
    AchievementState,
    "Which achievements are meant.",
    {
        "EARNED": "Those the player has earned.",
        "LOCKED": "Those the player has still to earn.",
        "ALL": "Both.",
    },
)
register_enum(
    TitleOrder,
    "What comes first. Any order but LAST_UPDATED has to read all of the user's titles first, one "
    "call for up to 800.",
    {
        "LAST_UPDATED": "What was last updated.",
        "FEWEST_LEFT": "What has the fewest achievements left to earn; unknown comes last.",
        "HIGHEST_PROGRESS": "What has the highest progress; unknown comes last.",
    },
)
register_enum(
    TitleCompletion,
    "How far the player is with a title, by the number of achievements.",
    {
        "ANY": "However far.",
        "NOT_STARTED": "Nothing is earned.",
        "IN_PROGRESS": "Something is earned, and something is left.",
        "COMPLETED": "Everything is earned.",
    },
)
register_enum(
    TrophyGrade,
    "PlayStation's grades (PSN `trophyType`).",
    {
        "BRONZE": "Worth 15 trophy points.",
        "SILVER": "Worth 30 trophy points.",
        "GOLD": "Worth 90 trophy points.",
        "PLATINUM": "Worth 300 trophy points; for all the others of the base set.",
    },
)
register_enum(
    RarityBand,
    "One table for all sources, PSN's. Where PSN sends its own `trophyRare`, that one.",
    {
        "ULTRA_RARE": "Up to 5 percent of the players.",
        "VERY_RARE": "Up to 15 percent.",
        "RARE": "Up to 50 percent.",
        "COMMON": "More than 50 percent.",
    },
)
register_enum(
    UnlockMode,
    "RetroAchievements' two ways to play.",
    {
        "HARDCORE": "Without save states and cheats.",
        "SOFTCORE": "With them; the source also calls it casual.",
    },
)
register_enum(
    AchievementTrigger,
    "What makes an achievement unlock.",
    {
        "GAMEPLAY": "Something done in a game (PSN, RetroAchievements).",
        "METRIC": "A metric that reaches a value (Trophy.so `metric`).",
        "STREAK": "A streak that reaches a length (Trophy.so `streak`).",
        "API": "A call of the application (Trophy.so `api`).",
        "COMPOSITE": "Other achievements (Trophy.so `achievement`).",
        "OTHER": "Something this server does not know; see `rawTrigger`.",
    },
)
register_enum(
    AwardKind,
    "What a RetroAchievements award is for (`AwardType` with `AwardDataExtra`).",
    {
        "MASTERED": "Every achievement of a game in hardcore mode.",
        "COMPLETED": "Every achievement of a game in softcore mode.",
        "BEATEN_HARDCORE": "A game beaten in hardcore mode.",
        "BEATEN_SOFTCORE": "A game beaten in softcore mode.",
        "EVENT": "Taking part in an event.",
        "SITE_EVENT": "An event that gives a site award.",
        "UNLOCKS_YIELD": "Other players' unlocks of achievements this user made.",
        "POINTS_YIELD": "Points other players got from achievements this user made.",
        "PATREON_SUPPORTER": "Supporting the site.",
        "CERTIFIED_LEGEND": "Named a legend by the site.",
        "PLAYTEST": "Testing achievements before their release.",
        "MEDIA_CONTRIBUTION": "Contributing pictures.",
        "OTHER": "Something this server does not know; see `rawType`.",
    },
)
register_enum(
    CampaignRewardType,
    "What a campaign pays (PlayStation Stars `campaignRewardType`).",
    {
        "POINTS": "Points.",
        "COLLECTIBLE": "A digital collectible.",
        "OTHER": "Something this server does not know.",
    },
)
register_enum(
    CampaignStatus,
    "How far the account is (PlayStation Stars `status`).",
    {
        "NOT_REGISTERED": "Not joined.",
        "AUTO_REGISTERED": "Joined without asking.",
        "REGISTERED": "Joined.",
        "IN_PROGRESS": "Begun.",
        "COMPLETED": "Done.",
        "EXPIRED": "Over.",
        "OTHER": "Something this server does not know; see `rawStatus`.",
    },
)
register_enum(
    CollectibleRarity,
    "How rare a collectible is (PlayStation Stars `rarityType`), commonest first.",
    {
        "COMMON": "Common.",
        "UNCOMMON": "Uncommon.",
        "RARE": "Rare.",
        "HEROIC": "Heroic.",
        "LEGENDARY": "Legendary.",
        "MYTHIC": "Mythic.",
        "OTHER": "Something this server does not know; see `rawRarity`.",
    },
)
register_enum(
    PsnMessageType,
    "What a message is (PSN `messageType`).",
    {
        "TEXT": "Text (1).",
        "IMAGE": "A picture (3).",
        "VIDEO": "A film (210).",
        "VOICE": "A voice message (1011).",
        "STICKER": "A sticker (1013).",
        "EVENT": "Something that happened in the group, such as a member leaving (2000 to 2999).",
        "OTHER": "Something this server does not know; see `rawType`.",
    },
)
register_enum(
    PsnResourceKind,
    "As what an uploaded resource is sent.",
    {
        "IMAGE": "A picture.",
        "STICKER": "A sticker.",
        "VOICE": "A voice message.",
    },
)
