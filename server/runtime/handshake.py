"""Recognition of the one request that opens a WebSocket (RFC 6455, section 4.2.1)."""

import base64
import binascii
from collections.abc import Iterable

PATH = b"/graphql"
VERSION = b"13"
KEY_BYTES = 16
# What the parser of handshakes accepts of a line; a longer one is answered as HTTP.
MAX_LINE_BYTES = 8_000
MAX_HEADERS = 100
BODY_HEADERS = frozenset({b"content-length", b"transfer-encoding", b"expect"})


def is_websocket_handshake(
    method: bytes, url: bytes, version: str, headers: Iterable[tuple[bytes, bytes]]
) -> bool:
    """Return whether a request is a complete handshake at this server's path for WebSockets.

    It has no body, so that where it ends is certain. The header names are in lower case.
    """
    pairs = list(headers)
    values: dict[bytes, list[bytes]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value.strip(b" \t"))
    return (
        (method, url.partition(b"?")[0], version) == (b"GET", PATH, "1.1")
        and len(url) <= MAX_LINE_BYTES
        and _fits(pairs)
        and BODY_HEADERS.isdisjoint(values)
        and [each.lower() for each in values.get(b"upgrade", ())] == [b"websocket"]
        and b"upgrade" in _split(values.get(b"connection", []))
        and values.get(b"sec-websocket-version") == [VERSION]
        and _is_key(values.get(b"sec-websocket-key", []))
    )


def _fits(headers: list[tuple[bytes, bytes]]) -> bool:
    is_short = all(len(name) + len(value) <= MAX_LINE_BYTES for name, value in headers)
    return is_short and len(headers) <= MAX_HEADERS


def _split(values: list[bytes]) -> set[bytes]:
    return {each.strip(b" \t").lower() for value in values for each in value.split(b",")}


def _is_key(values: list[bytes]) -> bool:
    try:
        keys = [base64.b64decode(value, validate=True) for value in values]
    except binascii.Error:
        return False
    return len(keys) == 1 and len(keys[0]) == KEY_BYTES
