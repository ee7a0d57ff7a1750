"""JSON encoding of a response, bounded while it is encoded."""

from collections.abc import Iterable, Iterator
from typing import Any, cast

import msgspec

from providers.errors import TooCostly
from server.response_parts import Part, join_small

MAX_RESPONSE_BYTES = 8 * 1024 * 1024
# Deep enough to reach the entries of a list, so that no piece is much of a large response.
PIECE_DEPTH = 6


def encode_response(payload: Any) -> bytes:
    """Encode a response; raise `TooCostly` as soon as it is larger than 8 MiB.

    Equal fields share one value in memory, so a small result can be a large response. Items that
    are encoded already are `msgspec.Raw`.
    """
    return b"".join(_check_size(_encode_pieces(payload, PIECE_DEPTH)))


def encode_members(payload: dict[str, Any]) -> tuple[Part, ...]:
    """Encode the members of a response likewise, without its end, so that others can follow."""
    return join_small(_check_size(_encode_beginning(payload, PIECE_DEPTH - 1)))


def _check_size(pieces: Iterable[Part]) -> Iterator[Part]:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > MAX_RESPONSE_BYTES:
            raise _make_too_large()
        yield piece


def _encode_pieces(value: Any, depth: int) -> Iterator[Part]:
    if isinstance(value, msgspec.Raw):
        yield memoryview(value)
    elif depth and isinstance(value, dict):
        yield from _encode_members(cast("dict[str, Any]", value), depth - 1)
    elif depth and isinstance(value, list):
        yield from _encode_items(cast("list[Any]", value), depth - 1)
    else:
        yield msgspec.json.encode(value)


def _encode_members(value: dict[str, Any], depth: int) -> Iterator[Part]:
    yield from _encode_beginning(value, depth)
    yield b"}" if value else b"{}"


def _encode_beginning(value: dict[str, Any], depth: int) -> Iterator[Part]:
    before = b"{"
    for name, member in value.items():
        yield before + msgspec.json.encode(name) + b":"
        yield from _encode_pieces(member, depth)
        before = b","


def _encode_items(value: list[Any], depth: int) -> Iterator[Part]:
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
