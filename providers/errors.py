"""What can go wrong between a question and an upstream's answer, drawn once.

    ProviderError
    ├── BadInput            the caller's argument can never be right; nothing was asked
    ├── NotConfigured       this server has no credential for the source
    ├── Unauthenticated     the upstream does not accept the operator's credential
    │   └── CallerUnauthenticated  the caller's own credential or key is not accepted
    ├── Forbidden           the caller may not do this here
    ├── Missing             the upstream answered: not for you
    │   ├── NotFound          nobody and nothing of that name
    │   ├── Private           the owner shows it to nobody like you
    │   ├── NotEnrolled       the account never joined the programme
    │   └── Retired           the upstream has ended the programme
    ├── Failed              the upstream did not answer as it should
    │   ├── Unavailable       refused, broken or failing
    │   ├── TimedOut          not in time
    │   ├── RateLimited       asked to wait, or out of budget
    │   └── BadResponse       an answer that cannot be read
    ├── OutcomeUnknown      a write that may or may not have happened
    ├── TooCostly           more of something than one operation may take
    └── IdempotencyConflict the same key came with another input

Messages are written here and safe to show: no upstream text, no URL, no credential.
"""

from typing import ClassVar


class ProviderError(Exception):
    """The base: a code a client can act on, and the source it concerns."""

    code: ClassVar[str] = "INTERNAL_SERVER_ERROR"

    def __init__(
        self, message: str, *, source: str | None = None, retry_after: int | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.source = source
        self.retry_after = retry_after


class BadInput(ProviderError):
    """An argument that no upstream could answer."""

    code = "BAD_USER_INPUT"

    def __init__(self, message: str, *, argument: str, source: str | None = None) -> None:
        super().__init__(message, source=source)
        self.argument = argument


class NotConfigured(ProviderError):
    """The source has no settings on this server."""

    code = "SOURCE_NOT_CONFIGURED"


class Unauthenticated(ProviderError):
    """The operator's credential was refused; a caller's own is `CallerUnauthenticated`."""

    code = "UPSTREAM_UNAUTHENTICATED"


class CallerUnauthenticated(Unauthenticated):
    """The caller's own credential or key is missing, incomplete or refused."""

    code = "UNAUTHENTICATED"


class Forbidden(ProviderError):
    """The caller is known and may not do this."""

    code = "FORBIDDEN"


class Missing(ProviderError):
    """The upstream answered, and there is nothing to show."""


class NotFound(Missing):
    """Nobody, or nothing, of that name."""

    code = "NOT_FOUND"


class Private(Missing):
    """Hidden by its owner."""

    code = "PRIVATE"


class NotEnrolled(Missing):
    """The account is not a member of the programme."""

    code = "NOT_ENROLLED"


class SourceRetired(Missing):
    """The programme has ended."""

    code = "SOURCE_RETIRED"


class UpstreamFailed(ProviderError):
    """The upstream did not answer as it should; a stale answer may stand in."""


class Unavailable(UpstreamFailed):
    """No connection, or the upstream fails."""

    code = "UPSTREAM_UNAVAILABLE"


class TimedOut(UpstreamFailed):
    """No answer before the deadline."""

    code = "UPSTREAM_TIMEOUT"


class RateLimited(UpstreamFailed):
    """The upstream, or our own budget for it, says wait."""

    code = "UPSTREAM_RATE_LIMITED"


class BadResponse(UpstreamFailed):
    """An answer that is not what the upstream promises."""

    code = "UPSTREAM_BAD_RESPONSE"


class OutcomeUnknown(ProviderError):
    """A write was sent and its outcome is not known: look before repeating it."""

    code = "OUTCOME_UNKNOWN"


class TooCostly(ProviderError):
    """The operation would take more than it may: `estimate` against `limit`, where counted."""

    code = "OPERATION_TOO_COSTLY"
    estimate: int | None = None
    limit: int | None = None


class IdempotencyConflict(ProviderError):
    """An idempotency key was used before with another input."""

    code = "IDEMPOTENCY_CONFLICT"
