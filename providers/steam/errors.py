"""What the responses of Steam mean: HTML pages, refusals, and `x-eresult` inside a 200."""

import re

from providers.errors import BadResponse, NotFound, Private, ProviderError, Unavailable
from providers.kit.paging.limit_refused import build_limit_refused
from providers.kit.upstream.decode import build_unreadable_error
from providers.kit.upstream.upstream_client import UpstreamResponse
from providers.steam.identifiers import SOURCE

BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, NOT_FOUND = 400, 401, 403, 404
METHOD_NOT_ALLOWED, GONE, URI_TOO_LONG, SERVER_ERROR = 405, 410, 414, 500
KEY_STATUSES = frozenset({UNAUTHORIZED, FORBIDDEN})
MISSING_METHOD_STATUSES = frozenset({NOT_FOUND, METHOD_NOT_ALLOWED, GONE})

RESULT_HEADER = "x-eresult"
OK_RESULT, DENIED_RESULT, NO_MATCH_RESULT, RATE_RESULT = 1, 15, 42, 84
# Failure, busy, time-out, unavailable: Steam's own trouble.
FAILURE_RESULTS = frozenset({2, 10, 16, 20})
RESULT_PATTERN = re.compile(r"[0-9]{1,4}")


class MethodRefused(BadResponse):
    """An undocumented method is gone, or not for this credential; another one serves instead."""


class RequestRejected(BadResponse):
    """A page with 400: so the upstream answers, among others, for an account that is unknown."""


def is_page(reply: UpstreamResponse) -> bool:
    """Return whether the body is a page in HTML: of the gateway, not of the method."""
    return not reply.is_json


def read_result(reply: UpstreamResponse) -> int:
    """Return the result code of a service method, 1 if it has none."""
    text = reply.headers.get(RESULT_HEADER, "").strip()
    return int(text) if RESULT_PATTERN.fullmatch(text) else OK_RESULT


def map_result(result: int) -> ProviderError:
    """Return the error of a result code other than 1, and other than that of a rate limit."""
    if result in FAILURE_RESULTS:
        return Unavailable("The source is failing.", source=SOURCE)
    if result == DENIED_RESULT:
        return build_private_error()
    if result == NO_MATCH_RESULT:
        return build_account_not_found()
    return build_unreadable_error(SOURCE)


def map_status(reply: UpstreamResponse) -> ProviderError:
    """Return the error of a status that means the same for every method."""
    if reply.status == URI_TOO_LONG:
        return build_limit_refused("", SOURCE)
    if reply.status == BAD_REQUEST:
        return RequestRejected("The source does not accept this request.", source=SOURCE)
    if reply.status >= SERVER_ERROR:
        return Unavailable("The source is failing.", source=SOURCE)
    if reply.status in KEY_STATUSES:
        return build_private_error()
    return build_unreadable_error(SOURCE)


def build_method_refused() -> MethodRefused:
    """Build the error of an undocumented method that is gone or refused."""
    return MethodRefused("The source does not answer this call any more.", source=SOURCE)


def build_private_error() -> Private:
    """Build the error of what its owner hides."""
    return Private("Its owner does not show this.", source=SOURCE)


def build_account_not_found() -> NotFound:
    """Build the error of an unknown account."""
    return NotFound("No account on Steam has this name or id.", source=SOURCE)


def build_title_not_found() -> NotFound:
    """Build the error of an unknown app, or of one that the account does not have."""
    return NotFound("No app with achievements on Steam has this id.", source=SOURCE)
