"""Opaque ids and cursors: compact, canonical, and refused when anything about them is wrong."""

import base64
import binascii
import json
from typing import Any, TypeVar, cast

import msgspec

from providers.errors import BadInput
from providers.registry import Source

DecodedParts = tuple[Any, ...]
T = TypeVar("T")

MAX_ENCODED_LENGTH = (
    4000  # characters; what a cursor carries stands again in each one given after it
)
CHECKSUM_BYTES = 3  # bytes in front, by which a text that was changed on its way is known


def encode(*parts: object) -> str:
    """Parts as one opaque text, safe in addresses."""
    text = json.dumps(parts, ensure_ascii=False, separators=(",", ":")).encode()
    checksum = (binascii.crc32(text) & 0xFFFFFF).to_bytes(CHECKSUM_BYTES)
    return base64.urlsafe_b64encode(checksum + text).rstrip(b"=").decode()


def decode(text: str, argument: str) -> DecodedParts:
    """The parts again; only exactly what `packed` gives is accepted."""
    if len(text) > MAX_ENCODED_LENGTH:
        raise invalid_id(argument)
    try:
        padded = text + "=" * (-len(text) % 4)
        payload = base64.b64decode(padded, altchars=b"-_", validate=True)[CHECKSUM_BYTES:]
        parts: Any = json.loads(payload, parse_constant=_parse_number)
        if isinstance(parts, list) and encode(*cast("list[Any]", parts)) == text:
            return tuple(cast("list[Any]", parts))
    except (ValueError, binascii.Error, RecursionError):
        pass
    raise invalid_id(argument)


def decode_cursor(after: str | None, list_name: str, position_type: type[T]) -> T | None:
    """The place that a cursor of the named list stands for; None without a cursor."""
    if after is None:
        return None
    parts = decode(after, "after")
    if not parts or parts[0] != list_name:
        raise BadInput("after: a cursor of another list.", argument="after")
    try:
        return msgspec.convert(parts[1:], position_type)
    except msgspec.ValidationError:
        raise invalid_id("after") from None


def parse_source(name: object, argument: str) -> Source:
    """The source of that name in an id."""
    if isinstance(name, str) and name in Source.__members__:
        return Source[name]
    raise invalid_id(argument)


def invalid_id(argument: str) -> BadInput:
    """The error of an id or a cursor that came from elsewhere."""
    return BadInput(f"{argument}: not one that this server gave.", argument=argument)


def _parse_number(text: str) -> float:
    if text == "NaN":  # neither before nor after any other
        raise ValueError(text)
    return float(text)
