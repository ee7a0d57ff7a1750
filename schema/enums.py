"""The records' enums as GraphQL enums, every value described."""

from enum import Enum
from typing import TypeVar

import strawberry
from strawberry.types.enum import StrawberryEnumDefinition

from providers import records
from providers.registry import Source as RegisteredSource

E = TypeVar("E", bound=Enum)


def described(kind: type[E], description: str, values: dict[str, str]) -> type[E]:
    """Register an enum with a description for itself and for each of its values."""
    strawberry.enum(kind, description=description)
    definition: StrawberryEnumDefinition = kind.__strawberry_definition__  # pyright: ignore[reportUnknownMemberType, reportAttributeAccessIssue, reportUnknownVariableType] - set by strawberry.enum
    for value in definition.values:  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        value.description = values[value.name]
    return kind


Source = described(
    RegisteredSource,
    "Where achievements come from.",
    {source.name: source.value.label for source in RegisteredSource},
)
SourceState = described(
    records.SourceState,
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
AchievementState = described(
    records.AchievementState,
    "Which achievements are meant.",
    {
        "EARNED": "Those the player has earned.",
        "LOCKED": "Those the player has still to earn.",
        "ALL": "Both.",
    },
)
TrophyGrade = described(
    records.TrophyGrade,
    "PlayStation's grades (PSN `trophyType`).",
    {
        "BRONZE": "Worth 15 trophy points.",
        "SILVER": "Worth 30 trophy points.",
        "GOLD": "Worth 90 trophy points.",
        "PLATINUM": "Worth 300 trophy points; for all the others of the base set.",
    },
)
RarityBand = described(
    records.RarityBand,
    "One table for all sources, PSN's. Where PSN sends its own `trophyRare`, that one.",
    {
        "ULTRA_RARE": "Up to 5 percent of the players.",
        "VERY_RARE": "Up to 15 percent.",
        "RARE": "Up to 50 percent.",
        "COMMON": "More than 50 percent.",
    },
)
UnlockMode = described(
    records.UnlockMode,
    "RetroAchievements' two ways to play.",
    {
        "HARDCORE": "Without save states and cheats.",
        "SOFTCORE": "With them; the source also calls it casual.",
    },
)
AchievementTrigger = described(
    records.AchievementTrigger,
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
AwardKind = described(
    records.AwardKind,
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
CampaignRewardType = described(
    records.CampaignRewardType,
    "What a campaign pays (PlayStation Stars `campaignRewardType`).",
    {
        "POINTS": "Points.",
        "COLLECTIBLE": "A digital collectible.",
        "OTHER": "Something this server does not know.",
    },
)
CampaignStatus = described(
    records.CampaignStatus,
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
CollectibleRarity = described(
    records.CollectibleRarity,
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
