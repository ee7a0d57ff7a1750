"""The spellings of handles, and the patterns of app ids and API keys."""

import re

from providers.errors import BadInput
from providers.kit.text import require_match

SOURCE = "STEAM"
ME = "me"

# A vanity name can consist of digits alone; one that looks like a SteamID64 is taken for one.
STEAM_ID_PATTERN = re.compile(r"76561(?:19|20)[0-9]{10}")
VANITY_PATTERN = re.compile(r"[A-Za-z0-9_-]{2,32}")
# The two older spellings of an id; only those of persons (universe 1, type U) have a profile.
STEAM_ID_3_PATTERN = re.compile(r"\[?U:1:(?P<account>[1-9][0-9]{0,9})\]?")
STEAM_ID_2_PATTERN = re.compile(r"STEAM_[01]:(?P<parity>[01]):(?P<half>[0-9]{1,10})")
PROFILE_ADDRESS_PATTERN = re.compile(
    rf"(?:https?://)?(?:www\.)?steamcommunity\.com/"
    rf"(?:profiles/(?P<id>{STEAM_ID_PATTERN.pattern})|id/(?P<vanity>{VANITY_PATTERN.pattern}))"
    r"(?:[/?#][^\x00-\x20\x7f]{0,100})?",
    re.IGNORECASE | re.ASCII,
)
FIRST_STEAM_ID = 76_561_197_960_265_728
MAX_ACCOUNT_NUMBER = 2**32 - 1

APP_ID_PATTERN = re.compile(r"[1-9][0-9]{0,9}")
MAX_APP_ID = 2**32 - 1
API_KEY_PATTERN = re.compile(r"[0-9A-Fa-f]{32}")
# What a setting or a header may name as the own account: any handle but `me`.
OWN_HANDLE_PATTERN = re.compile(
    r"(?!me\Z)(?:[A-Za-z0-9_-]{2,32}|\[?U:1:[1-9][0-9]{0,9}\]?|STEAM_[01]:[01]:[0-9]{1,10}"
    r"|(?:https?://)?(?:www\.)?steamcommunity\.com/(?:profiles|id)/[A-Za-z0-9_-]{2,32}/?)"
)
HANDLE_HINT = (
    "a SteamID64 of 17 digits, a vanity name of 2 to 32 letters, digits, `-` and `_`, the address "
    "of a profile on steamcommunity.com, or `me`"
)


def is_steam_id(handle: str) -> bool:
    """Return whether the handle is a SteamID64."""
    return STEAM_ID_PATTERN.fullmatch(handle) is not None


def parse_handle(handle: str) -> str:
    """Return the SteamID64 or the vanity name that a handle spells, or `me`; raise `BadInput`."""
    if handle == ME or is_steam_id(handle):
        return handle
    address = PROFILE_ADDRESS_PATTERN.fullmatch(handle)
    # `me` is never what an address means: it would be the own account without its checks.
    if address is not None and address["vanity"] != ME:
        return address["id"] or address["vanity"]
    return _parse_older_id(handle) or require_match(
        VANITY_PATTERN, handle, "handle", HANDLE_HINT, SOURCE
    )


def check_app_id(native_id: str) -> None:
    """Raise `BadInput` for an id that no app can have."""
    hint = f"a whole number from 1 to {MAX_APP_ID}"
    require_match(APP_ID_PATTERN, native_id, "nativeId", hint, SOURCE)
    if int(native_id) > MAX_APP_ID:
        raise BadInput(f"nativeId must be {hint}.", argument="nativeId", source=SOURCE)


def _parse_older_id(handle: str) -> str | None:
    found = STEAM_ID_3_PATTERN.fullmatch(handle)
    if found is not None:
        return _format_steam_id(int(found["account"]))
    found = STEAM_ID_2_PATTERN.fullmatch(handle)
    return found and _format_steam_id(2 * int(found["half"]) + int(found["parity"]))


def _format_steam_id(account_number: int) -> str | None:
    is_valid = 0 < account_number <= MAX_ACCOUNT_NUMBER
    return str(FIRST_STEAM_ID + account_number) if is_valid else None
