"""Maps PlayStation Stars' rows to records."""

import re
from enum import Enum
from typing import TypeVar
from urllib.parse import urlsplit

from providers.kit.text import sanitize_url
from providers.kit.upstream.decode import MAX_INT32, parse_time
from providers.psn.stars.models import (
    CampaignGroupRow,
    CampaignRow,
    CollectibleRow,
    MediaRow,
    TaskRow,
)
from providers.psn_records import (
    Campaign,
    CampaignRewardType,
    CampaignStatus,
    CampaignTask,
    Collectible,
    CollectibleRarity,
    Media,
)

GROUPED_NUMBER_PATTERN = re.compile(r"[0-9]{1,3}(?:[,.'\u2019\s][0-9]{3})+|[0-9]+")
VIDEO_EXTENSIONS = (".mp4", ".webm")

OpenEnum = TypeVar("OpenEnum", bound=Enum)


def map_campaign(row: CampaignRow, group: CampaignGroupRow | None = None) -> Campaign:
    """Map a campaign; only the list operation gives its group."""
    return Campaign(
        native_id=row.native_id,
        group_id=(group.native_id if group else None) or None,
        group_name=(group.name if group else None) or None,
        name=row.name or None,
        description=row.description or None,
        reward_type=_parse_enum(CampaignRewardType, row.reward_type),
        points=parse_points(row.display_points),
        display_points=row.display_points,
        collectible=_map_collectible(row.collectible),
        images=_map_media_list(row.images),
        product_id=row.product_id or None,
        starts_at=parse_time(row.start),
        ends_at=parse_time(row.end),
        remaining_seconds=row.remaining,
        progress=row.progress,
        status=_parse_enum(CampaignStatus, row.status),
        raw_status=row.status or "",
        is_new=row.is_new,
        is_registrable=row.is_registrable,
        tasks=None if row.tasks is None else tuple(_map_task(task) for task in row.tasks),
    )


def parse_points(text: str | None) -> int | None:
    """Return the number in a text formatted for any country, such as `1,250`; else None."""
    formatted = (text or "").strip()
    if not GROUPED_NUMBER_PATTERN.fullmatch(formatted):
        return None
    number = int("".join(filter(str.isdecimal, formatted))[:20])
    return number if number <= MAX_INT32 else None


def _map_task(row: TaskRow) -> CampaignTask:
    return CampaignTask(
        native_id=row.native_id,
        description=row.description or None,
        concept_id=row.concept_id or None,
        product_id=row.product_id or None,
        progress=row.progress,
        status=_parse_enum(CampaignStatus, row.status),
        raw_status=row.status or "",
    )


def _map_collectible(row: CollectibleRow | None) -> Collectible | None:
    if row is None:
        return None
    rarity = row.rarity_type or row.rarity
    return Collectible(
        native_id=row.native_id,
        name=row.name or None,
        rarity=_parse_enum(CollectibleRarity, rarity),
        raw_rarity=rarity or None,
        assets=_map_media_list(row.assets),
    )


def _map_media_list(rows: list[MediaRow] | None) -> tuple[Media, ...]:
    return tuple(_map_media(row) for row in rows or ())


def _map_media(row: MediaRow) -> Media:
    url = sanitize_url(row.url)
    return Media(
        url=url,
        alt_text=row.alt_text or None,
        role=row.role or None,
        type=row.type or None,
        is_video=url is not None and urlsplit(url).path.lower().endswith(VIDEO_EXTENSIONS),
    )


def _parse_enum(enum_class: type[OpenEnum], text: str | None) -> OpenEnum:
    """Return the member of this name, or `OTHER`, which all of these enums have."""
    return enum_class.__members__.get(text or "", enum_class.__members__["OTHER"])
