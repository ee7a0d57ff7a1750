"""Campaigns of PlayStation Stars as records."""

from datetime import timedelta

import pytest

from providers.psn.stars import campaign_mapping
from providers.psn.stars.models import CampaignRow, MediaRow
from providers.psn_records import CampaignRewardType, CampaignStatus, CollectibleRarity
from tests.providers.psn.harness import run_with_client
from tests.providers.psn.stars.campaign_harness import NOVEMBER_ID, load_campaigns, load_november


def test_a_campaign_is_complete() -> None:
    found = next(
        campaign
        for campaign in run_with_client(load_campaigns)
        if campaign.native_id == NOVEMBER_ID
    )
    assert (found.group_id, found.group_name) == ("Default", "Default")
    assert found.name == "November Check-In"
    assert (found.reward_type, found.points) == (CampaignRewardType.COLLECTIBLE, None)
    assert found.display_points == ""
    assert found.collectible is not None
    assert found.collectible.rarity is CollectibleRarity.UNCOMMON
    assert [asset.is_video for asset in found.collectible.assets] == [False, True]
    assert (found.status, found.raw_status) == (CampaignStatus.AUTO_REGISTERED, "AUTO_REGISTERED")
    assert found.starts_at is not None
    assert found.ends_at is not None
    assert (found.ends_at - found.starts_at) == timedelta(days=29, hours=23, minutes=59)
    assert found.remaining_seconds is not None
    assert found.remaining_seconds > 0
    assert (found.is_new, found.is_registrable, found.progress) == (True, True, 0)
    assert found.tasks is None


def test_points_are_a_number_or_null() -> None:
    assert {campaign.points for campaign in run_with_client(load_campaigns)} >= {None, 50}


def test_only_the_detail_has_tasks() -> None:
    found = run_with_client(load_november)
    assert found.tasks is not None
    (task,) = found.tasks
    assert (task.description, task.concept_id) == ("Play any PS4 or PS5 game.", None)


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("50", 50),
        ("1,250", 1250),
        ("1.250", 1250),
        ("12\u202f500", 12500),
        ("", None),
        (None, None),
        ("1,25", None),
        ("many", None),
        ("9" * 30, None),
    ],
)
def test_formatted_points_are_parsed(text: str | None, points: int | None) -> None:
    assert campaign_mapping.parse_points(text) == points


@pytest.mark.parametrize(
    ("url", "is_video"),
    [
        ("https://image.invalid/a.mp4", True),
        ("http://image.invalid/a.WEBM?x=1", True),
        ("https://image.invalid/a.png?x=.mp4", False),
        ("javascript:a.mp4", False),
        (None, False),
    ],
)
def test_a_video_is_recognized_by_its_url(url: str | None, is_video: bool) -> None:
    row = CampaignRow(native_id="1", images=[MediaRow(url=url, type="IMAGE")])
    (medium,) = campaign_mapping.map_campaign(row).images
    assert medium.is_video is is_video


def test_unknown_values_keep_their_raw_name() -> None:
    found = campaign_mapping.map_campaign(
        CampaignRow(native_id="1", status="PAUSED", reward_type="HUGS")
    )
    assert (found.status, found.raw_status) == (CampaignStatus.OTHER, "PAUSED")
    assert found.reward_type is CampaignRewardType.OTHER
