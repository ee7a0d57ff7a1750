"""What the statuses of OpenXBL mean: those of HTTP, and those inside a response with 200."""

from providers.errors import BadResponse, NotFound, Private, ProviderError, Unavailable
from providers.kit.upstream.decode import build_unreadable_error
from providers.xbox.identifiers import SOURCE

SUCCESS_STATUSES = range(200, 300)
UNAUTHORIZED, FORBIDDEN, TOO_MANY_REQUESTS, SERVER_ERROR = 401, 403, 429, 500
# Not found, not allowed, gone, and a route for other plans.
MISSING_STATUSES = frozenset({402, 404, 405, 410})


class RouteMissing(BadResponse):
    """A route is gone, not for this key, or does not know the account."""


class EmptyAnswer(BadResponse):
    """An empty list where there must be something: of another generation, or after a failure."""


def map_status(status: int, *, is_page: bool) -> ProviderError:
    """Return the error of a status; a page in HTML is from the host in front of the upstream."""
    if status in MISSING_STATUSES:
        return RouteMissing("The source does not answer this call any more.", source=SOURCE)
    if status == FORBIDDEN and is_page:
        return Unavailable("The source refuses the calls of this server.", source=SOURCE)
    if status == FORBIDDEN:
        return build_private_error()
    if status >= SERVER_ERROR:
        return Unavailable("The source is failing.", source=SOURCE)
    return build_unreadable_error(SOURCE)


def build_empty_answer() -> EmptyAnswer:
    """Build the error of an empty list that cannot be all."""
    return EmptyAnswer("The source sent a list without the entries that it counts.", source=SOURCE)


def build_private_error() -> Private:
    """Build the error of what its owner hides."""
    return Private("Its owner does not show this.", source=SOURCE)


def build_account_not_found() -> NotFound:
    """Build the error of an unknown account."""
    return NotFound("No account on Xbox has this name or id.", source=SOURCE)


def build_title_not_found() -> NotFound:
    """Build the error of an unknown title, or of one that the account has not played."""
    return NotFound("No title with achievements on Xbox has this id.", source=SOURCE)
