"""Responses that other caches may keep: those of public documents, the same for everyone."""

import hashlib
import time

from starlette.requests import Request
from starlette.responses import Response

from providers.kit.freshness import Freshness
from server.request_headers import get_header
from server.response_parts import Part

NOT_MODIFIED = 304
# What a response depends on beside its URL.
VARY = "Accept, Accept-Encoding, Accept-Language"
KEPT_HEADERS = ("age", "cache-control", "etag", "vary")


def make_tag(*parts: Part) -> str:
    """Return the `ETag` of a response's data; weak, as the rest of the response may differ."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return f'W/"{digest.hexdigest()[:32]}"'


def share(response: Response, tag: str, freshness: Freshness) -> None:
    """Let other caches keep a response as long as all that it was made of is fresh."""
    if not freshness.has_values or not freshness.is_lasting:
        return
    max_age, age = freshness.get_seconds(time.time())
    response.headers["Cache-Control"] = f"public, max-age={max_age}"
    response.headers["Age"] = str(age)
    response.headers["ETag"] = tag
    response.headers["Vary"] = VARY


def shorten_unchanged(request: Request, response: Response) -> Response:
    """Return 304 in place of a response that the client has, by its `If-None-Match`."""
    known = get_header(request.scope, b"if-none-match")
    tag = response.headers.get("etag") if known else None
    if tag is None or not _matches(known, tag):
        return response
    kept = {name: response.headers[name] for name in KEPT_HEADERS}
    return Response(status_code=NOT_MODIFIED, headers=kept)


def _matches(known: str, tag: str) -> bool:
    """Compare weakly, as RFC 9110 requires for `If-None-Match`."""
    opaque = tag.removeprefix("W/")
    return any(each.strip().removeprefix("W/") in (opaque, "*") for each in known.split(","))
