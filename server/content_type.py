"""The `Content-Type` of requests (RFC 9110, section 8.3; RFC 8259, section 8.1)."""

import re
from functools import lru_cache

from server.content_negotiation import CACHED_HEADERS, JSON_TYPE
from server.request_error import RequestRejected

PARAMETER = re.compile(r';\s*(?P<name>[^=;\s]+)\s*=\s*(?P<value>"(?:[^"\\]|\\.)*"|[^;]*)')
# JSON is UTF-8, of which ASCII is a part, and has no other parameter that means anything.
CHARSETS = frozenset({"", "utf8", "usascii", "ascii"})


@lru_cache(CACHED_HEADERS)
def check_json_body(content_type: str | None) -> None:
    """Reject a body that is not declared as JSON in UTF-8."""
    if not _is_json(content_type or "") or not _has_utf8(content_type or ""):
        raise RequestRejected(415, f"Content-Type must be {JSON_TYPE}, in UTF-8.")


def check_no_other_body(content_type: str | None) -> None:
    """Reject a request without a body that is declared as something else than JSON.

    Browsers send some of these types for any page, without asking this server first.
    """
    if content_type and content_type.strip() and not _is_json(content_type):
        raise RequestRejected(415, f"Content-Type must be {JSON_TYPE}, or be left out.")


def _is_json(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() == JSON_TYPE


def _has_utf8(content_type: str) -> bool:
    charsets = (
        match["value"].strip(" \t\"'").lower().replace("-", "").replace("_", "")
        for match in PARAMETER.finditer(content_type)
        if match["name"].lower() == "charset"
    )
    return all(charset in CHARSETS for charset in charsets)
