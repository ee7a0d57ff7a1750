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
from providers.kit.upstream.decode import unreadable
from providers.kit.upstream.upstream_client import Reply
from providers.psn.error_models import Fault, FaultEnvelope
from providers.psn.urls import SOURCE

BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, NOT_FOUND = 400, 401, 403, 404
INVALID_TOKEN, EXPIRED_TOKEN, RATE_EXCEEDED = 513, 514, 523
# Said of how much was asked for, and not of what.
OF_PAGES = ("(query: limit)", "(query: offset)")


@dataclass(frozen=True)
class Refusals:
    """A service's codes, and what its refusals mean to one who asked about a person or a thing."""

    base: int | None = None
    missing: str = "PlayStation Network does not know it."
    private: str = "Its owner does not show it."
    # The services say 400 to a number that is too long to be an account's.
    absent: frozenset[int] = frozenset({NOT_FOUND})


TROPHY_OWNER = Refusals(
    2240512, "Nobody has this account.", absent=frozenset({BAD_REQUEST, NOT_FOUND})
)
TROPHY_PLAYER = Refusals(
    2240512, "The player never played this title.", absent=frozenset({BAD_REQUEST, NOT_FOUND})
)
TROPHY_TITLE = Refusals(2240512, "There is no such title.")
PROFILE = Refusals(2281472, "Nobody has this account.", absent=frozenset({BAD_REQUEST, NOT_FOUND}))
LEGACY = Refusals(2105344, "Nobody has this name.")
OTHER = Refusals()


def check(reply: Reply, refusals: Refusals, *, caller: bool) -> Reply:
    """The reply as it is, or its refusal raised; `caller` tells whose credential was used."""
    error = fault(reply, refusals, caller=caller)
    if error is not None:
        raise error
    return reply


def fault(reply: Reply, refusals: Refusals, *, caller: bool) -> ProviderError | None:
    """What a reply's refusal means; None for one that is none."""
    if reply.status < BAD_REQUEST:
        return None
    if reply.status == UNAUTHORIZED:
        return unauthenticated(caller=caller)
    if not reply.is_json:
        return _from_the_edge(reply)
    told = _told(reply)
    offset = (told.code or 0) - (refusals.base or 0)
    if offset in (INVALID_TOKEN, EXPIRED_TOKEN):
        return unauthenticated(caller=caller)
    if offset == RATE_EXCEEDED:
        return RateLimited("The source asks to wait.", source=SOURCE)
    return _of_status(reply.status, refusals, told.message)


def told(reply: Reply) -> str:
    """The service's own words, to be looked into and never shown."""
    return _told(reply).message


def unauthenticated(*, caller: bool) -> Unauthenticated:
    """A credential that is not accepted: the caller's own, or this server's."""
    if caller:
        return CallerUnauthenticated("PSN does not accept your sign-in.", source=SOURCE)
    return Unauthenticated("PSN does not accept this server's sign-in.", source=SOURCE)


def _of_status(status: int, refusals: Refusals, message: str) -> ProviderError:
    if status in refusals.absent and not any(part in message for part in OF_PAGES):
        return NotFound(refusals.missing, source=SOURCE)
    if status == FORBIDDEN:
        return Private(refusals.private, source=SOURCE)
    return BadResponse("The source refused the question.", source=SOURCE)


def _from_the_edge(reply: Reply) -> ProviderError:
    """HTML never comes from a service: whatever stands before it has refused us."""
    if reply.status == FORBIDDEN:
        return Unavailable("The source's edge refuses this server.", source=SOURCE)
    return unreadable(SOURCE)


def _told(reply: Reply) -> Fault:
    read: Callable[[type[FaultEnvelope]], FaultEnvelope] = reply.decode
    try:
        return read(FaultEnvelope).error or Fault()
    except BadResponse:
        return Fault()
