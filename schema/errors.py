"""What a client may read when things go wrong: a code, a safe message, and nothing else."""

import logging
import traceback
from typing import Any

from graphql import GraphQLError, GraphQLSyntaxError

from providers.errors import BadInput, ProviderError, TooCostly

log = logging.getLogger("trophycase.errors")

LONGEST_MESSAGE = 300
PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
BAD_USER_INPUT = "BAD_USER_INPUT"
INTERNAL = "INTERNAL_SERVER_ERROR"


def presented(error: GraphQLError, request_id: str) -> dict[str, Any]:
    """An error as it goes out. A bug is masked; its request id finds it in the log."""
    cause = original(error)
    shown: dict[str, Any] = {"message": error.message[:LONGEST_MESSAGE]}
    extensions = dict(error.extensions or {})
    if isinstance(cause, ProviderError):
        shown["message"] = cause.message[:LONGEST_MESSAGE]
        extensions = extensions_of(cause)
    elif cause is not None:
        log.error("unexpected %s (%s): %s", type(cause).__name__, request_id, _where(cause))
        shown["message"] = "Something went wrong here; it has been logged."
        extensions = {"code": INTERNAL, "requestId": request_id}
    if error.locations:
        shown["locations"] = [location.formatted for location in error.locations]
    if error.path:
        shown["path"] = error.path
    shown["extensions"] = {"code": _code(error), **extensions}
    return shown


def extensions_of(error: ProviderError) -> dict[str, Any]:
    """The code, and what is known besides."""
    known: dict[str, Any] = {
        "code": error.code,
        "source": error.source,
        "retryAfter": error.retry_after,
        "argument": error.argument if isinstance(error, BadInput) else None,
        "estimate": error.estimate if isinstance(error, TooCostly) else None,
        "limit": error.limit if isinstance(error, TooCostly) else None,
    }
    return {name: value for name, value in known.items() if value is not None}


def original(error: GraphQLError) -> Exception | None:
    """What was raised in a resolver; None for an error of the document itself."""
    cause: Exception | None = error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause


def _where(cause: Exception) -> str:
    """The frames it came through; no message and no values, which may hold a secret."""
    frames = traceback.extract_tb(cause.__traceback__)[-6:]
    return " < ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in reversed(frames))


def _code(error: GraphQLError) -> str:
    if isinstance(error, GraphQLSyntaxError):
        return PARSE_FAILED
    return BAD_USER_INPUT if error.path else VALIDATION_FAILED
