"""Errors between a request and an upstream's response.

    ProviderError
    ├── BadInput                an argument that can never be valid; no call was made
    ├── NotConfigured           this server has no credential for the source
    ├── Unauthenticated         the source does not accept the operator's credential
    │   └── CallerUnauthenticated   the caller's own credential or API key is not accepted
    ├── Forbidden               the caller has no permission for this
    ├── Missing                 the source responded: there is nothing to show
    │   ├── NotFound                no such account, title or other object
    │   ├── Private                 its owner does not show it to this viewer
    │   ├── NotEnrolled             the account is not a member of the programme
    │   └── SourceRetired           the source has ended the programme
    ├── UpstreamFailed          the source did not respond as it should
    │   ├── Unavailable             it cannot be reached, breaks the connection, or fails
    │   ├── TimedOut                no response before the deadline
    │   ├── RateLimited             it asks to wait, or a limit of this server is used up
    │   └── BadResponse             a response that cannot be read
    ├── OutcomeUnknown          a write that may or may not have happened
    ├── TooCostly               the operation exceeds a limit
    └── IdempotencyConflict     the idempotency key was used with another input

Messages are written in this repository and safe to show: they contain no text of an upstream, no
URL and no credential.
"""

from typing import ClassVar


class ProviderError(Exception):
    """Base of all errors: a code for clients, and the source it concerns.

    `retry_after` is in seconds.
    """

    code: ClassVar[str] = "INTERNAL_SERVER_ERROR"

    def __init__(
        self, message: str, *, source: str | None = None, retry_after: int | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.source = source
        self.retry_after = retry_after


class BadInput(ProviderError):
    """An argument that no source could accept."""

    code = "BAD_USER_INPUT"

    def __init__(self, message: str, *, argument: str, source: str | None = None) -> None:
        super().__init__(message, source=source)
        self.argument = argument


class NotConfigured(ProviderError):
    """This server has no credential for the source."""

    code = "SOURCE_NOT_CONFIGURED"


class Unauthenticated(ProviderError):
    """The source does not accept the operator's credential."""

    code = "UPSTREAM_UNAUTHENTICATED"


class CallerUnauthenticated(Unauthenticated):
    """The caller's own credential or API key is missing, incomplete or not accepted."""

    code = "UNAUTHENTICATED"


class Forbidden(ProviderError):
    """The caller is known and has no permission for this."""

    code = "FORBIDDEN"


class Missing(ProviderError):
    """The source responded, and there is nothing to show."""


class NotFound(Missing):
    """No account, title or other object has this name or id."""

    code = "NOT_FOUND"


class Private(Missing):
    """Its owner does not show it to this viewer."""

    code = "PRIVATE"


class NotEnrolled(Missing):
    """The account is not a member of the programme."""

    code = "NOT_ENROLLED"


class SourceRetired(Missing):
    """The source has ended the programme."""

    code = "SOURCE_RETIRED"


class UpstreamFailed(ProviderError):
    """The source did not respond as it should; a stale value may be served instead."""


class Unavailable(UpstreamFailed):
    """The source cannot be reached, breaks the connection, or fails."""

    code = "UPSTREAM_UNAVAILABLE"


class TimedOut(UpstreamFailed):
    """There was no response before the deadline."""

    code = "UPSTREAM_TIMEOUT"


class RateLimited(UpstreamFailed):
    """The source asks to wait, or a rate limit or quota of this server is used up."""

    code = "UPSTREAM_RATE_LIMITED"


class BadResponse(UpstreamFailed):
    """The response is not what the source's API documents."""

    code = "UPSTREAM_BAD_RESPONSE"


class OutcomeUnknown(ProviderError):
    """A write was sent and not confirmed: its state must be checked before it is repeated."""

    code = "OUTCOME_UNKNOWN"


class TooCostly(ProviderError):
    """The operation exceeds a limit; `estimate` and `limit` are set if it is a number."""

    code = "OPERATION_TOO_COSTLY"
    estimate: int | None = None
    limit: int | None = None


class IdempotencyConflict(ProviderError):
    """The idempotency key was used before with another input."""

    code = "IDEMPOTENCY_CONFLICT"
