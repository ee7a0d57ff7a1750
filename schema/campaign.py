"""PlayStation Stars campaigns."""

from datetime import UTC, datetime, timedelta

import strawberry

from providers import psn_records
from providers.kit.caching.cached import Cached
from resolvers import campaign as campaigns
from resolvers.context import Owner
from schema import from_record
from schema.enums import CampaignRewardType, CampaignStatus, CollectibleRarity
from schema.node import Info, Node, encode_node_id
from schema.values import Media


@strawberry.federation.type(shareable=True, description="What a campaign pays in kind.")
class Collectible:
    native_id: strawberry.ID = strawberry.field(description="`id`.")
    name: str | None = strawberry.field(description="`name`.")
    rarity: CollectibleRarity = strawberry.field(description="How rare it is.")
    raw_rarity: str | None = strawberry.field(
        description="The same as the source writes it, `rarityType`."
    )
    assets: list[Media] = strawberry.field(description="Its pictures and films, `assets`.")


@strawberry.federation.type(shareable=True, description="One step of a campaign.")
class CampaignTask:
    native_id: strawberry.ID = strawberry.field(description="`id`.")
    description: str | None = strawberry.field(description="What to do.")
    concept_id: strawberry.ID | None = strawberry.field(
        description="`conceptId`: the game in all its versions."
    )
    product_id: str | None = strawberry.field(description="`productId` in the store.")
    progress: int | None = strawberry.field(description="0 to 100 percent.")
    status: CampaignStatus = strawberry.field(description="How far the account is.")
    raw_status: str = strawberry.field(description="The same as the source writes it, `status`.")


@strawberry.federation.type(
    keys=["id"], description="A PlayStation Stars campaign and how far the account is."
)
class Campaign(Node):
    native_id: strawberry.ID = strawberry.field(
        description="`id`; the same campaign has another in each region."
    )
    group_id: strawberry.ID | None = strawberry.field(description="Its group's `id`.")
    group_name: str | None = strawberry.field(description="Its group's `name`.")
    name: str | None = strawberry.field(description="`name`.")
    description: str | None = strawberry.field(description="`description`.")
    reward_type: CampaignRewardType = strawberry.field(description="What it pays.")
    points: int | None = strawberry.field(
        description="Points it pays; null when `displayPoints` is empty."
    )
    display_points: str | None = strawberry.field(
        description="`displayPoints` as the source writes it, which may be empty."
    )
    collectible: Collectible | None = strawberry.field(
        description="The collectible it pays; null for points."
    )
    images: list[Media] = strawberry.field(description="`images`.")
    product_id: str | None = strawberry.field(description="`productId` in the store.")
    starts_at: datetime | None = strawberry.field(description="`startDate`.")
    ends_at: datetime | None = strawberry.field(description="`endDate`.")
    progress: int | None = strawberry.field(description="0 to 100 percent.")
    status: CampaignStatus = strawberry.field(description="How far the account is.")
    raw_status: str = strawberry.field(description="The same as the source writes it, `status`.")
    is_new: bool | None = strawberry.field(description="`isNew`: never opened.")
    is_registrable: bool | None = strawberry.field(
        description="`isRegistrable`: the account may join."
    )
    owner: strawberry.Private[Owner]
    record: strawberry.Private[psn_records.Campaign]
    fetched_at: strawberry.Private[datetime]

    @strawberry.field(description="Opaque and lasting; contains the account.")
    def id(self) -> strawberry.ID:
        return encode_node_id("Campaign", self.owner, self.native_id)

    @strawberry.field(
        description="Seconds until it ends, `remainingTime` counted down from the moment it was "
        "fetched; 0 when over."
    )
    def remaining_seconds(self) -> int | None:
        if self.record.remaining_seconds is None:
            return None
        passed = (datetime.now(UTC) - self.fetched_at) // timedelta(seconds=1)
        return max(0, self.record.remaining_seconds - passed)

    @strawberry.field(description="Its steps, from the campaign's detail operation.")
    async def tasks(self, info: Info) -> list[CampaignTask] | None:
        found = self.record.tasks
        if found is None:
            answer = await campaigns.get_campaign(info.context, self.owner.source, self.native_id)
            found = answer.value.tasks if answer else None
        return (
            None
            if found is None
            else [from_record.from_record(CampaignTask, task) for task in found]
        )

    @classmethod
    def from_cached(cls, answer: Cached[psn_records.Campaign], owner: Owner) -> "Campaign":
        """A record of the viewer's own account."""
        return from_record.from_record(
            cls, answer.value, owner=owner, record=answer.value, fetched_at=answer.fetched_at
        )


def build_campaigns(
    answer: Cached[tuple[psn_records.Campaign, ...]], owner: Owner
) -> list[Campaign]:
    """All campaigns of one answer."""
    return [
        Campaign.from_cached(Cached(each, answer.fetched_at, answer.stale), owner)
        for each in answer.value
    ]
