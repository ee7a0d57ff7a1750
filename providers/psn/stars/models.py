"""Responses of PlayStation Stars."""

from msgspec import field

from providers.kit.upstream.decode import Int32, Model, NonNegativeInt32


class MediaRow(Model, kw_only=True):
    """An image or a video."""

    url: str | None = None
    alt_text: str | None = field(name="altText", default=None)
    role: str | None = None
    type: str | None = None


class CollectibleRow(Model, kw_only=True):
    """A collectible; its rarity is documented as `rarity` and sent as `rarityType`."""

    native_id: str = field(name="id")
    name: str | None = None
    rarity_type: str | None = field(name="rarityType", default=None)
    rarity: str | None = None
    assets: list[MediaRow] | None = None


class TaskRow(Model, kw_only=True):
    """A task of a campaign."""

    native_id: str = field(name="id")
    description: str | None = None
    concept_id: str | None = field(name="conceptId", default=None)
    product_id: str | None = field(name="productId", default=None)
    progress: Int32 | None = None
    status: str | None = None


class CampaignRow(Model, kw_only=True):
    """A campaign; only the detail operation sends its tasks."""

    native_id: str = field(name="id")
    name: str | None = None
    description: str | None = None
    reward_type: str | None = field(name="campaignRewardType", default=None)
    display_points: str | None = field(name="displayPoints", default=None)
    collectible: CollectibleRow | None = None
    images: list[MediaRow] | None = None
    product_id: str | None = field(name="productId", default=None)
    start: str | None = field(name="startDate", default=None)
    end: str | None = field(name="endDate", default=None)
    remaining: NonNegativeInt32 | None = field(name="remainingTime", default=None)
    progress: Int32 | None = None
    status: str | None = None
    is_new: bool | None = field(name="isNew", default=None)
    is_registrable: bool | None = field(name="isRegistrable", default=None)
    tasks: list[TaskRow] | None = None


class CampaignGroupRow(Model, kw_only=True):
    """A group of campaigns."""

    native_id: str | None = field(name="id", default=None)
    name: str | None = None
    campaigns: list[CampaignRow] = field(default_factory=list[CampaignRow])


class CampaignListData(Model, kw_only=True):
    """The data of the list operation."""

    groups: list[CampaignGroupRow] | None = field(name="loyaltyCampaignGroupRetrieve", default=None)


class CampaignDetailData(Model, kw_only=True):
    """The data of the detail operation."""

    campaign: CampaignRow | None = field(name="loyaltyCampaignByIdRetrieve", default=None)


class CampaignListResponse(Model, kw_only=True):
    """The response to the list operation."""

    data: CampaignListData | None = None


class CampaignDetailResponse(Model, kw_only=True):
    """The response to the detail operation."""

    data: CampaignDetailData | None = None
