"""Opaque ids and cursors: compact, canonical, and refused when anything about them is wrong."""

import base64
import binascii
import json
from typing import Any, cast

from providers.errors import BadInput
from providers.registry import Source

Parts = tuple[Any, ...]


def packed(*parts: object) -> str:
    """Parts as one opaque text, safe in addresses."""
    text = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def unpacked(text: str, argument: str) -> Parts:
    """The parts again; only exactly what `packed` gives is accepted."""
    try:
        padded = text + "=" * (-len(text) % 4)
        parts: Any = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
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


def source_named(name: object, argument: str) -> Source:
    """The source of that name in an id."""
    if isinstance(name, str) and name in Source.__members__:
        return Source[name]
    raise BadInput(f"{argument}: not one that this server gave.", argument=argument)
