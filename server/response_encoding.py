"""JSON encoding of a response, bounded while it is encoded."""

# pyright: reportUnknownArgumentType=false
# - the members of a JSON value have no type

from typing import Any

import msgspec

from providers.errors import TooCostly
from server.response_parts import JOINED_BYTES, MIN_PART_BYTES, Part

MAX_RESPONSE_BYTES = 8 * 1024 * 1024
# Deep enough to reach the entries of a list, so that no piece is much of a large response.
PIECE_DEPTH = 6


def encode_response(payload: Any) -> bytes:
    """Encode a response; raise `TooCostly` as soon as it is larger than 8 MiB.

    Equal fields share one value in memory, so a small result can be a large response. Items that
    are encoded already are `msgspec.Raw`.
    """
    pieces = Pieces()
    pieces.add_value(payload, PIECE_DEPTH)
    return b"".join(pieces.join())


def encode_members(payload: dict[str, Any]) -> tuple[Part, ...]:
    """Encode the members of a response likewise, without its end, so that others can follow."""
    pieces = Pieces()
    pieces.add_members(payload, PIECE_DEPTH - 1)
    return pieces.join()


class Pieces:
    """The encoded pieces of a response, of at most 8 MiB together."""

    def __init__(self) -> None:
        self._parts: list[Part] = []
        self._small = bytearray()  # the small pieces that are not a part yet
        self._bytes_left = MAX_RESPONSE_BYTES

    def join(self) -> tuple[Part, ...]:
        """Return the parts that the pieces are joined to."""
        self._end_part()
        return tuple(self._parts)

    def add_value(self, value: Any, depth: int) -> None:
        """Add a value, in several pieces for each of so many levels."""
        if depth and isinstance(value, dict):
            self.add_members(value, depth - 1)
            self._add(b"}" if value else b"{}")
        elif isinstance(value, msgspec.Raw):
            self._add(memoryview(value))
        elif depth and isinstance(value, list):
            self._add_items(value, depth - 1)
        else:
            self._add(msgspec.json.encode(value))

    def add_members(self, value: dict[str, Any], depth: int) -> None:
        """Add the members of an object, without its end."""
        before = b"{"
        for name, member in value.items():
            self._add(before + msgspec.json.encode(name) + b":")
            self.add_value(member, depth)
            before = b","

    def _add_items(self, value: list[Any], depth: int) -> None:
        before = b"["
        for item in value:
            self._add(before)
            self.add_value(item, depth)
            before = b","
        self._add(b"]" if value else b"[]")

    def _add(self, piece: Part) -> None:
        """Join a small piece to others; a large one is a part of its own, and not copied."""
        size = len(piece)
        self._bytes_left -= size
        if self._bytes_left < 0:
            raise _make_too_large()
        if size >= MIN_PART_BYTES:
            self._end_part()
            self._parts.append(piece)
            return
        self._small += piece
        if len(self._small) >= JOINED_BYTES:
            self._end_part()

    def _end_part(self) -> None:
        if self._small:
            self._parts.append(bytes(self._small))
            self._small.clear()


def _make_too_large() -> TooCostly:
    error = TooCostly(f"The response is larger than {MAX_RESPONSE_BYTES:,} bytes.")
    error.limit = MAX_RESPONSE_BYTES
    return error
