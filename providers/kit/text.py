"""Text from outside, made safe to put into an address or an answer."""

import hashlib
import re
from urllib.parse import quote, urlsplit

from providers.errors import BadInput

CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def quote_segment(text: str) -> str:
    """One path segment, wholly percent-encoded; what would climb the path is never accepted."""
    if text in ("", ".", ".."):
        raise BadInput("This cannot be part of an address.", argument="handle")
    return quote(text, safe="")


def require_match(
    pattern: re.Pattern[str], text: str, argument: str, hint: str, source: str
) -> str:
    """The text, if it is whole what the pattern says; else `BadInput` naming the argument."""
    if pattern.fullmatch(text) is None:
        raise BadInput(f"{argument} must be {hint}.", argument=argument, source=source)
    return text


def sanitize_url(url: object) -> str | None:
    """An address a client may be shown: absolute, https, without a user or control characters."""
    if not isinstance(url, str) or CONTROL_CHARACTERS.search(url) or not url.strip():
        return None
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        return None
    # PSN's older answers give http links to hosts that serve https as well.
    return "https" + url.strip()[len(parts.scheme) :]


def hash_credential(*secrets: str) -> str:
    """A credential's name in keys: the same for the same credential, and no way back to it.

    It is the same in all processes, so that they can share what they remember; the credentials are
    long and random, made by the services, so that nobody finds one by trying.
    """
    content = "\0".join(secrets).encode()
    return hashlib.blake2b(content, digest_size=16, person=b"trophycase").hexdigest()
