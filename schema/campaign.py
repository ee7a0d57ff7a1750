"""PlayStation Stars campaigns."""

from datetime import UTC, datetime, timedelta

import strawberry

from providers import psn_records
from providers.kit.caching.cached import Cached
from providers.kit.request_context import get_current
from resolvers.campaign import get_campaign
from resolvers.context import Owner
from schema.enums import CampaignRewardType, CampaignStatus, CollectibleRarity
from schema.from_record import from_record
from schema.node import Info, Node, encode_node_id
from schema.values import Media


@strawberry.federation.type(
    shareable=True, description="The digital collectible that a campaign rewards."
)
class Collectible:
    native_id: strawberry.ID = strawberry.field(description="`id`.")
    name: str | None = strawberry.field(description="`name`.")
    rarity: CollectibleRarity = strawberry.field(description="How rare the collectible is.")
    raw_rarity: str | None = strawberry.field(description="The source's own value, `rarityType`.")
    assets: list[Media] = strawberry.field(description="Pictures and videos, `assets`.")


@strawberry.federation.type(shareable=True, description="A task of a campaign.")
class CampaignTask:
    native_id: strawberry.ID = strawberry.field(description="`id`.")
    description: str | None = strawberry.field(description="What the task asks for.")
    concept_id: strawberry.ID | None = strawberry.field(
        description="`conceptId`: the game in all of its versions."
    )
    product_id: str | None = strawberry.field(description="`productId` in the store.")
    progress: int | None = strawberry.field(description="0 to 100 percent.")
    status: CampaignStatus = strawberry.field(description="The account's progress.")
    raw_status: str = strawberry.field(description="The source's own value, `status`.")


@strawberry.federation.type(
    keys=["id"], description="A PlayStation Stars campaign, with the account's progress."
)
class Campaign(Node):
    native_id: strawberry.ID = strawberry.field(
        description="`id`; different for the same campaign in each region."
    )
    group_id: strawberry.ID | None = strawberry.field(
        description="The `id` of the campaign's group."
    )
    group_name: str | None = strawberry.field(description="The `name` of the campaign's group.")
    name: str | None = strawberry.field(description="`name`.")
    description: str | None = strawberry.field(description="`description`.")
    reward_type: CampaignRewardType = strawberry.field(description="The kind of reward.")
    points: int | None = strawberry.field(
        description="The reward in points; null if `displayPoints` is empty."
    )
    display_points: str | None = strawberry.field(
        description="The source's own text, `displayPoints`; can be empty."
    )
    collectible: Collectible | None = strawberry.field(
        description="The reward of a campaign that does not reward points."
    )
    images: list[Media] = strawberry.field(description="`images`.")
    product_id: str | None = strawberry.field(description="`productId` in the store.")
    starts_at: datetime | None = strawberry.field(description="`startDate`.")
    ends_at: datetime | None = strawberry.field(description="`endDate`.")
    progress: int | None = strawberry.field(description="0 to 100 percent.")
    status: CampaignStatus = strawberry.field(description="The account's progress.")
    raw_status: str = strawberry.field(description="The source's own value, `status`.")
    is_new: bool | None = strawberry.field(description="`isNew`: the account has not opened it.")
    is_registrable: bool | None = strawberry.field(
        description="`isRegistrable`: the account can join."
    )
    owner: strawberry.Private[Owner]
    record: strawberry.Private[psn_records.Campaign]
    fetched_at: strawberry.Private[datetime]

    @strawberry.field(description="Opaque and lasting; contains the account.")
    def id(self) -> strawberry.ID:
        return encode_node_id("Campaign", self.owner, self.native_id)

    @strawberry.field(
        description="Seconds until the end: `remainingTime`, less the time since it was fetched; 0 "
        "after the end."
    )
    def remaining_seconds(self) -> int | None:
        if self.record.remaining_seconds is None:
            return None
        get_current().forbid_reuse()
        get_current().forbid_sharing()
        passed = (datetime.now(UTC) - self.fetched_at) // timedelta(seconds=1)
        return max(0, self.record.remaining_seconds - passed)

    @strawberry.field(description="The tasks, from the campaign's detail operation.")
    async def tasks(self, info: Info) -> list[CampaignTask] | None:
        found = self.record.tasks
        if found is None:
            answer = await get_campaign(info.context, self.owner.source, self.native_id)
            found = answer.value.tasks if answer else None
        return None if found is None else [from_record(CampaignTask, task) for task in found]

    @classmethod
    def from_cached(cls, answer: Cached[psn_records.Campaign], owner: Owner) -> "Campaign":
        """Build the type from a cached record of the viewer's own account."""
        return from_record(
            cls, answer.value, owner=owner, record=answer.value, fetched_at=answer.fetched_at
        )


def build_campaigns(
    answer: Cached[tuple[psn_records.Campaign, ...]], owner: Owner
) -> list[Campaign]:
    """Build the campaigns of a cached list."""
    return [
        Campaign.from_cached(Cached(each, answer.fetched_at, answer.stale), owner)
        for each in answer.value
    ]
