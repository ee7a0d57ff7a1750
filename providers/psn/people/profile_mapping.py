"""Maps the profiles of PSN's legacy, newer and search services to one record."""

import base64
import binascii
import re
from urllib.parse import quote

from providers.psn.identifiers import is_account_id
from providers.psn.images import map_image
from providers.psn.people.models import (
    Avatar,
    FoundAccountRow,
    ProfileByAccountId,
    ProfileByOnlineId,
)
from providers.psn_records import PsnProfile
from providers.records import Image

PROFILE_FIELDS = (
    "npId,onlineId,accountId,avatarUrls,plus,aboutMe,languagesUsed,friendRelation,currentOnlineId"
)
REGION_PATTERN = re.compile(r"[^@]+@[^@]+\.([A-Za-z]{2})")
AVATAR_SIZES = ("s", "m", "l", "xl")


def map_profile_by_online_id(requested_id: str, row: ProfileByOnlineId) -> PsnProfile:
    """Map a legacy profile; of a renamed account, `currentOnlineId` is its name now."""
    online_id = row.current_online_id or row.online_id or requested_id
    account_id = row.account_id or ""
    return PsnProfile(
        native_id=account_id if is_account_id(account_id) else "",
        handle=online_id,
        display_name=online_id,
        avatar=_choose_largest(row.avatars),
        profile_url=_build_profile_url(online_id),
        online_id=online_id,
        np_id=row.np_id or None,
        about_me=row.about_me or None,
        is_plus=None if row.plus is None else bool(row.plus),
        country=parse_country(row.np_id),
        languages=_map_languages(row.languages),
        friend_relation=row.friend_relation or None,
    )


def map_profile_by_account_id(account_id: str, row: ProfileByAccountId) -> PsnProfile:
    """Map a newer profile, which has neither `npId` nor `friendRelation`."""
    return PsnProfile(
        native_id=account_id,
        handle=row.online_id or account_id,
        display_name=row.online_id or None,
        avatar=_choose_largest(row.avatars),
        profile_url=_build_profile_url(row.online_id) if row.online_id else None,
        online_id=row.online_id or None,
        about_me=row.about_me or None,
        is_plus=None if row.plus is None else bool(row.plus),
        languages=_map_languages(row.languages),
    )


def map_found_account(row: FoundAccountRow) -> PsnProfile:
    """Map an account in search results."""
    return PsnProfile(
        native_id=row.account_id,
        handle=row.online_id,
        display_name=row.online_id,
        avatar=map_image(row.avatar),
        profile_url=_build_profile_url(row.online_id),
        online_id=row.online_id,
        is_plus=None if row.plus is None else bool(row.plus),
        country=(row.country or "").upper() or None,
        friend_relation=row.relation or None,
    )


def parse_country(np_id: str | None) -> str | None:
    """Return the country code at the end of an np id, which is base64 of `name@xx.country`."""
    try:
        text = base64.b64decode(np_id or "", validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    region = REGION_PATTERN.fullmatch(text)
    return region[1].upper() if region else None


def _choose_largest(avatars: list[Avatar] | None) -> Image | None:
    largest_first = sorted(avatars or (), key=_rank_size, reverse=True)
    images = (map_image(avatar.url or avatar.avatar_url) for avatar in largest_first)
    return next((image for image in images if image), None)


def _rank_size(avatar: Avatar) -> int:
    return AVATAR_SIZES.index(avatar.size) if avatar.size in AVATAR_SIZES else -1


def _map_languages(languages: list[str] | None) -> tuple[str, ...] | None:
    return None if languages is None else tuple(languages)


def _build_profile_url(online_id: str) -> str:
    return f"https://my.playstation.com/profile/{quote(online_id, safe='')}"
