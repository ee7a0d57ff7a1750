"""Responses of pages: those that everyone may see, which other caches keep, and all others."""

import time
from collections.abc import Iterable

from starlette.requests import Request
from starlette.responses import Response

from providers.kit.freshness import Freshness
from server.shared_response import make_tag, shorten_unchanged

# What other caches may take from this server in one go, in seconds: a source that fails, or data
# that never changes, is looked at again all the same.
MIN_SECONDS, MAX_SECONDS = 60, 3_600
PRIVATE = "private, no-store"
VARY = "Accept-Encoding, Accept-Language"  # a page has one media type, whatever is accepted


def share_page(
    request: Request, response: Response, freshnesses: Iterable[Freshness | None]
) -> Response:
    """Let other caches keep a response that everyone may see; return 304 if the client has it.

    `freshnesses` are those of the operations that it was made of.
    """
    max_age = get_max_age(freshnesses, time.time())
    response.headers["Cache-Control"] = f"public, max-age={max_age}"
    response.headers["Age"] = "0"
    response.headers["ETag"] = make_tag(bytes(response.body))
    response.headers["Vary"] = VARY
    return shorten_unchanged(request, response)


def keep_private(response: Response) -> Response:
    """Let no cache keep a response, which depends on who sends the request."""
    response.headers["Cache-Control"] = PRIVATE
    return response


def get_max_age(freshnesses: Iterable[Freshness | None], now: float) -> int:
    """Return for how many seconds everything is fresh, at least 60 and at most an hour."""
    known = [each for each in freshnesses if each is not None]
    if not known or not all(each.has_values and each.is_lasting for each in known):
        return MIN_SECONDS
    left = min(each.expires_at for each in known) - now
    return int(max(MIN_SECONDS, min(MAX_SECONDS, left)))
