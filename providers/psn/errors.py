"""Refusals into errors, by HTTP status and by a code that is a service's base plus an offset."""

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
from providers.kit.upstream.decode import build_unreadable_error
from providers.kit.upstream.upstream_client import UpstreamResponse
from providers.psn.error_models import ServiceError, ServiceErrorResponse
from providers.psn.urls import SOURCE

BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, NOT_FOUND = 400, 401, 403, 404
INVALID_TOKEN, EXPIRED_TOKEN, RATE_EXCEEDED = 513, 514, 523
# Said of how much was asked for, and not of what.
PAGING_MARKERS = ("(query: limit)", "(query: offset)")


@dataclass(frozen=True)
class ErrorRules:
    """A service's codes, and what its refusals mean to one who asked about a person or a thing."""

    code_base: int | None = None
    not_found_message: str = "PlayStation Network does not know it."
    private_message: str = "Its owner does not show it."
    # The services say 400 to a number that is too long to be an account's.
    not_found_statuses: frozenset[int] = frozenset({NOT_FOUND})


TROPHY_OWNER_RULES = ErrorRules(
    2240512, "Nobody has this account.", not_found_statuses=frozenset({BAD_REQUEST, NOT_FOUND})
)
TROPHY_PLAYER_RULES = ErrorRules(
    2240512,
    "The player never played this title.",
    not_found_statuses=frozenset({BAD_REQUEST, NOT_FOUND}),
)
TROPHY_TITLE_RULES = ErrorRules(2240512, "There is no such title.")
PROFILE_RULES = ErrorRules(
    2281472, "Nobody has this account.", not_found_statuses=frozenset({BAD_REQUEST, NOT_FOUND})
)
LEGACY_PROFILE_RULES = ErrorRules(2105344, "Nobody has this name.")
DEFAULT_RULES = ErrorRules()


def check(reply: UpstreamResponse, rules: ErrorRules, *, is_caller: bool) -> UpstreamResponse:
    """The reply as it is, or its refusal raised; `caller` tells whose credential was used."""
    error = map_error(reply, rules, is_caller=is_caller)
    if error is not None:
        raise error
    return reply


def map_error(
    reply: UpstreamResponse, rules: ErrorRules, *, is_caller: bool
) -> ProviderError | None:
    """What a reply's refusal means; None for one that is none."""
    if reply.status < BAD_REQUEST:
        return None
    if reply.status == UNAUTHORIZED:
        return build_unauthenticated(is_caller=is_caller)
    if not reply.is_json:
        return _map_edge_error(reply)
    service_error = _read_error(reply)
    offset = (service_error.code or 0) - (rules.code_base or 0)
    if offset in (INVALID_TOKEN, EXPIRED_TOKEN):
        return build_unauthenticated(is_caller=is_caller)
    if offset == RATE_EXCEEDED:
        return RateLimited("The source asks to wait.", source=SOURCE)
    return _map_status(reply.status, rules, service_error.message)


def read_error_message(reply: UpstreamResponse) -> str:
    """The service's own words, to be looked into and never shown."""
    return _read_error(reply).message


def build_unauthenticated(*, is_caller: bool) -> Unauthenticated:
    """A credential that is not accepted: the caller's own, or this server's."""
    if is_caller:
        return CallerUnauthenticated("PSN does not accept your sign-in.", source=SOURCE)
    return Unauthenticated("PSN does not accept this server's sign-in.", source=SOURCE)


def _map_status(status: int, rules: ErrorRules, message: str) -> ProviderError:
    if status in rules.not_found_statuses and not any(part in message for part in PAGING_MARKERS):
        return NotFound(rules.not_found_message, source=SOURCE)
    if status == FORBIDDEN:
        return Private(rules.private_message, source=SOURCE)
    return BadResponse("The source refused the question.", source=SOURCE)


def _map_edge_error(reply: UpstreamResponse) -> ProviderError:
    """HTML never comes from a service: whatever stands before it has refused us."""
    if reply.status == FORBIDDEN:
        return Unavailable("The source's edge refuses this server.", source=SOURCE)
    return build_unreadable_error(SOURCE)


def _read_error(reply: UpstreamResponse) -> ServiceError:
    decode: Callable[[type[ServiceErrorResponse]], ServiceErrorResponse] = reply.decode
    try:
        return decode(ServiceErrorResponse).error or ServiceError()
    except BadResponse:
        return ServiceError()
