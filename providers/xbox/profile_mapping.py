"""Maps accounts, in either of the two forms in which the upstream sends them, to profiles."""

import re
from collections.abc import Mapping
from urllib.parse import quote

from providers.kit.text import MAX_DESCRIPTION_LENGTH, MAX_NAME_LENGTH, truncate
from providers.kit.upstream.decode import build_unreadable_error
from providers.xbox.identifiers import SOURCE, is_xuid
from providers.xbox.images import map_image
from providers.xbox.models import Accounts, Person, PersonDetail, ProfileUser
from providers.xbox_records import XboxProfile

PROFILE_BASE_URL = "https://www.xbox.com/play/user"
NUMBER_PATTERN = re.compile(r"[0-9]{1,9}")


def map_accounts(response: Accounts) -> tuple[XboxProfile, ...]:
    """Map a list of accounts; raise `BadResponse` if the response has none at all."""
    if response.people is not None:
        rows = [_map_person(each) for each in response.people if is_xuid(each.xuid)]
    elif response.profile_users is not None:
        rows = [_map_user(each) for each in response.profile_users if is_xuid(each.id)]
    else:
        raise build_unreadable_error(SOURCE)
    return tuple({profile.native_id: profile for profile in rows}.values())


def _map_person(person: Person) -> XboxProfile:
    detail = person.detail or PersonDetail()
    values = {
        "Gamertag": person.gamertag,
        "ModernGamertag": person.modern_gamertag,
        "ModernGamertagSuffix": person.modern_gamertag_suffix,
        "UniqueModernGamertag": person.unique_modern_gamertag,
        "GameDisplayPicRaw": person.display_pic_raw,
        "Gamerscore": person.gamer_score,
        "XboxOneRep": person.xbox_one_rep,
        "AccountTier": detail.account_tier,
        "TenureLevel": detail.tenure,
        "Bio": detail.bio,
        "Location": detail.location,
    }
    return _build_profile(person.xuid, values)


def _map_user(user: ProfileUser) -> XboxProfile:
    return _build_profile(user.id, {each.id: each.value for each in user.settings})


def _build_profile(xuid: str, values: Mapping[str, str | None]) -> XboxProfile:
    """Build a profile from settings, of which missing and empty ones are unknown."""
    texts = {name: truncate(value, MAX_NAME_LENGTH) for name, value in values.items()}
    gamertag, modern_gamertag = texts.get("Gamertag"), texts.get("ModernGamertag")
    return XboxProfile(
        native_id=xuid,
        handle=texts.get("UniqueModernGamertag") or gamertag or xuid,
        display_name=modern_gamertag or gamertag,
        avatar=map_image(values.get("GameDisplayPicRaw")),
        profile_url=gamertag and f"{PROFILE_BASE_URL}/{quote(gamertag, safe='')}",
        gamertag=gamertag,
        modern_gamertag=modern_gamertag,
        modern_gamertag_suffix=texts.get("ModernGamertagSuffix"),
        gamerscore=_parse_number(texts.get("Gamerscore")),
        reputation=texts.get("XboxOneRep"),
        tier=texts.get("AccountTier"),
        tenure_level=_parse_number(texts.get("TenureLevel")),
        bio=truncate(values.get("Bio"), MAX_DESCRIPTION_LENGTH),
        location=texts.get("Location"),
    )


def _parse_number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and NUMBER_PATTERN.fullmatch(text) else None
