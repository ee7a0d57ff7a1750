"""Opaque ids and cursors: compact, canonical, and refused when anything about them is wrong."""

import base64
import binascii
import json
from typing import Any, TypeVar, cast

import msgspec

from providers.errors import BadInput
from providers.registry import Source

Parts = tuple[Any, ...]
T = TypeVar("T")

LONGEST = 4000  # characters; what a cursor carries stands again in each one given after it
CHECK = 3  # bytes in front, by which a text that was changed on its way is known


def packed(*parts: object) -> str:
    """Parts as one opaque text, safe in addresses."""
    text = json.dumps(parts, ensure_ascii=False, separators=(",", ":")).encode()
    check = (binascii.crc32(text) & 0xFFFFFF).to_bytes(CHECK)
    return base64.urlsafe_b64encode(check + text).rstrip(b"=").decode()


def unpacked(text: str, argument: str) -> Parts:
    """The parts again; only exactly what `packed` gives is accepted."""
    if len(text) > LONGEST:
        raise foreign(argument)
    try:
        padded = text + "=" * (-len(text) % 4)
        sent = base64.b64decode(padded, altchars=b"-_", validate=True)[CHECK:]
        parts: Any = json.loads(sent, parse_constant=_number)
        if isinstance(parts, list) and packed(*cast("list[Any]", parts)) == text:
            return tuple(cast("list[Any]", parts))
    except (ValueError, binascii.Error, RecursionError):
        pass
    raise foreign(argument)


def placed(after: str | None, name: str, kind: type[T]) -> T | None:
    """The place that a cursor of the named list stands for; None without a cursor."""
    if after is None:
        return None
    parts = unpacked(after, "after")
    if not parts or parts[0] != name:
        raise BadInput("after: a cursor of another list.", argument="after")
    try:
        return msgspec.convert(parts[1:], kind)
    except msgspec.ValidationError:
        raise foreign("after") from None


def source_named(name: object, argument: str) -> Source:
    """The source of that name in an id."""
    if isinstance(name, str) and name in Source.__members__:
        return Source[name]
    raise foreign(argument)


def foreign(argument: str) -> BadInput:
    """The error of an id or a cursor that came from elsewhere."""
    return BadInput(f"{argument}: not one that this server gave.", argument=argument)


def _number(text: str) -> float:
    if text == "NaN":  # neither before nor after any other
        raise ValueError(text)
    return float(text)
