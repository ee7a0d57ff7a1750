"""The spellings of handles, and the patterns of title ids and API keys."""

import re
import unicodedata

from providers.errors import BadInput
from providers.kit.text import require_match

SOURCE = "XBOX"
ME = "me"

# Unsigned 64-bit numbers; those of persons have 16 digits.
XUID_PATTERN = re.compile(r"[0-9]{16}")
SUFFIX_PATTERN = re.compile(r"[0-9]{1,8}")
# A classic gamertag has up to 15 characters; that of a modern one includes the suffix.
MAX_GAMERTAG_LENGTH = 20
# Letters, the marks that some scripts need, and numbers.
GAMERTAG_CATEGORIES = ("L", "M", "N")

TITLE_ID_PATTERN = re.compile(r"[1-9][0-9]{0,9}")
MAX_TITLE_ID = 2**32 - 1
# Keys are UUIDs now, and were other texts before.
API_KEY_PATTERN = re.compile(r"[0-9A-Za-z_-]{16,100}")
HANDLE_HINT = (
    f"`me`, an XUID of 16 digits, or a gamertag of up to {MAX_GAMERTAG_LENGTH} letters, digits and "
    "blanks, with or without its #suffix"
)


def is_xuid(handle: str) -> bool:
    """Return whether the handle is an XUID."""
    return handle.isascii() and XUID_PATTERN.fullmatch(handle) is not None


def parse_handle(handle: str) -> str:
    """Return `me`, the XUID, or the gamertag without blanks around it; raise `BadInput`."""
    if handle == ME:
        return ME
    gamertag = handle.strip(" ")
    # With blanks, `me` would be the own account without its checks.
    if gamertag != ME and (is_xuid(gamertag) or is_gamertag(gamertag)):
        return gamertag
    raise BadInput(f"handle must be {HANDLE_HINT}.", argument="handle", source=SOURCE)


def is_gamertag(text: str) -> bool:
    """Return whether an account can have this gamertag, classic or modern."""
    name, mark, suffix = text.partition("#")
    if mark and SUFFIX_PATTERN.fullmatch(suffix) is None:
        return False
    is_allowed = all(
        each == " " or unicodedata.category(each).startswith(GAMERTAG_CATEGORIES) for each in name
    )
    return is_allowed and bool(name.strip()) and len(name) <= MAX_GAMERTAG_LENGTH


def build_classic_gamertag(gamertag: str) -> str:
    """Return the classic form of a gamertag, in which the suffix follows the name."""
    name, _, suffix = gamertag.partition("#")
    return name.strip(" ") + suffix


def fold_gamertag(gamertag: str) -> str:
    """Return what all spellings of a gamertag have in common: case and blanks do not count."""
    text = unicodedata.normalize("NFC", build_classic_gamertag(gamertag)).casefold()
    return text.replace(" ", "")


def check_title_id(native_id: str) -> None:
    """Raise `BadInput` for an id that no title can have."""
    hint = f"a whole number from 1 to {MAX_TITLE_ID}"
    require_match(TITLE_ID_PATTERN, native_id, "nativeId", hint, SOURCE)
    if not is_title_id(native_id):
        raise BadInput(f"nativeId must be {hint}.", argument="nativeId", source=SOURCE)


def is_title_id(text: str) -> bool:
    """Return whether a title can have this id."""
    return (
        text.isascii()
        and TITLE_ID_PATTERN.fullmatch(text) is not None
        and int(text) <= MAX_TITLE_ID
    )
