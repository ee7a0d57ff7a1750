"""What a WebSocket's operations have in place of a request: the headers of a POST.

A browser cannot set headers of a WebSocket, so clients put what would be headers into the payload
of `connection_init`.
"""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from starlette.requests import Request
from starlette.types import Scope

from providers.errors import CallerUnauthenticated
from providers.registry import CREDENTIAL_HEADERS
from server.middleware.request_checks import CONTROL_CHARACTER

AUTHORIZATION = "authorization"
# All that a request's headers can change. Other members of a payload mean nothing here.
KNOWN_NAMES = frozenset({AUTHORIZATION, "accept-language", "cache-control", *CREDENTIAL_HEADERS})
MAX_VALUE_BYTES = 16 * 1024


def build_post_request(scope: Scope, payload: Mapping[str, Any] | None) -> Request:
    """Build the request that would have brought a socket's operations by POST.

    Its headers are those of the handshake, overruled by the members of the payload that have the
    same names in any case. Raise `CallerUnauthenticated` for a member that cannot be a header.
    """
    members = dict(_read_members(payload or {}))
    headers = [(name, value) for name, value in scope["headers"] if name not in members]
    post_scope = {
        **{name: value for name, value in scope.items() if name not in ("subprotocols", "type")},
        "type": "http",
        "method": "POST",
        "headers": [*headers, *members.items()],
    }
    return Request(post_scope)


def _read_members(payload: Mapping[str, Any]) -> Iterator[tuple[bytes, bytes]]:
    values: dict[str, Any] = {}
    for name, value in payload.items():
        header = name.lower()
        if header not in KNOWN_NAMES or value is None:
            continue
        if header in values:
            raise CallerUnauthenticated(f"The payload has {header} twice.")
        values[header] = value
    token = _read_router_token(payload)
    if token is not None:
        values.setdefault(AUTHORIZATION, token)
    for header, value in values.items():
        yield header.encode(), _encode_value(header, value)


def _read_router_token(payload: Mapping[str, Any]) -> Any:
    """Return the `Authorization` that Apollo Router forwards as `connectionParams.token`."""
    parameters = payload.get("connectionParams")
    if not isinstance(parameters, dict):
        return None
    token = cast("dict[str, Any]", parameters).get("token")
    if not isinstance(token, str) or " " in token.strip():
        return token
    return f"Bearer {token}"


def _encode_value(header: str, value: Any) -> bytes:
    encoded = value.strip(" \t").encode(errors="surrogatepass") if isinstance(value, str) else b"\n"
    if CONTROL_CHARACTER.search(encoded) or len(encoded) > MAX_VALUE_BYTES:
        raise CallerUnauthenticated(f"The payload's {header} cannot be a header's value.")
    return encoded
