"""Maps PSN's error responses to our errors, by HTTP status and by the service's error code.

An error code is the service's base plus an offset; the offset means the same in every service.
"""

from collections.abc import Callable
from dataclasses import dataclass

from providers.errors import (
    BadResponse,
    CallerUnauthenticated,
    NotFound,
    Private,
    ProviderError,
    RateLimited,
    Unauthenticated,
    Unavailable,
)
from providers.kit.paging.limit_refused import build_limit_refused, is_about_limit
from providers.kit.upstream.decode import build_unreadable_error
from providers.kit.upstream.upstream_client import UpstreamResponse
from providers.psn.error_models import ServiceError, ServiceErrorResponse
from providers.psn.urls import SOURCE

BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, NOT_FOUND = 400, 401, 403, 404
TOO_LARGE_STATUSES = {413, 414}
INVALID_TOKEN, EXPIRED_TOKEN, RATE_EXCEEDED = 513, 514, 523
# A 400 that names one of these parameters is about our paging, not about the account.
PAGING_MARKERS = ("(query: limit)", "(query: offset)")
ACCOUNT_NOT_FOUND_MESSAGE = "PSN has no account with this id."


@dataclass(frozen=True)
class ErrorRules:
    """The error-code base of a service, and what its refusals mean for one kind of call."""

    code_base: int | None = None
    not_found_message: str = "PSN has nothing under this id."
    private_message: str = "The owner's privacy settings hide this."
    not_found_statuses: frozenset[int] = frozenset({NOT_FOUND})


# The services answer 400, not 404, for an account id that has too many digits.
ACCOUNT_NOT_FOUND_STATUSES = frozenset({BAD_REQUEST, NOT_FOUND})
TROPHY_OWNER_RULES = ErrorRules(
    2240512, ACCOUNT_NOT_FOUND_MESSAGE, not_found_statuses=ACCOUNT_NOT_FOUND_STATUSES
)
TROPHY_PLAYER_RULES = ErrorRules(
    2240512,
    "The account has never played this title.",
    not_found_statuses=ACCOUNT_NOT_FOUND_STATUSES,
)
TROPHY_TITLE_RULES = ErrorRules(2240512, "PSN has no title with this id.")
PROFILE_RULES = ErrorRules(
    2281472, ACCOUNT_NOT_FOUND_MESSAGE, not_found_statuses=ACCOUNT_NOT_FOUND_STATUSES
)
LEGACY_PROFILE_RULES = ErrorRules(2105344, "PSN has no account with this online id.")
DEFAULT_RULES = ErrorRules()


def check_limit(reply: UpstreamResponse) -> None:
    """Raise `LimitRefused` if a page or a batch is larger than PSN allows."""
    if reply.status in TOO_LARGE_STATUSES:
        raise build_limit_refused("", SOURCE)
    message = read_error_message(reply) if reply.status == BAD_REQUEST else ""
    if is_about_limit(message):
        raise build_limit_refused(message, SOURCE)


def map_error(
    reply: UpstreamResponse, rules: ErrorRules, *, is_caller: bool
) -> ProviderError | None:
    """Return the error that a response means, or None for a success.

    `is_caller` says whether the credential of the call is a caller's own or the operator's.
    """
    if reply.status < BAD_REQUEST:
        return None
    if reply.status == UNAUTHORIZED:
        return build_unauthenticated_error(is_caller=is_caller)
    if not reply.is_json:
        return _map_edge_error(reply)
    service_error = _read_error(reply)
    offset = (service_error.code or 0) - (rules.code_base or 0)
    if offset in (INVALID_TOKEN, EXPIRED_TOKEN):
        return build_unauthenticated_error(is_caller=is_caller)
    if offset == RATE_EXCEEDED:
        return build_rate_limited_error()
    return _map_status(reply.status, rules, service_error.message)


def read_error_message(reply: UpstreamResponse) -> str:
    """Return PSN's own error text, to be searched for ids and limits and never shown."""
    return _read_error(reply).message


def build_unauthenticated_error(*, is_caller: bool) -> Unauthenticated:
    """Build the error of a credential that PSN rejects: the caller's own, or the operator's."""
    if is_caller:
        message = "PSN rejects your sign-in: send a new NPSSO in the header x-npsso."
        return CallerUnauthenticated(message, source=SOURCE)
    message = "PSN rejects this server's sign-in: its operator must sign in again."
    return Unauthenticated(message, source=SOURCE)


def build_rate_limited_error() -> RateLimited:
    """Build the error of a call that PSN refuses because there were too many."""
    return RateLimited("PSN received too many requests: try again later.", source=SOURCE)


def build_unexpected_error() -> BadResponse:
    """Build the error of a refusal that has no meaning known here."""
    return BadResponse("PSN rejected the request for an unknown reason.", source=SOURCE)


def _map_status(status: int, rules: ErrorRules, message: str) -> ProviderError:
    if status in rules.not_found_statuses and not any(part in message for part in PAGING_MARKERS):
        return NotFound(rules.not_found_message, source=SOURCE)
    if status == FORBIDDEN:
        return Private(rules.private_message, source=SOURCE)
    return build_unexpected_error()


def _map_edge_error(reply: UpstreamResponse) -> ProviderError:
    # The services always answer JSON: HTML comes from the CDN in front of them, so that its 403
    # is about this server and not about an account's privacy.
    if reply.status == FORBIDDEN:
        message = "PSN's CDN blocks this server's requests: try again later."
        return Unavailable(message, source=SOURCE)
    return build_unreadable_error(SOURCE)


def _read_error(reply: UpstreamResponse) -> ServiceError:
    decode: Callable[[type[ServiceErrorResponse]], ServiceErrorResponse] = reply.decode
    try:
        return decode(ServiceErrorResponse).error or ServiceError()
    except BadResponse:
        return ServiceError()
