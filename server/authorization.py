"""Whom a route lets in that is no operation of the graph."""

from collections.abc import Mapping

from providers.errors import CallerUnauthenticated
from server.authentication import Authenticator
from server.request_error import RequestRejected


def require_scope(authenticator: Authenticator, headers: Mapping[str, str], scope: str) -> None:
    """Let in who has a key of this scope, or anybody while there are no keys."""
    message = f"An API key with scope `{scope}` is needed."
    try:
        allowed = authenticator.check_scope(headers, scope)
    except CallerUnauthenticated:
        allowed = None
    if allowed is None:
        raise RequestRejected(401, message, "UNAUTHENTICATED")
    if not allowed:
        raise RequestRejected(403, message, "FORBIDDEN")
