"""The secret of what leaves the process: from the settings, or drawn into the state directory."""

import base64
import binascii
import secrets
from pathlib import Path

from providers.kit.state_directory import open_state_directory

FILE_NAME = "cache-secret"
MIN_SECRET_BYTES = 32


def parse_secret(text: str) -> bytes:
    """Decode a secret; raise `ValueError`, without showing it, if it is not a drawn one."""
    try:
        # `openssl rand -base64` breaks long lines.
        secret = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):  # the latter for characters beyond ASCII
        secret = b""
    if len(secret) < MIN_SECRET_BYTES:
        raise ValueError(
            f"must be base64 of {MIN_SECRET_BYTES} random bytes or more, "
            f"as of `openssl rand -base64 {MIN_SECRET_BYTES}`"
        )
    return secret


def load_or_draw_secret(state_directory: Path) -> bytes:
    """Return the secret stored in the state directory; draw it if there is none.

    Processes that start at the same time get the same one. Raise `ValueError` in one line when
    others could have written it, and `OSError` when the directory cannot be used.
    """
    directory = open_state_directory(state_directory)
    content = directory.read(FILE_NAME)
    if content is None:
        drawn = base64.b64encode(secrets.token_bytes(MIN_SECRET_BYTES))
        directory.create(FILE_NAME, drawn + b"\n")
        content = directory.read(FILE_NAME) or b""  # another process may have been faster
    try:
        return parse_secret(content.decode("ascii", "replace"))
    except ValueError:
        raise ValueError(f"{FILE_NAME} in the state directory holds no secret") from None
