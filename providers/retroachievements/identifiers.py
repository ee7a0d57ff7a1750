"""The patterns of handles, game ids and API keys."""

import re

from providers.kit.text import require_match

SOURCE = "RETRO_ACHIEVEMENTS"

ULID_LENGTH = 26
# The upstream looks 26 characters up as a ULID, and fewer as a name.
HANDLE_PATTERN = re.compile(r"[0-9A-Za-z]{2,20}|[0-9A-Za-z]{26}")
GAME_ID_PATTERN = re.compile(r"[1-9][0-9]{0,9}")
API_KEY_PATTERN = re.compile(r"[!-~]{1,128}")


def is_ulid(handle: str) -> bool:
    """Return whether the upstream takes a handle for a ULID rather than for a name."""
    return len(handle) == ULID_LENGTH


def check_handle(handle: str) -> None:
    """Raise `BadInput` for a handle that is neither a name nor a ULID."""
    require_match(HANDLE_PATTERN, handle, "handle", "2 to 20 letters and digits, or a ULID", SOURCE)


def check_game_id(native_id: str) -> None:
    """Raise `BadInput` for an id that no game can have."""
    require_match(GAME_ID_PATTERN, native_id, "nativeId", "a positive whole number", SOURCE)
