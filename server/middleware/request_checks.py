"""Requests that are refused unseen, for how they are framed and how large they are.

The scope is read as the server gives it, and never a URL made of it: a caller can write a `Host`
that changes what such a URL means.
"""

import json
from dataclasses import dataclass
from typing import Any

from starlette.types import Scope

from server.graphql_request import NOTHING_ASKED

MOST_HEADERS = 100
MOST_HEADER_BYTES = 32 * 1024
LARGEST_BODY = 1536 * 1024
LONGEST_URL = 64 * 1024
LONGEST_NUMBER = 18
SPACE, DELETE = 0x20, 0x7F

Headers = list[tuple[bytes, bytes]]
CLOSE = (b"connection", b"close")


@dataclass(frozen=True)
class Refusal:
    """An answer given in place of the application's."""

    status: int
    message: str
    code: str = "BAD_USER_INPUT"
    headers: tuple[tuple[bytes, bytes], ...] = (CLOSE,)


URL_TOO_LONG = Refusal(414, "The URL is longer than 64 KiB.")
HEADERS_TOO_LARGE = Refusal(431, "The headers are larger than 32 KiB.")
BODY_TOO_LARGE = Refusal(413, "The body is larger than 1.5 MiB.")
FAILED = Refusal(500, "Something went wrong here; it has been logged.", "INTERNAL_SERVER_ERROR")


def told(refused: Refusal, request_id: str) -> bytes:
    """The body of the answer; a bug's request id finds it in the log."""
    extensions: dict[str, Any] = {"code": refused.code}
    if refused is FAILED:
        extensions["requestId"] = request_id
    error = {"message": refused.message, "extensions": extensions}
    return json.dumps({"errors": [error], "extensions": {"upstream": NOTHING_ASKED}}).encode()


def headers_of(refused: Refusal, body: bytes) -> Headers:
    """The headers of the answer with this body."""
    return [
        (b"content-type", b"application/json; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        *refused.headers,
    ]


def refusal(scope: Scope) -> Refusal | None:
    """Why a request is not even looked at; None for one that may go on."""
    headers: Headers = list(scope["headers"])
    if len(headers) > MOST_HEADERS:
        return Refusal(431, f"More than {MOST_HEADERS} headers.")
    if sum(len(name) + len(value) for name, value in headers) > MOST_HEADER_BYTES:
        return HEADERS_TOO_LARGE
    return _bad_address(scope) or _bad_framing(scope, headers) or _bad_body(headers)


def _bad_address(scope: Scope) -> Refusal | None:
    path = scope["path"].encode(errors="surrogatepass")
    raw: bytes = scope.get("raw_path") or path
    query: bytes = scope.get("query_string", b"")
    if len(raw) + len(query) > LONGEST_URL:
        return URL_TOO_LONG
    if any(byte < SPACE or byte == DELETE for part in (raw, path, query) for byte in part):
        return Refusal(400, "The URL has control characters in it.")
    return None


def _bad_framing(scope: Scope, headers: Headers) -> Refusal | None:
    lengths = _values(headers, b"content-length")
    # Two parsers that take the end of the body from different headers see different requests.
    if lengths and _values(headers, b"transfer-encoding"):
        return Refusal(400, "Content-Length and Transfer-Encoding exclude each other.")
    hosts = len(_values(headers, b"host"))
    # Some balancers' probes still speak HTTP/1.0, in which there need be none.
    if hosts > 1 or (hosts < 1 and scope.get("http_version") != "1.0"):
        return Refusal(400, "Exactly one Host header is needed.")
    if len(lengths) > 1 or any(not _is_number(length) for length in lengths):
        return Refusal(400, "Content-Length has to be one number.")
    return None


def _bad_body(headers: Headers) -> Refusal | None:
    if any(int(length) > LARGEST_BODY for length in _values(headers, b"content-length")):
        return BODY_TOO_LARGE
    encodings = _values(headers, b"content-encoding")
    if any(each.lower() not in (b"", b"identity") for each in encodings):
        return Refusal(415, "The body has to be sent without Content-Encoding.")
    return None


def _values(headers: Headers, wanted: bytes) -> list[bytes]:
    return [value.strip(b" \t") for name, value in headers if name.lower() == wanted]


def _is_number(value: bytes) -> bool:
    return value.isdigit() and len(value) <= LONGEST_NUMBER
