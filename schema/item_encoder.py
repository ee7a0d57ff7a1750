"""Encodes the items of lists as soon as they are complete.

The objects of a large response take more than twice as much memory as its bytes. Those of an item
that is encoded at once are gone before the next item is completed.
"""

from typing import Any

import msgspec

ITEMS_AT_ONCE = 100


class ItemEncoder:
    """Encodes the items of one response, up to `max_bytes` of them.

    What it leaves as it is, and the objects around the items, are encoded with the response.
    """

    def __init__(self, max_bytes: int) -> None:
        self._bytes_left = max_bytes
        self._encode_into = msgspec.json.Encoder().encode_into
        # What is encoded is copied from here, because msgspec's own results take half as much again
        # as they have bytes.
        self._buffer = bytearray()

    def encode(self, item: dict[str, Any] | list[Any]) -> Any:
        """Return an object, or a short list, encoded."""
        if self._bytes_left <= 0:
            return item
        try:
            self._encode_into(item, self._buffer)
        except Exception:  # noqa: BLE001 - raised again when the response is encoded
            return item
        self._bytes_left -= len(self._buffer)
        return item if self._bytes_left < 0 else msgspec.Raw(bytes(self._buffer))

    def encode_list(self, items: list[Any]) -> Any:
        """Return the whole list encoded."""
        if len(items) <= ITEMS_AT_ONCE:
            return self.encode(items)
        pieces: list[memoryview] = []
        for start in range(0, len(items), ITEMS_AT_ONCE):
            encoded = self.encode(items[start : start + ITEMS_AT_ONCE])
            if not isinstance(encoded, msgspec.Raw):
                return items
            pieces.append(memoryview(encoded)[1:-1])  # without its brackets
        return msgspec.Raw(b"".join((b"[", b",".join(pieces), b"]")))
