"""The status of each source in a response."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from itertools import chain
from typing import Protocol

from providers.errors import (
    BadResponse,
    NotConfigured,
    NotEnrolled,
    NotFound,
    Private,
    ProviderError,
    RateLimited,
    SourceRetired,
    Unauthenticated,
)
from providers.kit.caching.cached import Cached
from providers.kit.request_context import get_current
from providers.registry import Source


class SourceState(Enum):
    """Why a source's part of a response is there, stale, or missing."""

    OK = "OK"
    STALE = "STALE"
    NOT_CONFIGURED = "NOT_CONFIGURED"
    NOT_LINKED = "NOT_LINKED"
    NOT_FOUND = "NOT_FOUND"
    PRIVATE = "PRIVATE"
    NOT_ENROLLED = "NOT_ENROLLED"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    RATE_LIMITED = "RATE_LIMITED"
    UNAVAILABLE = "UNAVAILABLE"
    RETIRED = "RETIRED"


STATE_BY_ERROR: tuple[tuple[type[ProviderError], SourceState], ...] = (
    (NotConfigured, SourceState.NOT_CONFIGURED),
    (NotFound, SourceState.NOT_FOUND),
    (Private, SourceState.PRIVATE),
    (NotEnrolled, SourceState.NOT_ENROLLED),
    (SourceRetired, SourceState.RETIRED),
    (Unauthenticated, SourceState.UNAUTHENTICATED),
    (RateLimited, SourceState.RATE_LIMITED),
    (BadResponse, SourceState.UNAVAILABLE),
)


# Those in which a source may not be a moment later.
PASSING_STATES = frozenset(
    {SourceState.UNAUTHENTICATED, SourceState.RATE_LIMITED, SourceState.UNAVAILABLE}
)


class ListPage(Protocol):
    """A page of a source's list."""

    @property
    def total(self) -> int | None:
        """The number of rows in the whole list; None if the source does not count them."""
        ...

    @property
    def unread_count(self) -> int:
        """The number of rows that cannot be read."""
        ...


@dataclass(frozen=True)
class Status:
    """One source's state, with a message that is safe to show.

    `retry_after` is in seconds; `fetched_at` is when the oldest part of the data was fetched.
    """

    source: Source
    state: SourceState = SourceState.OK
    message: str | None = None
    retry_after: int | None = None
    fetched_at: datetime | None = None


def make_status(source: Source, answers: Iterable[Cached[object]]) -> Status:
    """Return the status of a source that responded, with the age of the oldest response."""
    parts = list(answers)
    stale = any(answer.stale for answer in parts)
    return Status(
        source,
        SourceState.STALE if stale else SourceState.OK,
        "The source is not available now; this is its earlier response." if stale else None,
        fetched_at=min((answer.fetched_at for answer in parts), default=None),
    )


def lacks_rows(answers: Sequence[Cached[ListPage]], ids: Sequence[Sequence[str]]) -> bool:
    """Return whether all pages of a list have fewer rows than its source counts.

    `ids` are those of each page's rows. A row that another page repeats is no other row; one that
    its own page repeats is counted by the source, too.
    """
    total = answers[-1].value.total if answers else None
    unread_count = sum(answer.value.unread_count for answer in answers)
    repeated_count = sum(len(each) - len(set(each)) for each in ids)
    row_count = len(set(chain.from_iterable(ids)))
    return total is not None and row_count + repeated_count + unread_count < total


def mark_incomplete(status: Status) -> Status:
    """Return the status of a source that lists only a part of what it counts."""
    get_current().forbid_sharing()
    message = "The source lists only a part of this; the rest is missing."
    return replace(status, state=SourceState.UNAVAILABLE, message=message)


def make_error_status(source: Source, error: ProviderError) -> Status:
    """Return the status of a source that failed."""
    state = next(
        (state for kind, state in STATE_BY_ERROR if isinstance(error, kind)),
        SourceState.UNAVAILABLE,
    )
    if state in PASSING_STATES:
        get_current().forbid_sharing()
    return Status(source, state, error.message, error.retry_after)


def make_not_linked_status(source: Source) -> Status:
    """Return the status of a source in a filter on which the user has no account."""
    return Status(source, SourceState.NOT_LINKED, "The user has no account on this source.")
