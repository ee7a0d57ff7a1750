"""Rejection of a request before execution, and the HTTP status of each error."""

from typing import Any

from providers.errors import (
    BadInput,
    CallerUnauthenticated,
    Forbidden,
    Missing,
    NotConfigured,
    ProviderError,
    RateLimited,
    UpstreamFailed,
)
from schema.errors import build_extensions

UNAUTHORIZED, FORBIDDEN, BAD_GATEWAY = 401, 403, 502
# The first class that fits counts. All other errors are an upstream's.
STATUS_BY_ERROR: tuple[tuple[type[ProviderError], int], ...] = (
    (BadInput, 400),
    (CallerUnauthenticated, UNAUTHORIZED),
    (Forbidden, FORBIDDEN),
    (Missing, 404),
    (NotConfigured, 404),
    (RateLimited, 503),
    (UpstreamFailed, BAD_GATEWAY),
)


class RequestRejected(Exception):
    """A request of which nothing is executed, with the HTTP status of its response."""

    def __init__(
        self, status: int, message: str, code: str = "BAD_USER_INPUT", **extensions: Any
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.extensions = {"code": code, **extensions}
        self.headers = {"WWW-Authenticate": "Bearer"} if status == UNAUTHORIZED else {}

    @classmethod
    def from_error(
        cls, error: "RequestRejected | ProviderError", status: int | None = None
    ) -> "RequestRejected":
        """Return the rejection that shows an error, under its own HTTP status or under this one."""
        if isinstance(error, RequestRejected):
            return error
        status = get_error_status(error) if status is None else status
        return cls(status, error.message, **build_extensions(error))


def get_error_status(error: ProviderError) -> int:
    """Return the HTTP status of an error, for a response that is not a GraphQL result."""
    matches = (status for error_type, status in STATUS_BY_ERROR if isinstance(error, error_type))
    return next(matches, BAD_GATEWAY)
