"""Text from outside, made safe for URLs, responses and cache keys."""

import hashlib
import re
from collections.abc import Sequence
from urllib.parse import quote, urlsplit

from providers.errors import BadInput

CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")

# A URL in which nothing is hidden and that is not too long, as nearly all are: after its scheme.
PLAIN_REST = r"://[A-Za-z0-9_.-]{1,255}(?::[0-9]{1,5})?(?:[/?#][!-~]{0,1700})?"
PLAIN_HTTP_URL = re.compile(rf"http({PLAIN_REST})")
match_plain_https_url = re.compile(rf"https{PLAIN_REST}").fullmatch
PLAIN_HTTPS_LINES = re.compile(rf"https{PLAIN_REST}(?:\nhttps{PLAIN_REST})*+")

# A path segment in which nothing is encoded, as nearly all are.
PLAIN_SEGMENT = re.compile(r"(?a)[\w.~-]+")

# White space, and what copying from a page or a document adds without being seen.
INVISIBLE = " \t\r\n\f\v\x00\xa0\ufeff\u200b\u200c\u200d\u200e\u200f\u2060"
QUOTE_PAIRS = frozenset({'""', "''", "``", "\u201c\u201d", "\u201e\u201c", "\u2018\u2019"})
MAX_NAME_LENGTH, MAX_DESCRIPTION_LENGTH, MAX_URL_LENGTH = 300, 4_000, 2_000  # characters
MAX_SHARED_TEXTS, MAX_SHARED_LENGTH = 2_000, 20


class SharedTexts(dict[str, str]):
    """Short texts that were seen before, by themselves, so that records refer to the same ones.

    Some versions of Python would never forget one of `sys.intern`.
    """

    def __missing__(self, text: str) -> str:
        """Return a text that was not seen before; keep it if it is short."""
        if len(text) <= MAX_SHARED_LENGTH:
            if len(self) >= MAX_SHARED_TEXTS:
                self.clear()
            self[text] = text
        return text


SHARED_TEXTS = SharedTexts()


def quote_segment(text: str) -> str:
    """Percent-encode a path segment; raise `BadInput` for one that would change the path."""
    if text in ("", ".", ".."):
        message = "This cannot be part of a URL: give a name other than '.' and '..'."
        raise BadInput(message, argument="handle")
    return text if PLAIN_SEGMENT.fullmatch(text) else quote(text, safe="")


def require_match(
    pattern: re.Pattern[str], text: str, argument: str, hint: str, source: str
) -> str:
    """Return the text if all of it matches; else raise `BadInput` that says what it must be.

    `hint` completes the sentence "{argument} must be ...".
    """
    if pattern.fullmatch(text) is None:
        raise BadInput(f"{argument} must be {hint}.", argument=argument, source=source)
    return text


def truncate(text: str | None, length: int) -> str | None:
    """Return a text of at most so many characters; None for none and for an empty one.

    An upstream's texts have no limit of their own, and one text may be in a response many times.
    """
    return text[:length] if text else None


def sanitize_url(url: object) -> str | None:
    """Return an upstream's URL as https, or None for one that must not be shown to a client.

    Rejected are relative URLs, other schemes, user names, control characters and URLs of over
    2,000 characters.
    """
    if not isinstance(url, str):
        return None
    if match_plain_https_url(url):
        return url
    plain = PLAIN_HTTP_URL.fullmatch(url)
    return f"https{plain[1]}" if plain else _sanitize_unusual_url(url)


def are_plain_https_urls(urls: Sequence[str]) -> bool:
    """Return whether `sanitize_url` returns each of the URLs as it is; false if that is not sure.

    One expression over all of them takes half as long as one for each.
    """
    lines = "\n".join(urls)
    has_one_line_each = lines.count("\n") == len(urls) - 1
    return has_one_line_each and PLAIN_HTTPS_LINES.fullmatch(lines) is not None


def _sanitize_unusual_url(url: str) -> str | None:
    if len(url) > MAX_URL_LENGTH or CONTROL_CHARACTERS.search(url) or not url.strip():
        return None
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        return None
    # PSN's older responses contain http URLs of hosts that also serve https.
    return "https" + url.strip()[len(parts.scheme) :]


def unwrap_pasted(text: str) -> str:
    """Return a pasted value without the blanks, line ends, byte order mark and quotes around it."""
    value = text.strip(INVISIBLE)
    while len(value) > 1 and value[0] + value[-1] in QUOTE_PAIRS:
        value = value[1:-1].strip(INVISIBLE)
    return value


def hash_credential(*secrets: str) -> str:
    """Return a credential's scope: its hash, the same in every process.

    Credentials are long and random, so the hash needs no salt: it cannot be reversed by guessing.
    """
    content = "\0".join(secrets).encode()
    return hashlib.blake2b(content, digest_size=16, person=b"trophycase").hexdigest()
