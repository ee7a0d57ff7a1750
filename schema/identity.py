"""Opaque ids and cursors: compact, canonical, and refused when anything about them is wrong."""

import base64
import binascii
import json
from typing import Any, cast

from providers.errors import BadInput
from providers.registry import Source

Parts = tuple[Any, ...]

CHECK = 3  # bytes in front, by which a text that was changed on its way is known


def packed(*parts: object) -> str:
    """Parts as one opaque text, safe in addresses."""
    text = json.dumps(parts, ensure_ascii=False, separators=(",", ":")).encode()
    check = (binascii.crc32(text) & 0xFFFFFF).to_bytes(CHECK)
    return base64.urlsafe_b64encode(check + text).rstrip(b"=").decode()


def unpacked(text: str, argument: str) -> Parts:
    """The parts again; only exactly what `packed` gives is accepted."""
    try:
        padded = text + "=" * (-len(text) % 4)
        parts: Any = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True)[CHECK:])
        if isinstance(parts, list) and packed(*cast("list[Any]", parts)) == text:
            return tuple(cast("list[Any]", parts))
    except (ValueError, binascii.Error, RecursionError):
        pass
    raise BadInput(f"{argument}: not one that this server gave.", argument=argument)


def unpacked_as(text: str, shape: tuple[type, ...], argument: str) -> Parts:
    """The parts of a cursor, if their types are the expected ones."""
    parts = unpacked(text, argument)
    fits = len(parts) == len(shape) and all(
        type(part) is kind or (kind is float and isinstance(part, int | float))
        for part, kind in zip(parts, shape, strict=True)
    )
    if not fits or any(part != part for part in parts):  # noqa: PLR0124 - NaN alone is not itself
        raise BadInput(f"{argument}: not one that this server gave.", argument=argument)
    return parts


def placed(after: str | None, name: str, shape: tuple[type, ...]) -> Any:
    """The place that a cursor of the named list stands for; None without a cursor."""
    if after is None:
        return None
    parts = unpacked_as(after, (str, *shape), "after")
    if parts[0] != name:
        raise BadInput("after: a cursor of another list.", argument="after")
    return tuple(parts[1:])


def source_named(name: object, argument: str) -> Source:
    """The source of that name in an id."""
    if isinstance(name, str) and name in Source.__members__:
        return Source[name]
    raise BadInput(f"{argument}: not one that this server gave.", argument=argument)
