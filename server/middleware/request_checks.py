"""Checks of a request's size, URL and framing, made before anything else reads it.

They read the ASGI scope, never a URL built from it: a `Host` header can change what such a URL
means.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from starlette.types import Scope, Send

from providers.registry import CREDENTIAL_HEADERS
from server.graphql_request import NO_UPSTREAM_CALLS

# Requests to these need no protection by their host, origin or proxy: a probe, and what is signed.
EXEMPT_PATHS = frozenset({"/livez", "/readyz", "/webhooks/trophy-so"})
MAX_HEADERS = 100
MAX_HEADER_BYTES = 32 * 1024
MAX_BODY_BYTES = 1536 * 1024
MAX_URL_BYTES = 64 * 1024
MAX_DIGITS = 18
CONTROL_CHARACTER = re.compile(rb"[\x00-\x1f\x7f]")
HTTP_VERSIONS = frozenset({"1.0", "1.1"})
SINGLE_HEADERS = frozenset({b"authorization", *(name.encode() for name in CREDENTIAL_HEADERS)})
CHECKED_HEADERS = SINGLE_HEADERS | {
    b"host",
    b"content-length",
    b"content-encoding",
    b"transfer-encoding",
}

Headers = list[tuple[bytes, bytes]]
HeaderValues = Mapping[bytes, list[bytes]]
NO_VALUES: list[bytes] = []
CONNECTION_CLOSE = (b"connection", b"close")


@dataclass(frozen=True)
class Rejection:
    """A response sent in place of the application's.

    `setting` is the name of the setting that could let such a request in.
    """

    status: int
    message: str
    code: str = "BAD_USER_INPUT"
    headers: tuple[tuple[bytes, bytes], ...] = (CONNECTION_CLOSE,)
    setting: str = ""


URL_TOO_LONG = Rejection(414, "The URL must not be longer than 64 KiB.")
HEADERS_TOO_LARGE = Rejection(431, "The headers must not be larger than 32 KiB.")
BODY_TOO_LARGE = Rejection(413, "The body must not be larger than 1.5 MiB.")
ENCODING_UNSUPPORTED = Rejection(
    415,
    "Content-Encoding is not supported; send the body without it.",
    headers=(CONNECTION_CLOSE, (b"accept-encoding", b"identity")),  # RFC 9110, section 15.5.16
)
INTERNAL_ERROR = Rejection(
    500, "Internal server error; it has been logged.", "INTERNAL_SERVER_ERROR"
)


def build_rejection_body(rejection: Rejection, request_id: str) -> bytes:
    """Return the response body; that of an internal error has the request id for the log."""
    extensions: dict[str, Any] = {"code": rejection.code}
    if rejection is INTERNAL_ERROR:
        extensions["requestId"] = request_id
    error = {"message": rejection.message, "extensions": extensions}
    return json.dumps({"errors": [error], "extensions": {"upstream": NO_UPSTREAM_CALLS}}).encode()


def build_rejection_headers(rejection: Rejection, body: bytes) -> Headers:
    """Return the headers of the response with this body."""
    return [
        (b"content-type", b"application/json; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        *rejection.headers,
    ]


async def send_rejection(rejection: Rejection, request_id: str, scope: Scope, send: Send) -> None:
    """Send a rejection as the response to a request, or to the handshake of a WebSocket."""
    body = build_rejection_body(rejection, request_id)
    headers = build_rejection_headers(rejection, body)
    prefix = "websocket." if scope["type"] == "websocket" else ""
    start = {"type": f"{prefix}http.response.start", "status": rejection.status}
    await send({**start, "headers": headers})
    await send({"type": f"{prefix}http.response.body", "body": body})


def check_request(scope: Scope) -> Rejection | None:
    """Return the rejection of a request; None for one that passes every check."""
    headers: Headers = list(scope["headers"])
    if len(headers) > MAX_HEADERS:
        return Rejection(431, f"Send at most {MAX_HEADERS} headers.")
    if sum(map(len, chain.from_iterable(headers))) > MAX_HEADER_BYTES:
        return HEADERS_TOO_LARGE
    values = _group_checked(headers)
    return (
        _check_version(scope)
        or _check_url(scope)
        or _check_framing(scope, values)
        or _check_credentials(values)
        or _check_body(values)
    )


def _group_checked(headers: Headers) -> HeaderValues:
    values: dict[bytes, list[bytes]] = {}
    for given_name, value in headers:
        name = given_name.lower()
        if name in CHECKED_HEADERS:
            values.setdefault(name, []).append(value.strip(b" \t"))
    return values


def _check_version(scope: Scope) -> Rejection | None:
    if scope.get("http_version", "1.1") in HTTP_VERSIONS:
        return None
    return Rejection(505, "The HTTP version must be 1.0 or 1.1.")


def _check_credentials(headers: HeaderValues) -> Rejection | None:
    # A proxy that adds a credential must not be overruled by one that the client sent first.
    for name in SINGLE_HEADERS.intersection(headers):
        if len(headers[name]) > 1:
            return Rejection(400, f"Send exactly one {name.decode()} header.")
    return None


def _check_url(scope: Scope) -> Rejection | None:
    path = scope["path"].encode(errors="surrogatepass")
    raw: bytes = scope.get("raw_path") or path
    query: bytes = scope.get("query_string", b"")
    if len(raw) + len(query) > MAX_URL_BYTES:
        return URL_TOO_LONG
    if CONTROL_CHARACTER.search(b"".join((raw, path, query))):
        return Rejection(400, "The URL must not contain control characters.")
    return None


def _check_framing(scope: Scope, headers: HeaderValues) -> Rejection | None:
    lengths = headers.get(b"content-length", NO_VALUES)
    encodings = headers.get(b"transfer-encoding", NO_VALUES)
    # Request smuggling: a proxy and this server would find the end of the body differently.
    if lengths and encodings:
        return Rejection(400, "Send Content-Length or Transfer-Encoding, not both.")
    if encodings and (scope.get("http_version") == "1.0" or encodings != [b"chunked"]):
        return Rejection(400, "Transfer-Encoding must be chunked, in HTTP/1.1.")
    hosts = len(headers.get(b"host", NO_VALUES))
    # Some load balancers probe with HTTP/1.0, which does not require the header.
    if hosts > 1 or (hosts < 1 and scope.get("http_version") != "1.0"):
        return Rejection(400, "Send exactly one Host header.")
    if len(lengths) > 1 or not all(map(_is_number, lengths)):
        return Rejection(400, "Content-Length must be one number.")
    return None


def _check_body(headers: HeaderValues) -> Rejection | None:
    for length in headers.get(b"content-length", NO_VALUES):
        if int(length) > MAX_BODY_BYTES:
            return BODY_TOO_LARGE
    for encoding in headers.get(b"content-encoding", NO_VALUES):
        if encoding.lower() not in (b"", b"identity"):
            return ENCODING_UNSUPPORTED
    return None


def get_header_values(headers: Headers, header: bytes) -> list[bytes]:
    """Return the values of all headers of a name in lower case, without blanks around them."""
    return [value.strip(b" \t") for name, value in headers if name.lower() == header]


def _is_number(value: bytes) -> bool:
    return value.isdigit() and len(value) <= MAX_DIGITS
