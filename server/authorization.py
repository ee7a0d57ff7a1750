"""Authorization of the routes that execute no GraphQL operation."""

from collections.abc import Mapping

from providers.errors import CallerUnauthenticated
from server.authentication import Authenticator
from server.request_error import FORBIDDEN, UNAUTHORIZED, RequestRejected


def require_scope(authenticator: Authenticator, headers: Mapping[str, str], scope: str) -> None:
    """Reject a request without an API key of this scope; without API keys, accept every one."""
    message = f"An API key with scope `{scope}` is required: Authorization: Bearer KEY."
    try:
        is_allowed = authenticator.check_scope(headers, scope)
    except CallerUnauthenticated:
        is_allowed = None
    if is_allowed is None:
        raise RequestRejected(UNAUTHORIZED, message, "UNAUTHENTICATED")
    if not is_allowed:
        raise RequestRejected(FORBIDDEN, message, "FORBIDDEN")
