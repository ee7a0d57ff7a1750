"""Opaque ids and cursors: compact, with a checksum and one valid spelling each."""

import base64
import binascii
import json
from typing import Any, TypeVar, cast

import msgspec

from providers.errors import BadInput
from providers.registry import Source

_encode_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

DecodedParts = tuple[Any, ...]
T = TypeVar("T")

MAX_ENCODED_LENGTH = 4000  # characters; each later cursor of a list contains what this one does
CHECKSUM_BYTES = 3  # at the start, so that a changed text is recognized


def encode(*parts: object) -> str:
    """Encode parts as one opaque, URL-safe text."""
    text = _encode_json(parts).encode()
    return base64.urlsafe_b64encode(_compute_checksum(text) + text).rstrip(b"=").decode()


def decode(text: str, argument: str) -> DecodedParts:
    """Decode the parts; raise `BadInput` for a text that `encode` does not return."""
    if len(text) > MAX_ENCODED_LENGTH:
        raise invalid_id(argument)
    try:
        padded = text + "=" * (-len(text) % 4)
        checked = base64.b64decode(padded, altchars=b"-_", validate=True)
        payload = checked[CHECKSUM_BYTES:]
        # Compared first: to decode thousands of long texts that fail below takes a second.
        if checked[:CHECKSUM_BYTES] != _compute_checksum(payload):
            raise invalid_id(argument)
        parts: Any = json.loads(payload, parse_constant=_parse_number)
        if isinstance(parts, list) and encode(*cast("list[Any]", parts)) == text:
            return tuple(cast("list[Any]", parts))
    except (ValueError, binascii.Error, RecursionError):
        pass
    raise invalid_id(argument)


def decode_cursor(after: str | None, list_name: str, position_type: type[T]) -> T | None:
    """Decode the position in a cursor of the named list; None without a cursor."""
    if after is None:
        return None
    parts = decode(after, "after")
    if not parts or parts[0] != list_name:
        raise BadInput("after: must be a cursor of this list.", argument="after")
    try:
        return msgspec.convert(parts[1:], position_type)
    except msgspec.ValidationError:
        raise invalid_id("after") from None


def parse_source(name: object, argument: str) -> Source:
    """Return the source of a name in an id."""
    if isinstance(name, str) and name in Source.__members__:
        return Source[name]
    raise invalid_id(argument)


def invalid_id(argument: str) -> BadInput:
    """Return the error of an id or a cursor that this server has not issued."""
    return BadInput(f"{argument}: must be a value that this server issued.", argument=argument)


def _compute_checksum(content: bytes) -> bytes:
    return (binascii.crc32(content) & 0xFFFFFF).to_bytes(CHECKSUM_BYTES)


def _parse_number(text: str) -> float:
    if text == "NaN":  # cannot be compared with a position
        raise ValueError(text)
    return float(text)
