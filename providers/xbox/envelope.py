"""The envelope around the responses of OpenXBL: `{"content": ..., "code": 200}`, or none.

The content is an object, or a text that contains JSON; older responses are Xbox Live's own, without
an envelope. A failure can have the status 200: then `code` is the real status, or a text.
"""

from typing import Any

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from providers.kit.upstream.decode import build_unreadable_error
from providers.kit.upstream.text_encoding import to_utf8
from providers.xbox.errors import SUCCESS_STATUSES
from providers.xbox.identifiers import SOURCE

UNKNOWN_FAILURE = 0


class Envelope(Struct):
    """The members of an envelope, all of which a response without one may lack."""

    content: Raw | UnsetType = UNSET
    code: Any = None


def open_envelope(body: bytes) -> tuple[int, bytes]:
    """Return the status inside a response, and its content as JSON.

    The status is 200 if the response has none, and 0 for a failure without a number. Raise
    `BadResponse` for a response that is not JSON.
    """
    if body.lstrip().startswith(b"["):
        return SUCCESS_STATUSES.start, body
    try:
        envelope = msgspec.json.decode(body, type=Envelope)
        return _read_code(envelope.code), _read_content(envelope.content, body)
    except (msgspec.MsgspecError, UnicodeError, RecursionError, ValueError):
        raise build_unreadable_error(SOURCE) from None


def _read_code(code: Any) -> int:
    if code is None:
        return SUCCESS_STATUSES.start
    try:
        return msgspec.convert(code, int, strict=False)
    except msgspec.ValidationError:
        return UNKNOWN_FAILURE


def _read_content(content: Raw | UnsetType, body: bytes) -> bytes:
    if isinstance(content, UnsetType):
        return body
    inner = bytes(content)
    if not inner.startswith(b'"'):
        return inner
    return to_utf8(msgspec.json.decode(inner, type=str).encode())
