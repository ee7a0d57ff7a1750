"""PlayStation Stars' rows as records."""

import re
from enum import Enum
from typing import TypeVar
from urllib.parse import urlsplit

from providers.kit.text import https
from providers.kit.upstream.decode import instant
from providers.psn.stars.models import CampaignGroup, CampaignRow, CollectibleRow, MediaRow, TaskRow
from providers.records import (
    Campaign,
    CampaignRewardType,
    CampaignStatus,
    CampaignTask,
    Collectible,
    CollectibleRarity,
    Media,
)

GROUPED = re.compile(r"[0-9]{1,3}(?:[,.'\u2019\s][0-9]{3})+|[0-9]+")
FILMS = (".mp4", ".webm")
LARGEST = 2**31

Open = TypeVar("Open", bound=Enum)


def campaign(row: CampaignRow, group: CampaignGroup | None = None) -> Campaign:
    """A campaign; its detail does not tell the group."""
    return Campaign(
        native_id=row.native_id,
        group_id=(group.native_id if group else None) or None,
        group_name=(group.name if group else None) or None,
        name=row.name or None,
        description=row.description or None,
        reward_type=_known(CampaignRewardType, row.reward_type),
        points=points(row.display_points),
        display_points=row.display_points,
        collectible=_collectible(row.collectible),
        images=_media(row.images),
        product_id=row.product_id or None,
        starts_at=instant(row.start),
        ends_at=instant(row.end),
        remaining_seconds=row.remaining,
        progress=row.progress,
        status=_known(CampaignStatus, row.status),
        raw_status=row.status or "",
        is_new=row.is_new,
        is_registrable=row.is_registrable,
        tasks=None if row.tasks is None else tuple(_task(task) for task in row.tasks),
    )


def points(text: str | None) -> int | None:
    """The number in a formatted text such as `1,250`; nothing is no points."""
    shown = (text or "").strip()
    if not GROUPED.fullmatch(shown):
        return None
    number = int("".join(filter(str.isdecimal, shown))[:20])
    return number if number < LARGEST else None


def _task(row: TaskRow) -> CampaignTask:
    return CampaignTask(
        native_id=row.native_id,
        description=row.description or None,
        concept_id=row.concept_id or None,
        product_id=row.product_id or None,
        progress=row.progress,
        status=_known(CampaignStatus, row.status),
        raw_status=row.status or "",
    )


def _collectible(row: CollectibleRow | None) -> Collectible | None:
    if row is None:
        return None
    rarity = row.rarity_type or row.rarity
    return Collectible(
        native_id=row.native_id,
        name=row.name or None,
        rarity=_known(CollectibleRarity, rarity),
        raw_rarity=rarity or None,
        assets=_media(row.assets),
    )


def _media(rows: list[MediaRow] | None) -> tuple[Media, ...]:
    return tuple(_medium(row) for row in rows or ())


def _medium(row: MediaRow) -> Media:
    url = https(row.url)
    return Media(
        url=url,
        alt_text=row.alt_text or None,
        role=row.role or None,
        type=row.type or None,
        is_video=url is not None and urlsplit(url).path.lower().endswith(FILMS),
    )


def _known(kind: type[Open], text: str | None) -> Open:
    """The member of that name; all these enums are open and have one for the rest."""
    return kind.__members__.get(text or "", kind.__members__["OTHER"])
