"""JSON encoding of a response, bounded while it is encoded."""

from collections.abc import Iterator
from typing import Any, cast

import msgspec

from providers.errors import TooCostly

MAX_RESPONSE_BYTES = 8 * 1024 * 1024
# Deep enough to reach the entries of a list, so that no piece is much of a large response.
PIECE_DEPTH = 6


def encode_response(payload: Any) -> bytes:
    """Encode a response; raise `TooCostly` as soon as it is larger than 8 MiB.

    Equal fields share one value in memory, so a small result can be a large response. Items that
    are encoded already are `msgspec.Raw`.
    """
    size = 0
    pieces: list[bytes | memoryview] = []
    for piece in _encode_pieces(payload, PIECE_DEPTH):
        size += len(piece)
        if size > MAX_RESPONSE_BYTES:
            raise _make_too_large()
        pieces.append(piece)
    return b"".join(pieces)


def _encode_pieces(value: Any, depth: int) -> Iterator[bytes | memoryview]:
    if isinstance(value, msgspec.Raw):
        yield memoryview(value)
    elif depth and isinstance(value, dict):
        yield from _encode_members(cast("dict[str, Any]", value), depth - 1)
    elif depth and isinstance(value, list):
        yield from _encode_items(cast("list[Any]", value), depth - 1)
    else:
        yield msgspec.json.encode(value)


def _encode_members(value: dict[str, Any], depth: int) -> Iterator[bytes | memoryview]:
    before = b"{"
    for name, member in value.items():
        yield before + msgspec.json.encode(name) + b":"
        yield from _encode_pieces(member, depth)
        before = b","
    yield b"}" if value else b"{}"


def _encode_items(value: list[Any], depth: int) -> Iterator[bytes | memoryview]:
    before = b"["
    for item in value:
        yield before
        yield from _encode_pieces(item, depth)
        before = b","
    yield b"]" if value else b"[]"


def _make_too_large() -> TooCostly:
    error = TooCostly(f"The response is larger than {MAX_RESPONSE_BYTES:,} bytes.")
    error.limit = MAX_RESPONSE_BYTES
    return error
