"""Formats errors for clients: a code and a safe message, without internal details."""

import logging
import traceback
from typing import Any

from graphql import GraphQLError, GraphQLSyntaxError

from providers.errors import BadInput, ProviderError, TooCostly

log = logging.getLogger("trophycase.errors")

MAX_MESSAGE_LENGTH = 300
PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
BAD_USER_INPUT = "BAD_USER_INPUT"
INTERNAL_SERVER_ERROR = "INTERNAL_SERVER_ERROR"


def format_error(error: GraphQLError, request_id: str) -> dict[str, Any]:
    """Format an error for the response; a bug is masked, and logged with its request id."""
    cause = get_original_error(error)
    formatted: dict[str, Any] = {"message": error.message[:MAX_MESSAGE_LENGTH]}
    extensions = dict(error.extensions or {})
    if isinstance(cause, ProviderError):
        formatted["message"] = cause.message[:MAX_MESSAGE_LENGTH]
        extensions = build_extensions(cause)
    elif cause is not None:
        log.error("unexpected %s (%s): %s", type(cause).__name__, request_id, _format_frames(cause))
        formatted["message"] = "Internal server error; it has been logged."
        extensions = {"code": INTERNAL_SERVER_ERROR, "requestId": request_id}
    if error.locations:
        formatted["locations"] = [location.formatted for location in error.locations]
    if error.path:
        formatted["path"] = error.path
    formatted["extensions"] = {"code": _get_code(error), **extensions}
    return formatted


def build_extensions(error: ProviderError) -> dict[str, Any]:
    """Build the extensions of an error: the code, and the details that are known."""
    extensions: dict[str, Any] = {
        "code": error.code,
        "source": error.source,
        "retryAfter": error.retry_after,
        "argument": error.argument if isinstance(error, BadInput) else None,
        "estimate": error.estimate if isinstance(error, TooCostly) else None,
        "limit": error.limit if isinstance(error, TooCostly) else None,
    }
    return {name: value for name, value in extensions.items() if value is not None}


def get_original_error(error: GraphQLError) -> Exception | None:
    """Return what a resolver raised; None for an error of the document itself."""
    cause: Exception | None = error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause


def _format_frames(cause: Exception) -> str:
    """Format the stack without messages and values, which can contain a secret."""
    frames = traceback.extract_tb(cause.__traceback__)[-6:]
    return " < ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in reversed(frames))


def _get_code(error: GraphQLError) -> str:
    if isinstance(error, GraphQLSyntaxError):
        return PARSE_FAILED
    return BAD_USER_INPUT if error.path else VALIDATION_FAILED
