"""RetroAchievements' site awards."""

from datetime import datetime

import strawberry

from providers import records
from providers.registry import Source
from resolvers.context import Owner
from schema import from_record
from schema.connection import Connection
from schema.enums import AwardKind, UnlockMode
from schema.node import Info, Node, encode_node_id
from schema.title import TrophyTitle, get_award_title
from schema.values import Image


@strawberry.federation.type(keys=["id"], description="A badge that the site gave to a player.")
class Award(Node):
    kind: AwardKind = strawberry.field(description="What it is for.")
    raw_type: str = strawberry.field(description="The same as the source writes it, `AwardType`.")
    name: str | None = strawberry.field(description="`Title`; null for awards without a game.")
    awarded_at: datetime | None = strawberry.field(description="`AwardedAt`.")
    icon: Image | None = strawberry.field(description="`ImageIcon`.")
    mode: UnlockMode | None = strawberry.field(
        description="For awards of a game, from `AwardDataExtra`."
    )
    platform_id: strawberry.ID | None = strawberry.field(description="`ConsoleID`.")
    platform_name: str | None = strawberry.field(description="`ConsoleName`.")
    display_order: int | None = strawberry.field(
        description="`DisplayOrder`, as the player arranged his awards."
    )
    flags: int | None = strawberry.field(description="`Flags`; the source sends null today.")
    native_data: int | None = strawberry.field(
        description="`AwardData`: a game, an event, a tier, by `kind`."
    )
    native_data_extra: int | None = strawberry.field(
        description="`AwardDataExtra`: for games 1 is hardcore and 0 softcore, else a tier."
    )
    owner: strawberry.Private[Owner]
    native_id: strawberry.Private[str]
    title_id: strawberry.Private[str | None]

    @strawberry.field(description="Opaque and lasting; contains the account.")
    def id(self) -> strawberry.ID:
        return encode_node_id("Award", self.owner, self.native_id)

    @strawberry.field(description="Where it comes from.")
    def source(self) -> Source:
        return self.owner.source

    @strawberry.field(description="The title it is for; null for awards without a game.")
    async def title(self, info: Info) -> TrophyTitle | None:
        if self.title_id is None:
            return None
        return await get_award_title(info, self.owner, self.title_id)

    @classmethod
    def from_record(cls, record: records.Award, owner: Owner) -> "Award":
        """A record on somebody's shelf."""
        return from_record.from_record(
            cls, record, owner=owner, native_id=record.native_id, title_id=record.title_id
        )


@strawberry.federation.type(
    shareable=True,
    description="The counts as the source gives them; hidden awards are included and the kinds "
    "need not add up to the total.",
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


@strawberry.type(description="Awards over all sources that give any.")
class AwardConnection(Connection[Award]):
    summary: AwardSummary | None = strawberry.field(
        description="The source's own counts; null when it did not answer."
    )
