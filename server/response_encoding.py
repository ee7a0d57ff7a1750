"""JSON encoding of a response, bounded while it is encoded."""

from typing import Any, cast

import msgspec

from providers.errors import TooCostly
from server.response_parts import Part, join_small

MAX_RESPONSE_BYTES = 8 * 1024 * 1024
# Deep enough to reach the entries of a list, so that no piece is much of a large response.
PIECE_DEPTH = 6
MAX_PIECES = 1_000  # before they are joined: a small one takes more memory than it has bytes


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
        self._pieces: list[Part] = []  # which are not parts yet
        self._bytes_left = MAX_RESPONSE_BYTES

    def join(self) -> tuple[Part, ...]:
        """Return the parts that the pieces are joined to."""
        return (*self._parts, *join_small(self._pieces))

    def add_value(self, value: Any, depth: int) -> None:
        """Add a value, in several pieces for each of so many levels."""
        if isinstance(value, msgspec.Raw):
            self._add(memoryview(value))
        elif depth and isinstance(value, dict):
            self.add_members(cast("dict[str, Any]", value), depth - 1)
            self._add(b"}" if value else b"{}")
        elif depth and isinstance(value, list):
            self._add_items(cast("list[Any]", value), depth - 1)
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
        self._bytes_left -= len(piece)
        if self._bytes_left < 0:
            raise _make_too_large()
        self._pieces.append(piece)
        if len(self._pieces) == MAX_PIECES:
            self._parts += join_small(self._pieces)
            self._pieces = []


def _make_too_large() -> TooCostly:
    error = TooCostly(f"The response is larger than {MAX_RESPONSE_BYTES:,} bytes.")
    error.limit = MAX_RESPONSE_BYTES
    return error
