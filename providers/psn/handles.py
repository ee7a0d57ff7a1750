"""What an account, a title or a product can be called."""

import re

from providers.errors import BadInput
from providers.kit.text import matching
from providers.psn.hosts import SOURCE

ME = "me"
ONLINE_ID = re.compile(r"[A-Za-z0-9_-]{3,16}")
ACCOUNT_ID = re.compile(r"[0-9]{1,20}")
TITLE_ID = re.compile(r"NPWR[0-9]{5}_[0-9]{2}")
PRODUCT_ID = re.compile(r"(CUSA|PPSA)[0-9]{5}_[0-9]{2}")
CAMPAIGN_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
NPSSO = re.compile(r"[A-Za-z0-9]{64}")


def check_handle(handle: str) -> None:
    """Refuse what no account can be called."""
    if handle != ME and not is_account_id(handle) and not ONLINE_ID.fullmatch(handle):
        message = "handle: `me`, an online id or an account id."
        raise BadInput(message, argument="handle", source=SOURCE)


def check_title(native_id: str) -> None:
    """Refuse what no trophy set can be called."""
    matching(TITLE_ID, native_id, "nativeId", "a trophy set such as NPWR00001_00", SOURCE)


def check_campaign(native_id: str) -> None:
    """Refuse what no campaign can be called."""
    matching(CAMPAIGN_ID, native_id, "id", "a campaign's UUID", SOURCE)


def is_account_id(handle: str) -> bool:
    """All digits is taken for an account id."""
    return ACCOUNT_ID.fullmatch(handle) is not None
