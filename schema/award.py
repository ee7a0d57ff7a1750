"""RetroAchievements' site awards."""

from datetime import datetime

import strawberry

from providers import records
from providers.registry import Source
from resolvers.context import Owner
from schema.connection import Connection
from schema.enums import AwardKind, UnlockMode
from schema.from_record import from_record
from schema.node import Info, Node, encode_node_id
from schema.title import TrophyTitle, get_named_title
from schema.values import Image


@strawberry.federation.type(keys=["id"], description="A badge that the site has given to a player.")
class Award(Node):
    kind: AwardKind = strawberry.field(description="What the award is for.")
    raw_type: str = strawberry.field(description="The source's own value, `AwardType`.")
    name: str | None = strawberry.field(description="`Title`; null for an award without a game.")
    awarded_at: datetime | None = strawberry.field(description="`AwardedAt`.")
    icon: Image | None = strawberry.field(description="`ImageIcon`.")
    mode: UnlockMode | None = strawberry.field(
        description="The mode of an award for a game, from `AwardDataExtra`."
    )
    platform_id: strawberry.ID | None = strawberry.field(description="`ConsoleID`.")
    platform_name: str | None = strawberry.field(description="`ConsoleName`.")
    display_order: int | None = strawberry.field(
        description="`DisplayOrder`, the order that the player has chosen."
    )
    flags: int | None = strawberry.field(description="`Flags`; the source currently sends null.")
    native_data: int | None = strawberry.field(
        description="`AwardData`: the id of a game or an event, or a tier, depending on `kind`."
    )
    native_data_extra: int | None = strawberry.field(
        description="`AwardDataExtra`: 1 hardcore or 0 softcore for a game, else a tier."
    )
    owner: strawberry.Private[Owner]
    native_id: strawberry.Private[str]
    listed_title: strawberry.Private[records.Title | None]

    @strawberry.field(description="Opaque and lasting; contains the account.")
    def id(self) -> strawberry.ID:
        return encode_node_id("Award", self.owner, self.native_id)

    @strawberry.field(description="The source of the award.")
    def source(self) -> Source:
        return self.owner.source

    @strawberry.field(description="The title of the award; null for an award without a game.")
    async def title(self, info: Info) -> TrophyTitle | None:
        if self.listed_title is None:
            return None
        return await get_named_title(info, self.owner, self.listed_title)

    @classmethod
    def from_record(cls, record: records.Award, owner: Owner) -> "Award":
        """Build the type from a record of an account."""
        platforms = (record.platform_name,) if record.platform_name else None
        title = record.title_id and records.Title(
            native_id=record.title_id, name=record.name, icon=record.icon, platforms=platforms
        )
        return from_record(
            cls, record, owner=owner, native_id=record.native_id, listed_title=title or None
        )


@strawberry.federation.type(
    shareable=True,
    description="The source's own counts of awards. They include hidden awards, and the kinds need "
    "not add up to the total.",
)
class AwardSummary:
    total: int = strawberry.field(description="`TotalAwardsCount`.")
    hidden: int = strawberry.field(description="`HiddenAwardsCount`.")
    mastery: int = strawberry.field(description="`MasteryAwardsCount`.")
    completion: int = strawberry.field(description="`CompletionAwardsCount`.")
    beaten_hardcore: int = strawberry.field(description="`BeatenHardcoreAwardsCount`.")
    beaten_softcore: int = strawberry.field(description="`BeatenSoftcoreAwardsCount`.")
    event: int = strawberry.field(description="`EventAwardsCount`.")
    site: int = strawberry.field(description="`SiteAwardsCount`.")


@strawberry.type(description="Awards of all sources that have awards.")
class AwardConnection(Connection[Award]):
    summary: AwardSummary | None = strawberry.field(
        description="The source's own counts; null if the source did not respond."
    )
